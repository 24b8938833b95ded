// Tests that the package can be used with require.
const assert = require("node:assert/strict");
const { test } = require("node:test");

const { start } = require("ivschat-local");

test("users chat in a room", async () => {
  const emulator = await start();
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", { capabilities: ["SEND_MESSAGE"] });
  anna.send("hello");
  assert.equal((await anna.receive()).Content, "hello");
  await anna.close();
  await emulator.stop();
});

test("both module systems have the same classes", async () => {
  const module = await import("ivschat-local");
  for (const name of Object.keys(require("ivschat-local"))) {
    assert.equal(module[name], require("ivschat-local")[name], name);
  }
});
