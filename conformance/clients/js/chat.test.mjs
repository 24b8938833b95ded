// Tests with the unmodified official chat client for JavaScript, against an emulator at $URL.

import assert from "node:assert/strict";
import { test } from "node:test";
import { once } from "node:events";
import WebSocket from "ws";
import {
  SendMessageRequest,
  DeleteMessageRequest,
  DisconnectUserRequest,
} from "amazon-ivs-chat-messaging";
import { call as callAt, connected, newClient, next } from "./client.mjs";

const url = process.env.URL;

// post sends a request of an operation and returns the response.
function post(operation, input) {
  return fetch(`${url}/${operation}`, { method: "POST", body: JSON.stringify(input) });
}

const call = (operation, input) => callAt(url, operation, input);

const allCapabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];

// connect returns a connected client. Its property tokens has the tokens that it has requested.
// change may replace a token; it receives the token and the number of earlier tokens.
async function connect(t, room, userId, options = {}) {
  const { capabilities = allCapabilities, change = (token) => token } = options;
  const attributes = { name: userId.toUpperCase() };
  const tokens = [];
  const chat = newClient(t, url, async () => {
    const input = { roomIdentifier: room.arn, userId, capabilities, attributes };
    const token = change(await call("CreateChatToken", input), tokens.length);
    tokens.push(token);
    return token;
  });
  return Object.assign(await connected(chat), { tokens });
}

// Without the expiration time the client does not refresh a token before it expires.
const withoutExpiration = ({ token }) => ({ token });

test("everyone receives a message, including the sender", async (t) => {
  const room = await call("CreateRoom", {});
  const anna = await connect(t, room, "anna");
  const ben = await connect(t, room, "ben", { capabilities: [] });
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
  const deletion = next(ben, "messageDelete");
  const deleted = await anna.deleteMessage(new DeleteMessageRequest(message.id, "a mistake"));
  assert.equal(deleted.messageId, message.id);
  assert.equal(deleted.reason, "a mistake");
  assert.equal((await deletion).messageId, message.id);

  const secondDeletion = next(ben, "messageDelete");
  await call("DeleteMessage", { roomIdentifier: room.arn, id: message.id });
  assert.equal((await secondDeletion).messageId, message.id);
});

test("a user is disconnected permanently, and everyone is notified", async (t) => {
  const room = await call("CreateRoom", {});
  const anna = await connect(t, room, "anna");
  const bens = [await connect(t, room, "ben"), await connect(t, room, "ben")];
  const disconnections = bens.map((ben) =>
    Promise.all([next(ben, "userDisconnect"), next(ben, "disconnect")]),
  );
  const event = await anna.disconnectUser(new DisconnectUserRequest("ben", "enough"));
  assert.equal(event.userId, "ben");
  assert.equal(event.reason, "enough");
  for (const [notification, reason] of await Promise.all(disconnections)) {
    assert.equal(notification.userId, "ben");
    assert.equal(reason, "serverDisconnect");
  }
  assert.equal(anna.state, "connected");
  assert.equal(bens[0].tokens.length, 1, "the client reconnected");
});

test("the control plane disconnects a user and sends events", async (t) => {
  const room = await call("CreateRoom", {});
  const anna = await connect(t, room, "anna");
  const received = next(anna, "event");
  const event = { eventName: "app:raffle", attributes: { winner: "anna" } };
  const { id } = await call("SendEvent", { roomIdentifier: room.arn, ...event });
  const { sendTime: _, ...rest } = await received;
  assert.deepEqual(rest, { id, ...event, requestId: "" });
  const disconnected = next(anna, "disconnect");
  const response = await post("DisconnectUser", { roomIdentifier: room.arn, userId: "anna" });
  assert.equal(response.status, 200);
  assert.equal(await disconnected, "serverDisconnect");
});

