// What a mock does, and what the service does instead. The emulator is at $URL.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import WebSocket from "ws";
import { call } from "../client.mjs";
import { startMock } from "./mock.mjs";

const url = process.env.URL;

// connect opens a connection. Its ask sends a request, and returns a short form of the frame that answers it.
async function connect(t, at, token) {
  const socket = new WebSocket(at, token);
  t.after(() => socket.terminate());
  const pending = new Map();
  socket.on("message", (text) => {
    const { RequestId, Type, ErrorCode, EventName } = JSON.parse(text);
    pending.get(RequestId)?.([Type, ErrorCode ?? EventName].filter(Boolean).join(" "));
  });
  await Promise.race([
    once(socket, "open"),
    once(socket, "unexpected-response").then(([, { statusCode }]) => Promise.reject(new Error(`${statusCode}`))),
  ]);
  const ask = (request) => {
    const RequestId = crypto.randomUUID();
    socket.send(JSON.stringify({ ...request, RequestId }));
    return new Promise((resolve) => pending.set(RequestId, resolve));
  };
  return { socket, ask };
}

// mocked and emulated return a function that connects a user who may do nothing but send messages.
async function mocked(t) {
  const mock = await startMock();
  t.after(() => mock.close());
  return { connect: (user) => connect(t, mock.url, user), token: () => "anna", at: mock.url };
}
async function emulated(t, settings = {}) {
  const room = await call(url, "CreateRoom", settings);
  const token = async (userId, capabilities = ["SEND_MESSAGE"]) =>
    (await call(url, "CreateChatToken", { roomIdentifier: room.arn, userId, capabilities })).token;
  const at = url.replace("http", "ws");
  return { connect: async (user, can) => connect(t, at, await token(user, can)), token, at };
}

const send = (Content) => ({ Action: "SEND_MESSAGE", Content });

for (const { what, request, mock, emulator } of [
  { what: "a user without the capability deletes a message",
    request: { Action: "DELETE_MESSAGE", Id: "abcdefghijkl" }, mock: "EVENT aws:DELETE_MESSAGE", emulator: "ERROR 403" },
  { what: "a message is too long", request: send("x".repeat(501)), mock: "MESSAGE", emulator: "ERROR 400" },
  { what: "a message is empty", request: send(""), mock: "MESSAGE", emulator: "ERROR 400" },
  { what: "an attribute is a number", request: { ...send("hi"), Attributes: { level: 7 } },
    mock: "MESSAGE", emulator: "ERROR 400" },
]) {
  test(what, async (t) => {
    assert.equal(await (await (await mocked(t)).connect("anna")).ask(request), mock);
    assert.equal(await (await (await emulated(t)).connect("anna")).ask(request), emulator);
  });
}

test("a user sends too fast", async (t) => {
  const answers = async ({ connect }) => {
    const anna = await connect("anna");
    return Promise.all(Array.from({ length: 12 }, () => anna.ask(send("hi"))));
  };
  assert.equal((await answers(await mocked(t))).includes("ERROR 429"), false);
  assert.equal((await answers(await emulated(t, { maximumMessageRatePerSecond: 1 }))).includes("ERROR 429"), true);
});

test("a token is used twice", async (t) => {
  const twice = async ({ token, at }) => {
    const same = await token("anna");
    await connect(t, at, same);
    return connect(t, at, same).then(() => "connected", ({ message }) => message);
  };
  assert.equal(await twice(await mocked(t)), "connected");
  assert.equal(await twice(await emulated(t)), "401");
});

test("a user is disconnected", async (t) => {
  const request = { Action: "DISCONNECT_USER", UserId: "ben" };
  const kick = async ({ connect }) => {
    const [anna, ben] = [await connect("anna", ["DISCONNECT_USER"]), await connect("ben")];
    const closed = once(ben.socket, "close").then(([code]) => `closed with ${code}`);
    assert.equal(await anna.ask(request), "EVENT aws:DISCONNECT_USER");
    return { closed, ben };
  };
  const { ben } = await kick(await mocked(t));
  assert.equal(await ben.ask(send("still here")), "MESSAGE");
  const { closed } = await kick(await emulated(t));
  assert.equal(await closed, "closed with 1000");
});
