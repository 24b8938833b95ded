import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { IvschatClient } from "@aws-sdk/client-ivschat";
import { start } from "ivschat-local";

import { createBackend } from "./backend.mjs";

let emulator, sdk, server, room;

before(async () => {
  emulator = await start();
  sdk = new IvschatClient(emulator.config());
  server = createBackend(sdk, emulator.messagingUrl, ["mia"]);
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
});
after(async () => {
  server.close();
  sdk.destroy();
  await emulator.stop();
});
beforeEach(async () => {
  await emulator.reset();
  room = (await emulator.room()).arn;
});

/** Sends a request to the back end. */
function post(path, body) {
  const url = `http://localhost:${server.address().port}${path}`;
  return fetch(url, { method: "POST", body: JSON.stringify(body) });
}

/** Lets a user join, and returns what the back end answers. */
async function join(user) {
  const answer = await post("/join", { room, user });
  assert.equal(answer.status, 200);
  return await answer.json();
}

test("the back end asks for the capabilities of a user", async () => {
  await join("mia");

  const [call] = await emulator.waitForCalls("CreateChatToken", 1, { userId: "mia" });
  assert.deepEqual(call.request.capabilities, ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"]);
});

test("only moderators delete messages", async () => {
  const anna = await emulator.connectWithToken((await join("anna")).token);
  const mia = await emulator.connectWithToken((await join("mia")).token);

  anna.send("hello");
  const message = await anna.receive();
  anna.deleteMessage(message.Id);
  assert.equal((await anna.receive()).ErrorCode, 403);

  mia.deleteMessage(message.Id);
  assert.equal((await anna.receive()).EventName, "aws:DELETE_MESSAGE");
});

test("a user joins again after the session has expired", async () => {
  const joined = await join("anna");
  assert.equal(joined.messagingUrl, emulator.messagingUrl);
  const anna = await emulator.connectWithToken(joined.token);

  await emulator.advance("61m"); // takes no time
  assert.equal((await anna.receive()).ErrorCode, 401);
  await anna.closed();

  const again = await join("anna");
  assert.ok(again.expires > joined.expires);
  await emulator.connectWithToken(again.token);
});

test("the SDK tries again when it is throttled", async () => {
  await emulator.fault({ operation: "CreateChatToken", times: 2, exception: "ThrottlingException" });

  await join("anna");

  const calls = await emulator.calls({ operation: "CreateChatToken" });
  assert.deepEqual(
    calls.map((call) => call.exception),
    ["ThrottlingException", "ThrottlingException", undefined],
  );
});

test("a kicked user is disconnected", async () => {
  const anna = await emulator.connectWithToken((await join("anna")).token);

  assert.equal((await post("/kick", { room, user: "anna" })).status, 204);

  await anna.closed();
});

test("everybody receives an announcement", async () => {
  const anna = await emulator.connectWithToken((await join("anna")).token);

  await post("/announce", { room, text: "We close in ten minutes" });

  const event = await anna.receive();
  assert.equal(event.EventName, "announcement");
  assert.equal(event.Attributes.text, "We close in ten minutes");
});

test("a room that does not exist is not found", async () => {
  const missing = "arn:aws:ivschat:us-east-1:123456789012:room/NoSuchRoom12";
  assert.equal((await post("/join", { room: missing, user: "anna" })).status, 404);
});

test("what is not a request is refused", async () => {
  for (const body of [null, [], "anna", {}, { room, user: 5 }, { room: null, user: "anna" }]) {
    assert.equal((await post("/join", body)).status, 400, JSON.stringify(body));
  }
});
