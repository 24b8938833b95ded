import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { short } from "./errors";
import type { StartOptions } from "./options";
import { findProgram } from "./program";

/** What the emulator prints when it is ready. */
export interface Ready {
  endpoint: string;
  /** The address without TLS, if the endpoint has TLS. */
  http_endpoint?: string;
  /** The address of the admin API. Empty if it is off. */
  admin: string;
  random_seed: number;
  version: string;
  /** The region of rooms, if the emulator was not started by this client. */
  region?: string;
  /** With --auth, the key that may do everything. */
  access_key_id?: string;
  secret_access_key?: string;
}

const repository = "ghcr.io/ivschat-local/ivschat-local";
const { version } = require("../package.json") as { version: string };
// These would make the emulator of a test a node of a cluster.
const clusterVariables = ["NATS", "NATS_PREFIX", "NATS_CREDENTIALS", "NATS_TLS", "CLUSTER_SECRET", "NODE"].map(
  (name) => `IVSCHAT_${name}`,
);
const logLimit = 1 << 20; // in characters

/** The emulator in a process of its own, which ends with this one. */
export class Process {
  readonly #child: ChildProcess;
  readonly #what: string;
  #log = "";
  #end?: string;

  private constructor(command: string, args: string[], what: string) {
    this.#what = what;
    const variables = Object.entries(process.env).filter(([name]) => !clusterVariables.includes(name));
    const env = Object.fromEntries(variables);
    this.#child = spawn(command, args, { stdio: "pipe", windowsHide: true, env });
    this.#child.stdin?.on("error", () => {}); // it has ended, which exit says, too
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
      if (this.#log.length > 2 * logLimit) {
        this.#log = this.#log.slice(-logLimit); // not each time, because it copies
      }
    });
    this.#child.on("error", (error) => (this.#end ??= `could not be started: ${error.message}`));
    this.#child.on("exit", (code, signal) => (this.#end ??= `has ended with ${signal ?? `code ${code}`}`));
  }

  /** Starts the program, or a container with docker or podman, and waits until the emulator is ready. */
  static async start(options: StartOptions, flags: string[], timeout: number): Promise<[Process, Ready]> {
    const { port = 0, container } = options;
    // IVSCHAT_ADMIN_LISTEN has the address of another emulator, if it is set.
    const own = ["--data", ":memory:", "--admin-listen", "", "--log-format", "json", "--stop-with-stdin"];
    const all = [...own, ...flags];
    if (!container) {
      const program = findProgram(options.program);
      const args = ["serve", "--listen", `127.0.0.1:${port}`, ...all];
      const started = new Process(program, args, `The emulator ${program}`);
      return [started, await started.#ready(timeout)];
    }
    const engine = await findEngine(container);
    const image = options.image ?? (process.env.IVSCHAT_IMAGE || `${repository}:${version}`);
    const name = `ivschat-local-${randomBytes(6).toString("hex")}`;
    const publish = port === 0 ? "127.0.0.1::4700" : `127.0.0.1:${port}:4700`;
    const run = ["run", "--rm", "--interactive", "--name", name, "--publish", publish, image];
    const args = [...run, "serve", "--listen", "0.0.0.0:4700", ...all];
    const started = new Process(engine, args, `The container of ${image}`);
    const ready = await started.#ready(timeout);
    try {
      const { stdout } = await promisify(execFile)(engine, ["port", name, "4700/tcp"], { timeout });
      return [started, outside(ready, stdout.trim().split("\n")[0])];
    } catch (error) {
      await started.stop(timeout);
      throw error;
    }
  }

  /** The end of what the emulator has logged, each line as JSON. */
  get log(): string {
    return this.#log;
  }

  /** Why the emulator does not run any more, with the end of its log. undefined while it runs. */
  get ended(): string | undefined {
    return this.#end && `${this.#what} ${this.#end}.${this.#problems()}`;
  }

  /** Lets the emulator end, and waits for that. After the timeout, it is killed. */
  async stop(timeout: number): Promise<void> {
    if (this.#end !== undefined) {
      return;
    }
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.ref();
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), timeout);
    await ended;
    clearTimeout(timer);
  }

  async #ready(timeout: number): Promise<Ready> {
    let late = false;
    const line = await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => {
        late = true;
        resolve(undefined);
      }, timeout);
      const done = (line?: string) => {
        clearTimeout(timer);
        resolve(line);
      };
      createInterface({ input: this.#child.stdout! }).once("line", done);
      this.#child.once("error", () => done()).once("close", () => done());
    });
    if (line === undefined && !late) {
      throw new Error(this.ended);
    }
    const ready = parseReady(line ?? "");
    if (ready === undefined) {
      await this.stop(1000);
      const what = late
        ? `was not ready in ${timeout} ms`
        : `is not ivschat-local, because it prints ${short(line ?? "")}`;
      throw new Error(`${this.#what} ${what}.${this.#problems()}`);
    }
    this.#unref();
    return ready;
  }

  /** Lets this process end while the emulator runs: the emulator then ends, too, because its standard input does. */
  #unref(): void {
    const { stdin, stdout, stderr } = this.#child;
    stdout?.resume();
    [stdin, stdout, stderr].forEach((stream) => (stream as Socket | null)?.unref());
    this.#child.unref();
  }

  /** What the log says about problems: the messages of errors, or else its end. */
  #problems(): string {
    const lines = this.#log.trim().split("\n");
    const errors = lines.flatMap((line) => {
      try {
        const entry = JSON.parse(line) as { level: string; msg: string };
        return entry.level === "ERROR" ? [entry.msg] : [];
      } catch {
        return line === "" ? [] : [line];
      }
    });
    return errors.length === 0 ? "" : ` ${errors.slice(-5).join("\n")}`;
  }
}

/** Returns what the line says, or undefined if it is not that of an emulator. */
function parseReady(line: string): Ready | undefined {
  try {
    const ready = JSON.parse(line) as Ready | null;
    return typeof ready?.endpoint === "string" && typeof ready.admin === "string" ? ready : undefined;
  } catch {
    return undefined;
  }
}

/** Returns where an emulator in a container is for this process, which reaches its port at the address. */
function outside(ready: Ready, address: string): Ready {
  const move = (url: string) => url.replace(/\/\/[^/]+/, `//${address}`);
  return {
    ...ready,
    endpoint: move(ready.endpoint),
    http_endpoint: ready.http_endpoint && move(ready.http_endpoint),
    admin: move(ready.admin),
  };
}

/** Returns docker or podman, whichever is meant or installed. */
async function findEngine(option: true | "docker" | "podman"): Promise<string> {
  const candidates = option === true ? ["docker", "podman"] : [option];
  for (const engine of candidates) {
    try {
      await promisify(execFile)(engine, ["--version"]);
      return engine;
    } catch {
      // It is not installed.
    }
  }
  throw new Error(
    `The option container needs ${candidates.join(" or ")}, which cannot be run. Is it in PATH?`,
  );
}
