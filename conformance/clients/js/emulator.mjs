// What tests with several clients have in common: calls of the emulator at $URL as an account, and
// the official chat client. A test that moves the clock has an account of its own.

import assert from "node:assert/strict";
import * as client from "./client.mjs";

export const url = process.env.URL;
export const messagingURL = url.replace("http", "ws");

// callAs calls an operation as an account, and returns its output.
export function callAs(account, operation, input) {
  const credential = `${account}/20260101/us-east-1/ivschat/aws4_request`;
  const Authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=00`;
  return client.call(url, operation, input, { Authorization });
}

// advance moves the clock of an account forward.
export async function advance(account, duration) {
  const body = JSON.stringify({ advance: duration });
  const response = await fetch(`${url}/_ivschat/v1/clock?account=${account}`, { method: "POST", body });
  assert.equal(response.status, 200);
  return response.json();
}

// newClient returns a client that is not connected yet. Its property tokens is how many chat tokens
// it has requested. What pick makes of the output of CreateChatToken is the client's token.
export function newClient(t, account, room, userId, { pick = (token) => token, at = messagingURL } = {}) {
  const capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];
  const chat = client.newClient(t, at, async () => {
    chat.tokens++;
    const input = { roomIdentifier: room.arn, userId, capabilities };
    return pick(await callAs(account, "CreateChatToken", input));
  });
  chat.tokens = 0;
  return chat;
}

// connect returns a connected client, see newClient.
export function connect(t, account, room, userId, options) {
  return client.connected(newClient(t, account, room, userId, options));
}

// until waits until a condition holds. The condition may be asynchronous.
export async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
