// What every test with the official chat client has in common.

import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket; // Node.js has its own from version 22 on

export const silentLogger = { debug() {}, info() {}, error() {} };

// next returns a promise of the client's next event of a kind.
export function next(chat, name) {
  return new Promise((resolve) => {
    const remove = chat.addListener(name, (value) => {
      remove();
      resolve(value);
    });
  });
}
