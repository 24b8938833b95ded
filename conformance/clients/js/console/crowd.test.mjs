// Tests of many people in a room of the console.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, expectText, open, startRoom } from "./console.mjs";

after(closeBrowser);

test("a crowd chats, at the rate that the room allows, and faster on request", async (t) => {
  const { url, at, arn, admin } = await startRoom(t, { maximumMessageRatePerSecond: 5 });
  const page = await open(t, url, at());
  const card = page.getByRole("region", { name: "A crowd" });
  await card.getByLabel("People").fill("12");
  await card.getByLabel("Messages per second").fill("100");
  await card.getByRole("button", { name: "Start the crowd" }).click();
  assert.equal(await card.getByText("connected").count(), 0, "it started, faster than the room allows");
  await card.getByLabel("Messages per second").fill("5");
  await card.getByRole("button", { name: "Start the crowd" }).click();
  await expectText(card, /12 of 12 connected.*[1-9] messages? accepted, 0 refused/s);
  await page.getByRole("log").locator(".chat.message").first().waitFor();
  await card.getByRole("button", { name: "Stop the crowd" }).click();
  await expectText(card, "0 of 12 connected");
  await card.getByLabel(/Also more than the 5/).check();
  await card.getByLabel("Messages per second").fill("100");
  await card.getByRole("button", { name: "Start the crowd" }).click();
  await expectText(card, /[1-9]\d* messages? accepted, [1-9]\d* refused/);
  await expectText(card.getByRole("alert"), "ERROR 429: rate limit exceeded");
  await card.getByRole("button", { name: "Stop the crowd" }).click();
  const users = async () => (await admin("GET", `rooms/${encodeURIComponent(arn)}`)).sessionCount;
  while ((await users()) > 0) await page.waitForTimeout(20);
});

test("a crowd stops when all of its sessions have ended", async (t) => {
  const { url, at, admin } = await startRoom(t, {});
  const page = await open(t, url, at());
  const card = page.getByRole("region", { name: "A crowd" });
  await card.getByLabel("People").fill("2");
  await card.getByRole("button", { name: "Start the crowd" }).click();
  await expectText(card, "2 of 2 connected");
  await admin("POST", "clock", { advance: "61m" });
  await expectText(card, "0 of 2 connected");
  await card.getByRole("button", { name: "Start the crowd" }).waitFor();
});

test("of many people, only some are listed, and all are counted", async (t) => {
  const { url, at, arn, call } = await startRoom(t, {});
  const sockets = await Promise.all(Array.from({ length: 210 }, async (_, n) => {
    const { token } = await call("CreateChatToken", { roomIdentifier: arn, userId: `user-${n}` });
    const socket = new WebSocket(url.replace("http", "ws"), token);
    t.after(() => socket.close());
    await new Promise((resolve) => (socket.onopen = resolve));
    return socket;
  }));
  const page = await open(t, url, at("?tab=people"));
  await page.getByText("210 open sessions, 200 shown").waitFor();
  assert.equal(await page.getByRole("region", { name: "Sessions" }).getByRole("row").count(), 201); // with the head
  await page.getByLabel("User ID").fill("user-209");
  await page.getByText("210 open sessions, 1 shown").waitFor();
  sockets.forEach((socket) => socket.close());
  await page.getByText("Nobody is connected with this user ID.").waitFor();
});
