// Tests of a room in the console.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DeleteMessageRequest, SendMessageRequest } from "amazon-ivs-chat-messaging";
import { connected, newClient, next } from "../client.mjs";
import { closeBrowser, expectText, open, start } from "./console.mjs";

after(closeBrowser);

const capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];

// startRoom starts the emulator with flags and creates a room. Its join returns an official chat client in it.
async function startRoom(t, room, ...flags) {
  const program = await start(t, ...flags);
  const { arn } = await program.call("CreateRoom", room);
  const join = (userId, attributes) => connected(newClient(t, program.url, () =>
    program.call("CreateChatToken", { roomIdentifier: arn, userId, attributes, capabilities })));
  const at = (parameters = "") => `#/room/${encodeURIComponent(arn)}${parameters}`;
  return { ...program, arn, join, at };
}

// rowOf returns the row of the chat that has a text.
const rowOf = (page, text) => page.getByRole("log").locator(".chat").filter({ hasText: text });

// connect lets somebody take part from a page.
async function connect(page, userId, ...may) {
  const card = page.getByRole("region", { name: "People in this page" });
  await card.getByLabel("User ID").fill(userId);
  for (const capability of may) await card.getByLabel(capability).check();
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await expectText(card.getByRole("listitem").filter({ hasText: userId }), "connected");
}

// say sends a message of the person who is chosen.
async function say(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

test("two pages and a page of the official client chat with each other", async (t) => {
  const { url, at, join } = await startRoom(t, { name: "lobby" });
  const [first, second] = [await open(t, url, at()), await open(t, url, at())];
  const cleo = await join("cleo", { level: "7" });
  await connect(first, "anna");
  await connect(second, "ben");
  const received = next(cleo, "message");
  await say(first, "hello from anna");
  assert.equal((await received).content, "hello from anna");
  await say(second, "hello from ben");
  await cleo.sendMessage(new SendMessageRequest("hello from cleo", { mood: "fine" }));
  for (const page of [first, second]) {
    await rowOf(page, "hello from anna").waitFor();
    await rowOf(page, "hello from ben").waitFor();
    await rowOf(page, /cleo.*level=7.*hello from cleo.*mood=fine/).waitFor();
  }
});