test("requests that fail reject with their code", async (t) => {
  const limits = { maximumMessageLength: 3, maximumMessageRatePerSecond: 2 };
  const room = await call("CreateRoom", limits);
  const anna = await connect(t, room, "anna");
  const viewer = await connect(t, room, "viewer", { capabilities: [] });
  const forbidden = { errorCode: 403 };
  await assert.rejects(viewer.sendMessage(new SendMessageRequest("hi")), forbidden);
  await assert.rejects(viewer.deleteMessage(new DeleteMessageRequest("abcdefghijkl")), forbidden);
  await assert.rejects(viewer.disconnectUser(new DisconnectUserRequest("anna")), forbidden);
  await assert.rejects(anna.sendMessage(new SendMessageRequest("long")), {
    errorCode: 400,
    errorMessage: "Message exceeds maximum length",
  });
  await anna.sendMessage(new SendMessageRequest("🙂🙂🙂"));

  // A busy machine may need more than the second that the rate is for, so try several times.
  let limited = [];
  for (let i = 0; i < 5 && limited.length === 0; i++) {
    const requests = [1, 2, 3, 4].map((n) => anna.sendMessage(new SendMessageRequest(`${n}`)));
    const results = await Promise.allSettled(requests);
    limited = results.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
  }
  assert.ok(limited.length > 0, "no request exceeded the rate");
  for (const { errorCode, errorMessage } of limited) {
    assert.deepEqual([errorCode, errorMessage], [429, "rate limit exceeded"]);
  }

  await post("DeleteRoom", { identifier: room.arn });
  await assert.rejects(anna.sendMessage(new SendMessageRequest("hm")), { errorCode: 404 });
  assert.equal(anna.state, "connected");
});

test("a token is refreshed with a second socket", async (t) => {
  const room = await call("CreateRoom", {});
  // The client refreshes thirty seconds before such a token expires.
  const tokenExpirationTime = new Date(Date.now() + 30_200);
  const change = (token, earlier) => (earlier === 0 ? { ...token, tokenExpirationTime } : token);
  const anna = await connect(t, room, "anna", { change });
  let disconnects = 0;
  anna.addListener("disconnect", () => disconnects++);
  // While the client replaces its socket it may lose requests: it closes the old socket without
  // waiting for answers.
  while (anna.tokens.length < 2 || anna.nextConnection !== null) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const message = await anna.sendMessage(new SendMessageRequest("still here"));
  assert.equal(message.content, "still here");
  assert.equal(disconnects, 0);
});

test("the client reconnects after a reset and gives up after a clean close", async (t) => {
  const room = await call("CreateRoom", {});
  const anna = await connect(t, room, "anna", { change: withoutExpiration });
  const addFault = async (effect) => {
    const fault = { operation: "SEND_MESSAGE", times: 1, room: room.arn, ...effect };
    assert.equal((await post("_ivschat/v1/faults", fault)).status, 201);
  };
  await addFault({ reset: true });
  const reconnected = next(anna, "connecting").then(() => next(anna, "connect"));
  anna.sendMessage(new SendMessageRequest("lost")).catch(() => {});
  await reconnected;
  assert.equal(anna.tokens.length, 2);

  const error = { errorCode: 429, errorMessage: "rate limit exceeded" };
  await addFault({ error: error.errorCode, message: error.errorMessage });
  await assert.rejects(anna.sendMessage(new SendMessageRequest("too much")), error);

  await addFault({ close: 1000 });
  const disconnected = next(anna, "disconnect");
  anna.sendMessage(new SendMessageRequest("lost")).catch(() => {});
  assert.equal(await disconnected, "serverDisconnect");
  assert.equal(anna.tokens.length, 2);
});

test("a token opens exactly one connection", async (t) => {
  const room = await call("CreateRoom", {});
  const { token } = await call("CreateChatToken", { roomIdentifier: room.arn, userId: "anna" });
  const messagingURL = url.replace("http", "ws");
  const first = new WebSocket(messagingURL + "/any/path", token, { origin: "https://example.com" });
  t.after(() => first.terminate());
  await once(first, "open");
  assert.equal(first.protocol, token);
  const second = new WebSocket(messagingURL, token);
  const [, response] = await once(second, "unexpected-response");
  assert.equal(response.statusCode, 401);
  response.destroy();
});
