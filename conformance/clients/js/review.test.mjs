// Tests of message reviews with the official chat client for JavaScript. $PROGRAM is the emulator's program,
// and $HANDLER a message review handler in Node.js.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SendMessageRequest } from "amazon-ivs-chat-messaging";
import { call, connected, newClient, next } from "./client.mjs";
import { start } from "./program.mjs";

const uri = "arn:aws:lambda:us-east-1:000000000000:function:review";

// chat starts the emulator with flags, and returns its URL and two clients in a room with a message review
// handler. Ben receives what Anna says.
async function chat(t, fallbackResult, ...flags) {
  const { url } = await start(t, "--review-handler", `*=command:node '${process.env.HANDLER}'`, ...flags);
  const room = await call(url, "CreateRoom", { messageReviewHandler: { uri, fallbackResult } });
  const connect = (userId) =>
    connected(newClient(t, url, () =>
      call(url, "CreateChatToken", { roomIdentifier: room.arn, userId, capabilities: ["SEND_MESSAGE"] })));
  return { url, anna: await connect("anna"), ben: await connect("ben") };
}

// send sends a message. It returns the promise of the client.
const send = (client, content, attributes) => client.sendMessage(new SendMessageRequest(content, attributes));

// A handler has all the time that it needs on a busy machine.
const patient = ["--review-timeout", "60s"];

// A function that answers too late.
async function answersTooLate(url) {
  const body = JSON.stringify({ allow: { content: "too late" }, delay: "10m" });
  const response = await fetch(`${url}/_ivschat/v1/reviews`, { method: "PUT", body });
  assert.ok(response.ok, await response.text());
}

test("a message that the handler allows is delivered", async (t) => {
  const { anna, ben } = await chat(t, "DENY", ...patient);
  const atBen = next(ben, "message");
  const sent = await send(anna, "hello", { mood: "fine" });
  for (const message of [sent, await atBen]) {
    assert.equal(message.id, sent.id);
    assert.equal(message.content, "hello");
    assert.deepEqual(message.attributes, { mood: "fine" });
  }
});

test("a message that the handler changes is delivered to everyone as changed", async (t) => {
  const { anna, ben } = await chat(t, "DENY", ...patient);
  const atBen = next(ben, "message");
  assert.equal((await send(anna, "what the heck")).content, "what the h***");
  assert.equal((await atBen).content, "what the h***");
});

test("a message that the handler denies is rejected with its reason, and nobody receives it", async (t) => {
  const { anna, ben } = await chat(t, "ALLOW", ...patient);
  const atBen = next(ben, "message");
  await assert.rejects(send(anna, "darn"), { errorCode: 406, errorMessage: /Please do not swear\.$/ });
  await send(anna, "sorry");
  assert.equal((await atBen).content, "sorry");
  assert.equal(anna.state, "connected");
});

test("a message without a review in time is delivered unchanged with the fallback result ALLOW", async (t) => {
  const { url, anna, ben } = await chat(t, "ALLOW");
  await answersTooLate(url);
  const atBen = next(ben, "message");
  assert.equal((await send(anna, "darn")).content, "darn");
  assert.equal((await atBen).content, "darn");
});

test("a message without a review in time is rejected with the fallback result DENY", async (t) => {
  const { url, anna } = await chat(t, "DENY");
  await answersTooLate(url);
  await assert.rejects(send(anna, "hello"), { errorCode: 406, errorMessage: /fallbackResult of the room is DENY/ });
  assert.equal(anna.state, "connected");
});
