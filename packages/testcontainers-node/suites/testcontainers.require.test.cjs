// Tests the package as a CommonJS module.
const assert = require("node:assert/strict");
const { test } = require("node:test");

const { DEFAULT_IMAGE, IvsChatContainer } = require("@ivschat-local/testcontainers");

test("require and import give the same classes", async () => {
  const module = await import("@ivschat-local/testcontainers");
  assert.equal(module.IvsChatContainer, IvsChatContainer);
  assert.equal(DEFAULT_IMAGE, `ghcr.io/ivschat-local/ivschat-local:${require("@ivschat-local/testcontainers/package.json").version}`);
});
