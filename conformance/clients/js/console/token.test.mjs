// Tests of the console's panel for chat tokens.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import WebSocket from "ws";
import { closeBrowser, open, start } from "./console.mjs";

after(closeBrowser);

const inspected = (page) => page.getByRole("region", { name: "What a chat token says" });

// has waits until the token says something.
const has = (page, text) => inspected(page).getByRole("definition").filter({ hasText: text }).first().waitFor();

test("a token that is issued says what it is for, and becomes used", async (t) => {
  const { url, call } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby" });
  const page = await open(t, url, "#/token", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.evaluate(() => {
    // Everything that is announced, also what is shown for a moment only.
    globalThis.announced = [];
    addEventListener("announce", ({ detail }) => globalThis.announced.push(detail.text));
  });
  await page.getByRole("button", { name: "Issue" }).click();
  await page.getByText("The room must be an ARN, but is: nothing").waitFor();
  await page.getByLabel("Room").fill(arn);
  await page.getByLabel("User ID").fill("");
  await page.getByRole("button", { name: "Issue" }).click();
  await page.getByRole("alert").filter({ hasText: "ValidationException" }).waitFor();
  await page.getByLabel("User ID").fill("<b>ben</b>\u202e");
  await page.getByLabel("DELETE_MESSAGE").check();
  await page.getByLabel("Attributes").fill("colour=red");
  await page.getByLabel("Session duration").fill("90");
  await page.getByRole("button", { name: "Issue" }).click();
  await has(page, "<b>ben</b>\\u202e");
  await has(page, "SEND_MESSAGE, DELETE_MESSAGE");
  await has(page, "colour=red");
  await has(page, /in (1 h|59 min)/); // the token
  await has(page, /in 1 h (30|29) min/); // the session
  await inspected(page).getByText("valid It can open one connection.").waitFor();
  assert.equal(await inspected(page).getByRole("link").getAttribute("href"), `#/room/${encodeURIComponent(arn)}`);

  await page.getByRole("button", { name: "Copy: the chat token" }).click();
  await page.getByText("Copied the chat token.").waitFor();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  const socket = new WebSocket(url.replace("http", "ws"), token);
  t.after(() => socket.close());
  await new Promise((resolve) => (socket.onopen = resolve));
  await inspected(page).getByText("used It has opened a connection, and cannot open another.").waitFor();
  assert.ok(await page.getByRole("button", { name: "Speak with it" }).isDisabled());

  const kept = await page.evaluate(() => JSON.stringify([location.href, history.state, { ...localStorage },
    { ...sessionStorage }, document.cookie, globalThis.announced]));
  assert.match(kept, /Copied the chat token/);
  assert.ok(!kept.includes(token.slice(0, 20)), kept);
});

test("a token that is pasted can be expired, invalid, or in the reply of the AWS CLI", async (t) => {
  const { url, call, admin } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby" });
  const issued = await call("CreateChatToken", { roomIdentifier: arn, userId: "anna" });
  const page = await open(t, url, "#/token");
  const field = page.getByLabel("Chat token", { exact: true });
  await field.fill(JSON.stringify(issued, null, 4));
  await has(page, "none: it can only receive");
  await admin("POST", "clock", { advance: "90m" });
  await inspected(page).getByText("expired It cannot open a connection any more.").waitFor();
  await has(page, /30 min.* ago|29 min.* ago/);
  await field.fill(`${issued.token.slice(0, 40)}\n${issued.token.slice(40)}  `);
  await has(page, "anna");
  await field.fill("x" + issued.token);
  await page.getByText("the chat token was not issued by this emulator, or it was changed").waitFor();
  assert.equal(await inspected(page).getByRole("definition").count(), 0);
});

test("somebody speaks in the room with a token", async (t) => {
  const { url, call, admin } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby" });
  const capabilities = ["SEND_MESSAGE"];
  const { token } = await call("CreateChatToken", { roomIdentifier: arn, userId: "anna", capabilities });
  const page = await open(t, url, "#/token");
  await page.getByLabel("Chat token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Speak with it" }).click();
  await page.waitForURL(/#\/room\//);
  assert.ok(!page.url().includes(token));
  await page.getByRole("heading", { name: "lobby" }).waitFor();
  const { sessions } = await admin("GET", `rooms/${encodeURIComponent(arn)}`);
  assert.deepEqual(sessions.map(({ userId }) => userId), ["anna"]);
  const calls = await admin("GET", "calls?operation=CreateChatToken");
  assert.equal(calls.items.length, 1); // it was not another token
  await page.goBack();
  assert.equal(await page.getByLabel("Chat token", { exact: true }).inputValue(), "");
});
