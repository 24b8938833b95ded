// The official chat client for JavaScript, unmodified, against the emulator at
// $URL and against another one at $SHORT_URL, whose sessions last two seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { once } from "node:events";
import WebSocket from "ws";
import { ChatRoom, SendMessageRequest, DeleteMessageRequest, DisconnectUserRequest } from "amazon-ivs-chat-messaging";

globalThis.WebSocket ??= WebSocket; // Node.js has one of its own from version 22 on
const quiet = { debug() {}, info() {}, error() {} };
const url = process.env.URL;

async function call(operation, input, base = url) {
  const response = await fetch(`${base}/${operation}`, { method: "POST", body: JSON.stringify(input) });
  const output = await response.json();
  assert.equal(response.status, 200, JSON.stringify(output));
  return output;
}

const everything = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];

// connect gives a client in the room and the tokens that it asked for.
async function connect(t, room, userId, capabilities = everything, change = (token) => token, base = url) {
  const tokens = [];
  const chat = new ChatRoom({
    regionOrUrl: base.replace("http", "ws"),
    tokenProvider: async () => {
      const token = change(
        await call("CreateChatToken", { roomIdentifier: room.arn, userId, capabilities, attributes: { name: userId.toUpperCase() } }, base),
        tokens.length,
      );
      tokens.push(token);
      return token;
    },
  });
  chat.logger = quiet;
  t.after(() => chat.disconnect());
  const connected = next(chat, "connect");
  chat.connect();
  await connected;
  return Object.assign(chat, { tokens });
}

const next = (chat, name) => new Promise((resolve) => { const remove = chat.addListener(name, (value) => { remove(); resolve(value); }); });

test("everyone receives a message, the sender too", async (t) => {
  const room = await call("CreateRoom", {});
  const [anna, ben] = [await connect(t, room, "anna"), await connect(t, room, "ben", [])];
  const [atAnna, atBen] = [next(anna, "message"), next(ben, "message")];
  const sent = await anna.sendMessage(new SendMessageRequest("héllo 🙂", { mood: "fine" }));
  for (const message of [sent, await atAnna, await atBen]) {
    assert.equal(message.id, sent.id);
    assert.equal(message.content, "héllo 🙂");
    assert.deepEqual(message.attributes, { mood: "fine" });
    assert.deepEqual(message.sender, { userId: "anna", attributes: { name: "ANNA" } });
    assert.ok(Math.abs(message.sendTime - Date.now()) < 60_000);
  }
});

test("a message is deleted", async (t) => {
  const room = await call("CreateRoom", {});
  const [anna, ben] = [await connect(t, room, "anna"), await connect(t, room, "ben")];
  const message = await anna.sendMessage(new SendMessageRequest("oops"));
  const seen = next(ben, "messageDelete");
  const deleted = await anna.deleteMessage(new DeleteMessageRequest(message.id, "a slip"));
  assert.equal(deleted.messageId, message.id);
  assert.equal(deleted.reason, "a slip");
  assert.equal((await seen).messageId, message.id);

  const seenAgain = next(ben, "messageDelete");
  await call("DeleteMessage", { roomIdentifier: room.arn, id: message.id });
  assert.equal((await seenAgain).messageId, message.id);
});

test("a user is disconnected for good, and everyone learns of it", async (t) => {
  const room = await call("CreateRoom", {});
  const anna = await connect(t, room, "anna");
  const bens = [await connect(t, room, "ben"), await connect(t, room, "ben")];
  const gone = bens.map((ben) => Promise.all([next(ben, "userDisconnect"), next(ben, "disconnect")]));
  const event = await anna.disconnectUser(new DisconnectUserRequest("ben", "enough"));
  assert.equal(event.userId, "ben");
  assert.equal(event.reason, "enough");
  for (const [told, reason] of await Promise.all(gone)) {
    assert.equal(told.userId, "ben");
    assert.equal(reason, "serverDisconnect");
  }
  assert.equal(anna.state, "connected");
  assert.equal(bens[0].tokens.length, 1, "it came back");
});

test("the control plane disconnects a user and sends events", async (t) => {
  const room = await call("CreateRoom", {});
  const anna = await connect(t, room, "anna");
  const event = next(anna, "event");
  const { id } = await call("SendEvent", { roomIdentifier: room.arn, eventName: "app:raffle", attributes: { winner: "anna" } });
  assert.deepEqual({ ...(await event), sendTime: 0 }, { id, eventName: "app:raffle", attributes: { winner: "anna" }, requestId: "", sendTime: 0 });
  const disconnected = next(anna, "disconnect");
  const response = await fetch(`${url}/DisconnectUser`, { method: "POST", body: JSON.stringify({ roomIdentifier: room.arn, userId: "anna" }) });
  assert.equal(response.status, 200);
  assert.equal(await disconnected, "serverDisconnect");
});

