// Tests of how sessions of the official chat client for JavaScript begin and end, against an
// emulator at $URL.

import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { DisconnectUserRequest, SendMessageRequest } from "amazon-ivs-chat-messaging";
import { next } from "./client.mjs";
import { advance, callAs, connect, newClient, until, url } from "./emulator.mjs";

// usersIn returns the users of the open sessions in a room.
async function usersIn(room) {
  const response = await fetch(`${url}/_ivschat/v1/rooms/${room.arn}`);
  const { sessions } = await response.json();
  return sessions.map(({ userId }) => userId).sort();
}

test("a client whose session has expired gets a new token, reconnects and chats on", async (t) => {
  const account = "300000000011";
  const room = await callAs(account, "CreateRoom", {});
  const [anna, ben] = [await connect(t, account, room, "anna"), await connect(t, account, room, "ben")];
  const clients = [anna, ben];
  const reconnected = clients.map((client) =>
    Promise.race([next(client, "connect"), next(client, "disconnect")]),
  );
  // The timers for the refresh of the first tokens, which the client forgets.
  const timers = clients.map((client) => client.nextConnectionScheduleHandle);
  t.after(() => timers.forEach(clearTimeout));
  await advance(account, "61m");
  assert.deepEqual(await Promise.all(reconnected), [undefined, undefined], "a client gave up");

  const received = next(ben, "message");
  await anna.sendMessage(new SendMessageRequest("still here"));
  assert.equal((await received).content, "still here");
  assert.deepEqual([anna.tokens, ben.tokens], [2, 2]);
  assert.deepEqual(await usersIn(room), ["anna", "ben"]);
});

// React's StrictMode runs every effect twice in development: a component connects, disconnects at
// once and connects again.
for (const [moment, ready] of [
  ["at once", () => {}],
  ["while its WebSocket connects", (first) => until(() => first.currentConnection.socket !== null)],
  ["when it is connected", (first) => next(first, "connect")],
  ["when both are connected", (first, second) => {
    const both = Promise.all([next(first, "connect"), next(second, "connect")]);
    second.connect();
    return both;
  }],
]) {
  test(`a client stays connected if another one of the same user disconnects ${moment}`, async (t) => {
    const account = "300000000012";
    const room = await callAs(account, "CreateRoom", {});
    const ben = await connect(t, account, room, "ben");
    const received = [];
    const first = newClient(t, account, room, "anna");
    const second = newClient(t, account, room, "anna");
    first.addListener("message", () => received.push("first"));
    second.addListener("message", ({ content }) => received.push(content));

    first.connect();
    await ready(first, second);
    first.disconnect();
    if (second.state === "disconnected") {
      const connected = next(second, "connect");
      second.connect();
      await connected;
    }

    await until(async () => {
      assert.equal(second.state, "connected");
      return (await usersIn(room)).join() === "anna,ben";
    });
    await second.sendMessage(new SendMessageRequest("one"));
    await ben.sendMessage(new SendMessageRequest("two"));
    await until(() => received.length === 2);
    assert.deepEqual(received, ["one", "two"]);
    assert.deepEqual([second.state, second.tokens], ["connected", 1]);
  });
}

// An OldWebSocket is a WebSocket as some libraries implemented it: its CloseEvent has no wasClean.
class OldWebSocket {
  listeners = new Map();
  constructor(url, protocols) {
    this.socket = new WebSocket(url, protocols);
  }
  addEventListener(type, listener) {
    if (type !== "close") return this.socket.addEventListener(type, listener);
    const withoutWasClean = ({ code, reason }) => listener({ type, code, reason });
    this.listeners.set(listener, withoutWasClean);
    this.socket.addEventListener(type, withoutWasClean);
  }
  removeEventListener(type, listener) {
    this.socket.removeEventListener(type, this.listeners.get(listener) ?? listener);
  }
  send(text) {
    this.socket.send(text);
  }
  close(code) {
    this.socket.close(code);
  }
}

test("a client without wasClean reconnects after its session, but not after it was disconnected", async (t) => {
  const present = globalThis.WebSocket;
  globalThis.WebSocket = OldWebSocket;
  t.after(() => (globalThis.WebSocket = present));
  const account = "300000000013";
  const room = await callAs(account, "CreateRoom", {});
  const pick = ({ token }) => ({ token }); // without the expiration time there is no timer
  const anna = await connect(t, account, room, "anna", { pick });
  const reconnected = Promise.race([next(anna, "connect"), next(anna, "disconnect")]);
  await advance(account, "61m");
  assert.equal(await reconnected, undefined, "the client gave up");
  assert.equal(anna.tokens, 2);

  const moderator = await connect(t, account, room, "moderator");
  const ended = Promise.race([next(anna, "disconnect"), next(anna, "connecting")]);
  await moderator.disconnectUser(new DisconnectUserRequest("anna"));
  assert.equal(await ended, "serverDisconnect");
  assert.deepEqual([anna.state, anna.tokens], ["disconnected", 2]);
  assert.deepEqual(await usersIn(room), ["moderator"]);
});
