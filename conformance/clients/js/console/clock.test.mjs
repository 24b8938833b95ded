// Tests of the console's clock.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connected, newClient, next } from "../client.mjs";
import { closeBrowser, expectText, open, start } from "./console.mjs";

after(closeBrowser);

const hour = 3_600_000;

test("the clock is frozen, scaled, advanced and resumed, and shows how far ahead it is", async (t) => {
  const { url, admin } = await start(t);
  const page = await open(t, url, "#/clock");
  const ahead = page.locator("[data-ahead]");
  await expectText(ahead, "not ahead");
  await page.getByRole("button", { name: "Freeze" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  assert.equal((await admin("GET", "clock")).frozen, true);
  await page.getByRole("button", { name: "+ 1 day" }).click();
  await page.getByRole("button", { name: "+ 1 h" }).click();
  await page.getByLabel("Duration").fill("90m");
  await page.getByRole("button", { name: "Advance by" }).click();
  await expectText(ahead, "1 d 2 h ahead");
  const { now } = await admin("GET", "clock");
  const to = new Date(Date.parse(now) + 48 * hour).toISOString().slice(0, 19);
  await page.getByLabel("Time (UTC)").fill(to);
  await page.getByRole("button", { name: "Advance to" }).click();
  await expectText(page.locator("[data-service]"), to.replace("T", " "));
  assert.equal(Date.parse((await admin("GET", "clock")).now), Date.parse(to + "Z"));
  await page.getByRole("button", { name: "× 3600" }).click();
  await page.getByRole("button", { name: "× 3600", pressed: true }).waitFor();
  await page.getByLabel("Other scale").fill("2.5");
  await page.getByRole("button", { name: "Set the scale" }).click();
  await page.getByRole("main").getByText("× 2.5", { exact: true }).waitFor();
  assert.equal((await admin("GET", "clock")).scale, 2.5);
});

test("a clock that is frozen falls behind the machine's", async (t) => {
  const { url, admin } = await start(t);
  await admin("POST", "clock", { freeze: true });
  const page = await open(t, url, "#/clock");
  await expectText(page.locator("[data-ahead]"), /^\d+ s behind$/);
  await expectText(page.locator("header .clock"), /\d s behind$/);
});

test("the emulator's errors and warnings are shown", async (t) => {
  const { url, admin } = await start(t);
  const page = await open(t, url, "#/clock");
  await page.getByLabel("Duration").fill("soon");
  await page.getByRole("button", { name: "Advance by" }).click();
  await expectText(page.getByRole("status"), "advance must be a duration such as 61m");
  await page.getByLabel("Time (UTC)").fill("2001-01-01T00:00:00");
  await page.getByRole("button", { name: "Advance to" }).click();
  await expectText(page.getByRole("status"), "the clock cannot go back");
  await admin("POST", "clock", { advance: "2000h" });
  await page.getByText(/Warning: the clock is \d+\.\d days ahead/).waitFor();
});

test("the clock of one account is moved alone", async (t) => {
  const { url, admin } = await start(t);
  const page = await open(t, url, "#/clock?account=123456789012");
  await page.getByRole("heading", { name: "Account 123456789012" }).waitFor();
  await page.getByRole("button", { name: "+ 1 h" }).click();
  const row = page.getByRole("row", { name: /123456789012/ });
  await expectText(row, /59 min|1 h/);
  const { ahead, accounts } = await admin("GET", "clock");
  assert.deepEqual([ahead, accounts.map(({ account }) => account)], ["0s", ["123456789012"]]);
});

test("a chat client is disconnected when the clock is advanced to the next session end", async (t) => {
  const { url, call } = await start(t);
  const page = await open(t, url, "#/clock");
  await page.getByRole("button", { name: "To the next session end" }).click();
  await expectText(page.getByRole("status"), "There is no open session.");
  const { arn } = await call("CreateRoom", {});
  // The official client connects again with a new token.
  const connect = (userId, sessionDurationInMinutes) => connected(newClient(t, url, async () => {
    const { token } = await call("CreateChatToken", { roomIdentifier: arn, userId, sessionDurationInMinutes });
    return { token };
  }));
  const ben = await connect("ben", 90);
  const anna = await connect("anna", 70); // its token expires before, after 60 minutes
  await expectText(page.getByRole("row", { name: /A session ends: ben/ }), /1 h (29|30) min/);
  const ended = next(anna, "connecting");
  await page.getByRole("button", { name: "To the next session end" }).click();
  await ended;
  assert.equal(ben.state, "connected");
  const last = next(ben, "connecting");
  await page.getByRole("button", { name: "Advance to it: A session ends ben" }).click();
  await last;
});

test("a chat token cannot be used any more when the clock is advanced to its expiry", async (t) => {
  const { url, call, admin } = await start(t);
  const page = await open(t, url, "#/clock?kind=tokenExpiration");
  const { arn } = await call("CreateRoom", {});
  const { token } = await call("CreateChatToken", { roomIdentifier: arn, userId: "anna" });
  await admin("POST", "clock", { freeze: true });
  const row = page.getByRole("row", { name: /A chat token expires: anna/ });
  await row.waitFor();
  await page.getByRole("button", { name: "To the next token expiry" }).click();
  await row.waitFor({ state: "detached" });
  const socket = new WebSocket(url.replace("http", "ws"), token);
  const opened = await new Promise((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  assert.equal(opened, false);
  await page.getByRole("button", { name: "To the next token expiry" }).click();
  await expectText(page.getByRole("status"), "There is no chat token that will expire.");
});