test("requests that fail reject with their code", async (t) => {
  const room = await call("CreateRoom", { maximumMessageLength: 3, maximumMessageRatePerSecond: 2 });
  const [anna, viewer] = [await connect(t, room, "anna"), await connect(t, room, "viewer", [])];
  await assert.rejects(viewer.sendMessage(new SendMessageRequest("hi")), { errorCode: 403 });
  await assert.rejects(viewer.deleteMessage(new DeleteMessageRequest("abcdefghijkl")), { errorCode: 403 });
  await assert.rejects(viewer.disconnectUser(new DisconnectUserRequest("anna")), { errorCode: 403 });
  await assert.rejects(anna.sendMessage(new SendMessageRequest("long")), { errorCode: 400, errorMessage: "Message exceeds maximum length" });
  await anna.sendMessage(new SendMessageRequest("🙂🙂🙂"));
  let limited = [];
  for (let i = 0; i < 5 && limited.length === 0; i++) { // a busy machine may take more than the second that a rate is of
    const results = await Promise.allSettled([1, 2, 3, 4].map((n) => anna.sendMessage(new SendMessageRequest(`${n}`))));
    limited = results.filter((r) => r.status === "rejected").map((r) => [r.reason.errorCode, r.reason.errorMessage]);
  }
  assert.ok(limited.length > 0, "nothing was too often");
  for (const one of limited) assert.deepEqual(one, [429, "rate limit exceeded"]);
  await fetch(`${url}/DeleteRoom`, { method: "POST", body: JSON.stringify({ identifier: room.arn }) });
  await assert.rejects(anna.sendMessage(new SendMessageRequest("hm")), { errorCode: 404 });
  assert.equal(anna.state, "connected");
});

test("a token is refreshed over a second socket", async (t) => {
  const room = await call("CreateRoom", {});
  // The client refreshes thirty seconds before the end of so short a token.
  const soon = new Date(Date.now() + 30_200);
  const anna = await connect(t, room, "anna", everything, (token, n) => (n === 0 ? { ...token, tokenExpirationTime: soon } : token));
  let disconnects = 0;
  anna.addListener("disconnect", () => disconnects++);
  // What is sent while the sockets change places may be lost by the client: it
  // closes the old one without waiting for answers.
  while (anna.tokens.length < 2 || anna.nextConnection !== null) await new Promise((resolve) => setTimeout(resolve, 20));
  const message = await anna.sendMessage(new SendMessageRequest("still here"));
  assert.equal(message.content, "still here");
  assert.equal(disconnects, 0);
});

test("a session that is over begins again with a fresh token", async (t) => {
  const room = await call("CreateRoom", {}, process.env.SHORT_URL);
  // Without the time of its end the client does not refresh ahead of it.
  const anna = await connect(t, room, "anna", everything, ({ token }) => ({ token }), process.env.SHORT_URL);
  await next(anna, "connecting");
  await next(anna, "connect");
  assert.ok(anna.tokens.length >= 2);
  let event;
  next(anna, "event").then((value) => (event = value));
  while (event === undefined) { // its new session is over soon, too, and may be so before the event
    await call("SendEvent", { roomIdentifier: room.arn, eventName: "app:back" }, process.env.SHORT_URL);
  }
  assert.equal(event.eventName, "app:back");
});

test("the client comes back after a reset and gives up after a clean close", async (t) => {
  const room = await call("CreateRoom", {});
  const anna = await connect(t, room, "anna", everything, ({ token }) => ({ token }));
  const fault = async (effect) => {
    const body = JSON.stringify({ operation: "SEND_MESSAGE", times: 1, room: room.arn, ...effect });
    assert.equal((await fetch(`${url}/_ivschat/v1/faults`, { method: "POST", body })).status, 201);
  };
  await fault({ reset: true });
  const back = next(anna, "connecting").then(() => next(anna, "connect"));
  anna.sendMessage(new SendMessageRequest("lost")).catch(() => {});
  await back;
  assert.equal(anna.tokens.length, 2);
  await fault({ error: 429, message: "rate limit exceeded" });
  await assert.rejects(anna.sendMessage(new SendMessageRequest("too much")), { errorCode: 429, errorMessage: "rate limit exceeded" });
  await fault({ close: 1000 });
  const gone = next(anna, "disconnect");
  anna.sendMessage(new SendMessageRequest("lost")).catch(() => {});
  assert.equal(await gone, "serverDisconnect");
  assert.equal(anna.tokens.length, 2);
});

test("a token opens one connection", async (t) => {
  const room = await call("CreateRoom", {});
  const { token } = await call("CreateChatToken", { roomIdentifier: room.arn, userId: "anna" });
  const first = new WebSocket(url.replace("http", "ws") + "/any/path", token, { origin: "https://example.com" });
  t.after(() => first.terminate());
  await once(first, "open");
  assert.equal(first.protocol, token);
  const second = new WebSocket(url.replace("http", "ws"), token);
  const [, response] = await once(second, "unexpected-response");
  assert.equal(response.statusCode, 401);
  response.destroy();
});
