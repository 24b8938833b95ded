// Tests of the WebSocket itself, with those of ws, of undici, which is also that of Node.js from
// version 22 on, and with the official chat client. The emulator is at $URL.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket as undici } from "undici";
import ws from "ws";
import { SendMessageRequest } from "amazon-ivs-chat-messaging";
import { next } from "./client.mjs";
import { callAs, connect, messagingURL } from "./emulator.mjs";

const account = "300000000021";
const implementations = { ws, undici };

// tokensOfEveryForm returns chat tokens that end with no, one and two exclamation marks before the
// number sign: the length of the user ID decides.
async function tokensOfEveryForm(room) {
  const tokens = [];
  for (const userId of ["a", "ab", "abc"]) {
    const { token } = await callAs(account, "CreateChatToken", { roomIdentifier: room.arn, userId });
    tokens.push(token);
  }
  const marks = tokens.map((token) => token.match(/!*#\d$/)[0].length - 2);
  assert.deepEqual(marks.sort(), [0, 1, 2]);
  return tokens;
}

for (const [name, WebSocket] of Object.entries(implementations)) {
  test(`the chosen subprotocol is the token, with its ! and #: ${name}`, async (t) => {
    const room = await callAs(account, "CreateRoom", {});
    for (const token of await tokensOfEveryForm(room)) {
      const socket = new WebSocket(messagingURL, token);
      t.after(() => socket.close());
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      assert.equal(socket.protocol, token);
    }
  });
}

for (const end of ["/", "//", "/any/path/"]) {
  test(`the chat client connects to a messaging endpoint that ends with ${end}`, async (t) => {
    const room = await callAs(account, "CreateRoom", {});
    const anna = await connect(t, account, room, "anna", { at: messagingURL + end });
    const message = await anna.sendMessage(new SendMessageRequest("hi"));
    assert.equal(message.content, "hi");
  });
}

// A lone surrogate is not a character. JSON can have one as an escape, but UTF-8 cannot.
test("everyone receives a lone surrogate as the replacement character", async (t) => {
  const room = await callAs(account, "CreateRoom", {});
  const anna = await connect(t, account, room, "anna");
  const roomIdentifier = room.arn;
  const { token } = await callAs(account, "CreateChatToken", { roomIdentifier, userId: "raw" });
  const socket = new ws(messagingURL, token); // closes the connection if a frame is not UTF-8
  t.after(() => socket.terminate());
  await once(socket, "open");
  const receive = async (send) => {
    const [[data], output] = await Promise.all([once(socket, "message"), send()]);
    return [JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data)), output];
  };

  const request = new SendMessageRequest("a\ud800b", { "k\udc00": "\ud83d" });
  assert.match(JSON.stringify(request.content), /\\ud800/);
  const [message, sent] = await receive(() => anna.sendMessage(request));
  assert.equal(message.Content, "a\ufffdb");
  assert.deepEqual(message.Attributes, { "k\ufffd": "\ufffd" });
  assert.equal(sent.content, "a\ufffdb");

  const event = { roomIdentifier, eventName: "app:\ud800", attributes: { k: "\udfff" } };
  const [received] = await receive(() => callAs(account, "SendEvent", event));
  assert.deepEqual([received.EventName, received.Attributes], ["app:\ufffd", { k: "\ufffd" }]);
  assert.equal(socket.readyState, ws.OPEN);
});
