// Tests the launcher: what npx ivschat-local runs.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const launcher = join(dirname(createRequire(import.meta.url).resolve("ivschat-local")), "launcher.js");
const { IVSCHAT_PROGRAM, ...env } = process.env;

/** Runs the launcher, and returns what it printed and how it ended. */
const run = (args, options = {}) =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [options.path ?? launcher, ...args],
      { env, ...options },
      (_, stdout, stderr) => resolve({ stdout, stderr, code: child.exitCode, signal: child.signalCode }),
    );
  });

test("npx runs the program", async () => {
  const { stdout, code } = await new Promise((resolve) => {
    const child = execFile("npx", ["ivschat-local", "version"], { env }, (_, stdout) =>
      resolve({ stdout, code: child.exitCode }),
    );
  });
  assert.match(stdout, /^ivschat-local \d+\.\d+\.\d+/);
  assert.equal(code, 0);
});

test("the exit code is that of the program", async () => {
  assert.equal((await run(["exec", "--", process.execPath, "-e", "process.exit(17)"])).code, 17);
  const { code, stderr } = await run(["serve", "--listne", "x"]);
  assert.equal(code, 2);
  assert.match(stderr, /--listne/);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`${signal} ends the emulator`, async () => {
    const child = spawn(process.execPath, [launcher, "--listen", "127.0.0.1:0", "--data", ":memory:"], {
      env,
    });
    const ended = new Promise((resolve) => child.once("close", resolve)); // when the program has closed its output
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "Ready.") {
        child.kill(signal);
      }
    }
    assert.equal(await ended, 0);
  });
}

test("a program that a signal ends, ends the launcher in the same way", async () => {
  const script = "process.kill(process.ppid, 'SIGKILL')";
  assert.equal((await run(["exec", "--", process.execPath, "-e", script])).signal, "SIGKILL");
});

test("without the package of the platform, the launcher says what to do", async () => {
  const { code, stderr } = await withoutProgram((path) => run(["version"], { path }));
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^ivschat-local: The program of ivschat-local is in the package @ivschat-local\/\w+-\w+, which is not installed\. .* --omit=optional/,
  );
});

test("without the package of the platform, tests use the program in PATH", async () => {
  const require = createRequire(import.meta.url);
  const program = dirname(require.resolve(`@ivschat-local/${process.platform}-${process.arch}/package.json`));
  const script = "require('ivschat-local').start().then((emulator) => console.log(emulator.version));";
  await withoutProgram(async (path) => {
    const options = { path: "--eval", cwd: dirname(path) };
    const PATH = `${join(dirname(path), "../../.bin")}:${join(program, "bin")}`; // the launcher is in the first
    const found = await run([script], { ...options, env: { ...env, PATH } });
    assert.match(found.stdout, /^\d+\.\d+\.\d+\n$/, found.stderr);
    const { stderr } = await run([script], { ...options, env: { ...env, PATH: PATH.split(":")[0] } });
    assert.match(stderr, /which is not installed/);
  });
});

test("on a platform without a program, the launcher says what to do", async () => {
  const script = `Object.defineProperty(process, "arch", { value: "mips" }); require(${JSON.stringify(launcher)});`;
  const { code, stderr } = await run([script], { path: "--eval" });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^ivschat-local: ivschat-local has no program for \w+-mips, only for linux-x64, .*IVSCHAT_PROGRAM/,
  );
});

test("IVSCHAT_PROGRAM is the program, and must exist", async () => {
  const { code, stderr } = await run(["version"], { env: { ...env, IVSCHAT_PROGRAM: "/no/such/program" } });
  assert.equal(code, 1);
  assert.equal(
    stderr,
    "ivschat-local: The program /no/such/program, which the variable IVSCHAT_PROGRAM names, does not exist.\n",
  );
  assert.equal(
    (await run(["--eval", "process.exit(3)"], { env: { ...env, IVSCHAT_PROGRAM: process.execPath } })).code,
    3,
  );
});

/** Calls back with the launcher of a copy of the package, beside which there is no package of a platform. */
async function withoutProgram(callback) {
  const folder = mkdtempSync(join(tmpdir(), "ivschat-local-alone-"));
  try {
    const copy = join(folder, "node_modules", "ivschat-local");
    mkdirSync(copy, { recursive: true });
    cpSync(dirname(dirname(launcher)), copy, { recursive: true });
    symlinkSync(dirname(createRequire(launcher).resolve("ws")), join(folder, "node_modules", "ws"));
    mkdirSync(join(folder, "node_modules", ".bin"));
    symlinkSync(join(copy, "dist", "launcher.js"), join(folder, "node_modules", ".bin", "ivschat-local"));
    return await callback(join(copy, "dist", "launcher.js"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
