// Tests that the official chat client for JavaScript is connected again after a restart of the
// emulator, with the token provider in the guide, $TOKEN_PROVIDER, and the chat room there, $CHAT_ROOM.
// $PROGRAM is the emulator's program.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { ChatRoom, SendMessageRequest } from "amazon-ivs-chat-messaging";
import { call, connected, newClient, next, prepared } from "./client.mjs";
import { start } from "./program.mjs";

test("with the token provider in the guide, a client is connected again after a restart", async (t) => {
  const data = await mkdtemp(path.join(tmpdir(), "ivschat-"));
  t.after(() => rm(data, { recursive: true }));
  const first = await start(t, "--data", data);
  const { url } = first;
  const { arn } = await call(url, "CreateRoom", {});
  const requestToken = () => {
    const input = { roomIdentifier: arn, userId: "anna", capabilities: ["SEND_MESSAGE"] };
    return call(url, "CreateChatToken", input);
  };
  const warnings = [];
  const delays = [];
  let waitedLongest;
  const longest = new Promise((resolve) => (waitedLongest = resolve));
  const globals = {
    requestToken,
    console: { warn: (text) => warnings.push(text) },
    setTimeout: (callback, delay) => { // without the wait
      if (delays.push(delay) === 8) waitedLongest();
      setImmediate(callback);
    },
  };
  const make = new Function(...Object.keys(globals), `${process.env.TOKEN_PROVIDER}; return tokenProvider;`);
  const tokenProvider = make(...Object.values(globals));
  const code = process.env.CHAT_ROOM.replace("127.0.0.1:4700", new URL(url).host);
  const room = new Function("ChatRoom", "tokenProvider", `${code}; return room;`)(ChatRoom, tokenProvider);

  const patient = await connected(prepared(t, room));
  const impatient = await connected(newClient(t, url, requestToken));
  // The timers for the refresh of the first tokens, which the client forgets.
  const timers = [patient, impatient].map((client) => client.nextConnectionScheduleHandle);
  t.after(() => timers.forEach(clearTimeout));
  let gaveUp = false;
  patient.addListener("disconnect", () => (gaveUp = true));
  const [reconnected, ended] = [next(patient, "connect"), next(impatient, "disconnect")];
  await first.stop();
  assert.equal(await ended, "fetchTokenError");
  await longest;
  assert.deepEqual(delays.slice(0, 8), [250, 500, 1000, 2000, 4000, 8000, 10000, 10000]);
  assert.match(warnings[0], /^No chat token: .*fetch failed.* 250 ms\.$/);

  await start(t, "--listen", new URL(url).host, "--data", data);
  await reconnected;
  assert.equal(gaveUp, false);
  const received = next(patient, "message");
  await patient.sendMessage(new SendMessageRequest("back again"));
  assert.equal((await received).content, "back again");
});
