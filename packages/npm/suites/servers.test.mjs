// Tests what is said when something else than an emulator answers, or a broken one.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { ChatClient, start } from "ivschat-local";

/** Starts a server that ends with the test. Returns its URL. */
const serve = (t, answer) =>
  new Promise((resolve) => {
    const server = createServer(answer).listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${server.address().port}`),
    );
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
  });

test("an endpoint that is not that of an emulator is refused", async (t) => {
  for (const [body, shown] of [
    ["<html>", "<html>"],
    ["", "nothing"],
    ["null", "null"],
    ['{"version":"1"}', '{"version":"1"}'],
    [`[${"1,".repeat(1000)}1]`, `[${"1,".repeat(149)}1…`],
  ]) {
    const endpoint = await serve(t, (_, response) => response.end(body));
    await assert.rejects(start({ endpoint }), {
      message: `GET ${endpoint}/_ivschat/v1/info was not answered by ivschat-local, but with ${shown}`,
    });
  }
});

test("a program that prints other JSON is refused, and ended", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ivschat-local-other-"));
  const program = join(folder, "other");
  try {
    for (const line of ["1", "null", '{"msg":"Ready."}']) {
      writeFileSync(program, `#!/bin/sh\necho '${line}'\nexec cat\n`, { mode: 0o755 });
      await assert.rejects(start({ program, timeout: 60_000 }), {
        message: `The emulator ${program} is not ivschat-local, because it prints ${line}.`,
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a refusal of a handshake whose body does not end is an error in time", async (t) => {
  const endpoint = await serve(t, (_, response) => {
    response.writeHead(403);
    const timer = setInterval(() => response.write("no "), 10);
    response.on("close", () => clearInterval(timer));
  });
  await assert.rejects(ChatClient.dial(endpoint.replace("http", "ws"), "token", 300), {
    name: "RefusedError",
    status: 403,
  });
});

test("a bad chat token is not in the error", async () => {
  for (const token of ["", "hush hush", "hush\r\nHost: example.org"]) {
    await assert.rejects(ChatClient.dial("ws://127.0.0.1:1", token, 60_000), {
      message: `A chat token is not empty and has no spaces or special characters, but this one, of ${token.length} characters, is none.`,
    });
  }
});

test("a connection whose end is not answered is dropped", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const dropped = new Promise((resolve) =>
    server.on("upgrade", ({ headers }, socket) => {
      const hash = createHash("sha1");
      const key = hash.update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Protocol: token\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
      );
      socket.on("error", () => {}).once("end", () => resolve(socket.destroy())).resume();
    }),
  );
  const client = await ChatClient.dial(`ws://127.0.0.1:${server.address().port}`, "token", 1000);
  await assert.rejects(client.close(), /^WaitError: The connection is still open after 1000 ms\./);
  await dropped;
});
