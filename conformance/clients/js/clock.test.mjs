// Tests with the official chat client for JavaScript and a clock that is far ahead, against an
// emulator at $URL. The clock is that of one account, so that other tests do not notice. $TOKEN_PROVIDER is in the
// guide.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SendMessageRequest } from "amazon-ivs-chat-messaging";
import { next } from "./client.mjs";
import { advance, callAs, connect, until } from "./emulator.mjs";

test("with a clock 30 days ahead the client reconnects all the time, and the emulator warns of it", async (t) => {
  const account = "300000000001";
  const { warning } = await advance(account, "720h");
  assert.match(warning, /30\.0 days ahead.*tokenExpirationTime/);
  const room = await callAs(account, "CreateRoom", {});
  const anna = await connect(t, account, room, "anna");
  await until(() => anna.tokens >= 5);
});

test("a client whose tokenProvider leaves out tokenExpirationTime chats with a clock 30 days ahead", async (t) => {
  const account = "300000000002";
  await advance(account, "720h");
  const room = await callAs(account, "CreateRoom", {});
  const pick = (token) => {
    const code = `${process.env.TOKEN_PROVIDER}; return tokenProvider();`;
    return new Function("createChatToken", code)(async () => token);
  };
  const anna = await connect(t, account, room, "anna", { pick });
  for (const content of ["one", "two", "three"]) {
    const message = await anna.sendMessage(new SendMessageRequest(content));
    assert.equal(message.content, content);
  }
  assert.equal(anna.tokens, 1);

  const reconnected = next(anna, "connect");
  await advance(account, "61m"); // the session ends
  await reconnected;
  assert.equal(anna.tokens, 2);
  await anna.sendMessage(new SendMessageRequest("back"));
});
