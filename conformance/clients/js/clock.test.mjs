// Tests with the official chat client for JavaScript and a clock that is far ahead, against an
// emulator at $URL. The clock is that of one account, so that other tests do not notice.

import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { ChatRoom, SendMessageRequest } from "amazon-ivs-chat-messaging";

globalThis.WebSocket ??= WebSocket; // Node.js has its own from version 22 on
const silentLogger = { debug() {}, info() {}, error() {} };
const url = process.env.URL;

// callAs calls an operation as an account, and returns its output.
async function callAs(account, operation, input) {
  const credential = `${account}/20260101/us-east-1/ivschat/aws4_request`;
  const response = await fetch(`${url}/${operation}`, {
    method: "POST",
    headers: { Authorization: `AWS4-HMAC-SHA256 Credential=${credential}` },
    body: JSON.stringify(input),
  });
  const output = await response.json();
  assert.equal(response.status, 200, JSON.stringify(output));
  return output;
}

// connect connects a client whose chat tokens are what pick makes of the output of CreateChatToken.
async function connect(t, account, pick) {
  const room = await callAs(account, "CreateRoom", {});
  const capabilities = ["SEND_MESSAGE"];
  const chat = new ChatRoom({
    regionOrUrl: url.replace("http", "ws"),
    tokenProvider: async () => {
      chat.tokens++;
      const input = { roomIdentifier: room.arn, userId: "anna", capabilities };
      return pick(await callAs(account, "CreateChatToken", input));
    },
  });
  chat.tokens = 0;
  chat.logger = silentLogger;
  t.after(() => chat.disconnect());
  const connected = new Promise((resolve) => chat.addListener("connect", resolve));
  chat.connect();
  await connected;
  return chat;
}

async function advance(account, duration) {
  const body = JSON.stringify({ advance: duration });
  const response = await fetch(`${url}/_ivschat/v1/clock?account=${account}`, { method: "POST", body });
  assert.equal(response.status, 200);
  return response.json();
}

test("with a clock 30 days ahead the client reconnects all the time, and the emulator warns of it", async (t) => {
  const account = "300000000001";
  const { warning } = await advance(account, "720h");
  assert.match(warning, /30\.0 days ahead.*tokenExpirationTime/);
  const anna = await connect(t, account, (token) => token);
  while (anna.tokens < 5) await new Promise((resolve) => setImmediate(resolve));
});

test("a client whose tokenProvider leaves out tokenExpirationTime chats with a clock 30 days ahead", async (t) => {
  const account = "300000000002";
  await advance(account, "720h");
  const anna = await connect(t, account, ({ token }) => ({ token }));
  for (const content of ["one", "two", "three"]) {
    const message = await anna.sendMessage(new SendMessageRequest(content));
    assert.equal(message.content, content);
  }
  assert.equal(anna.tokens, 1);

  const reconnected = new Promise((resolve) => anna.addListener("connect", resolve));
  await advance(account, "61m"); // the session ends
  await reconnected;
  assert.equal(anna.tokens, 2);
  await anna.sendMessage(new SendMessageRequest("back"));
});
