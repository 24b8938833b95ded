#!/usr/bin/env node
import { spawn } from "node:child_process";

import { packagedProgram } from "./program";

/** Runs the program in place of this one: with its arguments, its terminal, its signals and its exit code. */
function run(program: string): void {
  const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
  const forward = (signal: NodeJS.Signals) => {
    // A terminal sends the signal of Ctrl-C to both programs.
    if (signal !== "SIGINT" || !process.stdin.isTTY) {
      child.kill(signal);
    }
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  signals.forEach((signal) => process.on(signal, forward));
  child.on("error", (error) => fail(`The program ${program} cannot be started: ${error.message}.`));
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message: string): void {
  console.error(`ivschat-local: ${message}`);
  process.exitCode = 1;
}

let program: string | undefined;
try {
  program = packagedProgram();
} catch (error) {
  fail((error as Error).message);
}
if (program !== undefined) {
  run(program);
}
