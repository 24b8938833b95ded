import type { ReviewAnswer, ReviewEvent, Seed, Snapshot } from "./types";

/** A function that reviews messages. If it throws, the fallbackResult of the room decides. */
export type ReviewHandler = (event: ReviewEvent) => ReviewAnswer | Promise<ReviewAnswer>;

/** What start takes. */
export interface StartOptions {
  /**
   * The endpoint of an emulator that runs already, such as http://127.0.0.1:4700: it is used in place of a new one.
   * It must serve the admin API at the same address.
   */
  endpoint?: string;
  /** The path of the program. The default is IVSCHAT_PROGRAM, then the program of this package, then that in PATH. */
  program?: string;
  /**
   * Starts a container in place of the program, with docker or podman. true means the one that is installed, docker
   * first.
   */
  container?: boolean | "docker" | "podman";
  /** The image of the container. The default is IVSCHAT_IMAGE, then the image of this version. */
  image?: string;
  /** The port to listen on. The default is a free port. */
  port?: number;
  /**
   * The account of 12 digits that the client works in. Only its rooms, faults, clock and so on are seen and changed,
   * so tests can share an emulator. The default is every account, and 000000000000 for rooms.
   */
  account?: string;
  /** The region of rooms. The default is us-east-1. */
  region?: string;
  /** Rooms and logging configurations that exist from the start and after reset: a document, or a file in JSON or YAML. */
  seed?: Seed | Snapshot | string;
  /** The seed of IDs and random faults, to repeat a run. */
  randomSeed?: number;
  /**
   * What reviews the messages of rooms with a message review handler: a function, or the PATTERN=TARGET of the flag
   * --review-handler. The function must answer in 200 ms, or as long as `args: ["--review-timeout", "10s"]` says.
   */
  reviewHandler?: ReviewHandler | string | string[];
  /** More flags of the program, such as `["--auth", "iam"]`. */
  args?: string[];
  /**
   * How long anything may take before it fails, in milliseconds. The default is 10,000, and 120,000 for the start of a
   * container, whose image may have to be pulled.
   */
  timeout?: number;
}

const kinds: Record<keyof StartOptions, string[]> = {
  endpoint: ["string"],
  program: ["string"],
  container: ["boolean", "string"],
  image: ["string"],
  port: ["number"],
  account: ["string"],
  region: ["string"],
  seed: ["object", "string"],
  randomSeed: ["number"],
  reviewHandler: ["function", "string", "object"],
  args: ["object"],
  timeout: ["number"],
};

/** The options that say how to start an emulator, and so cannot be given for one that runs already. */
const starting = ["program", "container", "image", "port", "randomSeed", "reviewHandler", "args"] as const;

/** Throws an error that says which option has a bad value. */
export function checkOptions(options: StartOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const allowed = kinds[name as keyof StartOptions];
    if (allowed === undefined) {
      throw new TypeError(
        `${name} is not an option of start: the options are ${Object.keys(kinds).join(", ")}.`,
      );
    }
    if (value !== undefined && (value === null || !allowed.includes(typeof value))) {
      bad(name, `a ${allowed.join(" or ")}`, value);
    }
  }
  const { endpoint, container, image, port, account, randomSeed, args, timeout, program } = options;
  if (typeof container === "string" && container !== "docker" && container !== "podman") {
    bad("container", 'true, "docker" or "podman"', container);
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    bad("port", "from 0 to 65535", port);
  }
  if (account !== undefined && !/^[0-9]{12}$/.test(account)) {
    bad("account", "a text of 12 digits", account);
  }
  if (randomSeed !== undefined && !(Number.isSafeInteger(randomSeed) && randomSeed >= 0)) {
    bad("randomSeed", "an integer of at least 0", randomSeed);
  }
  if (timeout !== undefined && !(timeout > 0 && timeout < 2 ** 31)) {
    bad("timeout", "a number of milliseconds, more than 0", timeout);
  }
  if (args !== undefined && !(Array.isArray(args) && args.every((arg) => typeof arg === "string"))) {
    bad("args", "an array of texts", args);
  }
  if (endpoint !== undefined && !/^https?:\/\/[^/]+\/?$/.test(endpoint)) {
    bad("endpoint", "a URL without a path, such as http://127.0.0.1:4700", endpoint);
  }
  conflict("endpoint", endpoint !== undefined, options, starting);
  conflict("container", Boolean(container), options, ["program"]);
  if (image !== undefined && !container) {
    throw new TypeError("The option image is for containers: add container: true.");
  }
  if (container && typeof options.reviewHandler === "function") {
    throw new TypeError(
      "A function cannot be the reviewHandler of a container, which does not reach this process: use scriptReviews, " +
        "or a URL.",
    );
  }
  if (program === "") {
    bad("program", "a path", program);
  }
}

function conflict(
  name: string,
  given: boolean,
  options: StartOptions,
  others: readonly (keyof StartOptions)[],
): void {
  const both = others.find((other) => options[other] !== undefined);
  if (given && both !== undefined) {
    throw new TypeError(`The options ${name} and ${both} exclude each other.`);
  }
}

function bad(name: string, want: string, value: unknown): never {
  throw new TypeError(`The option ${name} must be ${want}, but is ${JSON.stringify(value) ?? typeof value}.`);
}
