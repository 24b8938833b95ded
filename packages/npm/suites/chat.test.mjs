import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { start } from "ivschat-local";

let emulator;
before(async () => {
  emulator = await start();
});
after(() => emulator.stop());
beforeEach(() => emulator.reset());

test("users chat in a room", async () => {
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", { capabilities: ["SEND_MESSAGE"] });
  const ben = await emulator.connect(room, "ben");

  anna.send("hello", { mood: "good" });

  const message = await ben.receive();
  assert.equal(message.Content, "hello");
  assert.equal(message.Sender.UserId, "anna");
});
