// What every test with the official chat client has in common.

import assert from "node:assert/strict";
import WebSocket from "ws";
import { ChatRoom } from "amazon-ivs-chat-messaging";

globalThis.WebSocket ??= WebSocket; // Node.js has its own from version 22 on

const silentLogger = { debug() {}, info() {}, error() {} };

// call calls an operation of the emulator at a URL, which must succeed, and returns its output.
export async function call(url, operation, input, headers = {}) {
  const body = JSON.stringify(input);
  const response = await fetch(`${url}/${operation}`, { method: "POST", headers, body });
  const output = await response.json();
  assert.equal(response.status, 200, JSON.stringify(output));
  return output;
}

// newClient returns a client of the emulator at a URL that is not connected yet. It is disconnected at
// the end of the test.
export function newClient(t, url, tokenProvider) {
  return prepared(t, new ChatRoom({ regionOrUrl: url.replace("http", "ws"), tokenProvider }));
}

// prepared makes a client silent, and disconnects it at the end of the test.
export function prepared(t, chat) {
  chat.logger = silentLogger;
  t.after(() => chat.disconnect());
  return chat;
}

// connected connects a client and returns it.
export async function connected(chat) {
  const event = next(chat, "connect");
  chat.connect();
  await event;
  return chat;
}

// next returns a promise of the client's next event of a kind.
export function next(chat, name) {
  return new Promise((resolve) => {
    const remove = chat.addListener(name, (value) => {
      remove();
      resolve(value);
    });
  });
}
