// What tests that start the program themselves have in common. $PROGRAM is the emulator's program.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

// start starts the emulator with flags. It returns its URL, a function that stops it, and a promise of what it
// logs until it has stopped. Warnings are logged.
export async function start(t, ...flags) {
  const args = ["--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--log-level", "warn"];
  const program = spawn(process.env.PROGRAM, [...args, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => program.kill());
  const log = (async () => (await program.stderr.toArray()).join(""))();
  const [line] = await once(createInterface(program.stdout), "line");
  const stop = async () => {
    program.kill("SIGTERM");
    await once(program, "exit");
  };
  return { url: JSON.parse(line).endpoint, stop, log };
}
