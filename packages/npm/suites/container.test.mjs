// Tests the emulator in a container. The image is that of IVSCHAT_IMAGE.
import assert from "node:assert/strict";
import { test } from "node:test";

import { start } from "ivschat-local";

test("users chat in a container, which ends with stop", async () => {
  const emulator = await start({ container: true, seed: { rooms: [{ name: "lobby" }] }, randomSeed: 7 });
  assert.equal(emulator.randomSeed, 7);
  const { rooms } = await emulator.snapshot();
  assert.equal(rooms[0].name, "lobby");
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", { capabilities: ["SEND_MESSAGE"] });
  anna.send("hello");
  assert.equal((await anna.receive()).Content, "hello");
  await emulator.stop();
  await assert.rejects(emulator.room(), /The container of .* has ended with code 0\./);
});

test("a container that cannot start says why", async () => {
  await assert.rejects(
    start({ container: true, args: ["--session-duration", "soon"] }),
    /The container of .* has ended with code \d+\. [^]*--session-duration/,
  );
  await assert.rejects(start({ container: true, image: "localhost/no-such-image" }), /no-such-image/);
});
