// Tests how emulators start and end, and what is said if they cannot.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { start } from "ivschat-local";

/** Runs a script in a process of its own. Returns it, and its first line of output. */
const runScript = async (script) => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return [child, line];
  }
};

/** Waits until nothing answers at the endpoint. */
const gone = async (endpoint) => {
  for (let i = 0; i < 1000; i++) {
    try {
      await fetch(`${endpoint}/health`);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`${endpoint} still answers`);
};

test("an emulator ends with the process that started it, also if that is killed", async () => {
  const script = `
    import { start } from "ivschat-local";
    const emulator = await start();
    console.log(emulator.endpoint);
    setInterval(() => {}, 1000);`;
  const [child, endpoint] = await runScript(script);
  assert.equal((await fetch(`${endpoint}/health`)).status, 200);
  child.kill("SIGKILL");
  await gone(endpoint);
});

test("an emulator does not keep the process alive", async () => {
  for (const stop of ["", "await emulator.stop();"]) {
    const script = `
      import { start } from "ivschat-local";
      const emulator = await start({ reviewHandler: () => ({ ReviewResult: "ALLOW" }) });
      await emulator.room();
      console.log(emulator.endpoint);
      ${stop}`;
    const [child, endpoint] = await runScript(script);
    const code = child.exitCode ?? (await new Promise((resolve) => child.once("exit", resolve)));
    assert.equal(code, 0);
    await gone(endpoint);
  }
});

test("emulators do not share the address of IVSCHAT_ADMIN_LISTEN, which is that of another one", async (t) => {
  const first = await start();
  process.env.IVSCHAT_ADMIN_LISTEN = new URL(first.endpoint).host; // in use
  t.after(() => delete process.env.IVSCHAT_ADMIN_LISTEN);
  const second = await start();
  assert.ok(second.adminUrl.startsWith(second.endpoint));
  await Promise.all([first.stop(), second.stop()]);
});

test("an emulator joins no cluster that the environment names", async (t) => {
  const variables = ["NATS_PREFIX", "NATS_CREDENTIALS", "NATS_TLS", "CLUSTER_SECRET", "NODE"];
  const before = process.env;
  t.after(() => (process.env = before));
  process.env = { ...before, IVSCHAT_NATS: "nats://127.0.0.1:1" };
  variables.forEach((name) => (process.env[`IVSCHAT_${name}`] = "not valid"));
  const emulator = await start();
  await emulator.room();
  await emulator.stop();
});

test("await using stops the emulator", async () => {
  const emulator = await start();
  await emulator[Symbol.asyncDispose]();
  await gone(emulator.endpoint);
  await emulator.stop();
});

test("an emulator that cannot start says why", async () => {
  await assert.rejects(
    start({ args: ["--session-duration", "soon"] }),
    /has ended with code 2\. .*--session-duration.*soon/,
  );
  await assert.rejects(start({ program: "/no/such/program" }), {
    message: "The program /no/such/program, which the option program names, does not exist.",
  });
  await assert.rejects(start({ program: import.meta.filename }), {
    message: `The program ${import.meta.filename}, which the option program names, cannot be executed.`,
  });
  await assert.rejects(start({ seed: { rooms: [{ nme: "lobby" }] } }), {
    name: "RefusedError",
    message: /POST \/_ivschat\/v1\/seed was refused with 400: .*nme/,
  });
  await assert.rejects(start({ seed: "/no/such/file.yaml" }), { code: "ENOENT" });
  const emulator = await start();
  await emulator.stop();
  const { endpoint } = emulator; // at which nothing answers any more
  await assert.rejects(start({ endpoint }), {
    message: new RegExp(`^GET ${endpoint}/_ivschat/v1/info failed: .*ECONNREFUSED`),
  });
});

test("a port that is in use is an error", async () => {
  const first = await start();
  const port = Number(new URL(first.endpoint).port);
  await assert.rejects(start({ port }), new RegExp(`has ended with code 1\\. .*127\\.0\\.0\\.1:${port}`));
  await first.stop();
});

test("a program that never becomes ready is ended", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ivschat-local-slow-"));
  const program = join(folder, "slow");
  writeFileSync(program, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  try {
    const message = `The emulator ${program} was not ready in 300 ms.`;
    await assert.rejects(start({ program, timeout: 300 }), { message });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a program that is another one is refused", async () => {
  await assert.rejects(
    start({ program: "/bin/echo" }),
    /^Error: The emulator \/bin\/echo is not ivschat-local, because it prints serve /,
  );
});

test("after the emulator has ended, errors say so", async () => {
  const emulator = await start();
  await emulator.stop();
  await assert.rejects(emulator.room(), /The emulator .*ivschat-local has ended with code 0\./);
});

test("options with bad values are refused", async () => {
  const bad = [
    [{ acount: "123456789012" }, "acount is not an option of start: the options are endpoint, program, "],
    [{ account: "1234" }, 'The option account must be a text of 12 digits, but is "1234".'],
    [{ account: 123456789012 }, "The option account must be a text of 12 digits, but is 123456789012."],
    [{ port: 70000 }, "The option port must be an integer from 0 to 65535, but is 70000."],
    [{ randomSeed: -1 }, "The option randomSeed must be an integer of at least 0, but is -1."],
    [{ timeout: 0 }, "The option timeout must be a number of milliseconds, more than 0, but is 0."],
    [{ args: "--auth iam" }, 'The option args must be an array of texts, but is "--auth iam".'],
    [{ args: [1] }, "The option args must be an array of texts, but is [1]."],
    [{ container: "lxc" }, 'The option container must be true, "docker" or "podman", but is "lxc".'],
    [{ endpoint: "127.0.0.1:4700" }, "The option endpoint must be a URL without a path, "],
    [
      { reviewHandler: 1 },
      "The option reviewHandler must be a function, a text or an array of texts, but is 1.",
    ],
    [{ seed: null }, "The option seed must be a document or a path, but is null."],
    [{ program: "" }, 'The option program must be a path, but is "".'],
    [{ image: "x" }, "The option image is for containers: add container: true."],
    [
      { endpoint: "http://127.0.0.1:4700", randomSeed: 1 },
      "The options endpoint and randomSeed exclude each other.",
    ],
    [{ container: true, program: "x" }, "The options container and program exclude each other."],
    [{ container: true, reviewHandler: () => {} }, "A function cannot be the reviewHandler of a container"],
  ];
  for (const [options, message] of bad) {
    await assert.rejects(
      start(options),
      (error) =>
        (error instanceof TypeError && error.message.startsWith(message)) ||
        assert.fail(`${JSON.stringify(options)}: ${error}`),
    );
  }
});

test("the region is that of the emulator that runs already", async () => {
  const emulator = await start({ region: "eu-west-1" });
  const other = await start({ endpoint: emulator.endpoint });
  assert.equal(other.region, "eu-west-1");
  assert.match((await other.room()).arn, /:eu-west-1:/);
  await emulator.stop();
});
