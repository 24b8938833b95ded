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
  /** The region of rooms. The default is us-east-1, or with endpoint the region of that emulator. */
  region?: string;
  /** Rooms and logging configurations that exist from the start and after reset: a document, or a JSON or YAML file. */
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

const text = (value: unknown) => typeof value === "string" && value !== "";
const texts = (value: unknown) => Array.isArray(value) && value.every(text);
const integer = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

/** What each option must be, and whether a value is that. */
const rules: Record<keyof StartOptions, [want: string, holds: (value: any) => boolean]> = {
  endpoint: [
    "a URL without a path, such as http://127.0.0.1:4700",
    (value) => text(value) && /^https?:\/\/[^/]+\/?$/.test(value),
  ],
  program: ["a path", text],
  container: ['true, "docker" or "podman"', (value) => [true, false, "docker", "podman"].includes(value)],
  image: ["the name of an image", text],
  port: ["an integer from 0 to 65535", (value) => integer(value) && value <= 65535],
  account: ["a text of 12 digits", isAccount],
  region: ["a text such as us-east-1", text],
  seed: ["a document or a path", (value) => text(value) || (typeof value === "object" && value !== null)],
  randomSeed: ["an integer of at least 0", integer],
  reviewHandler: [
    "a function, a text or an array of texts",
    (value) => typeof value === "function" || text(value) || texts(value),
  ],
  args: ["an array of texts", texts],
  timeout: ["a number of milliseconds, more than 0", (value) => value > 0 && value < 2 ** 31],
};

/** The options that say how to start an emulator, and so cannot be given for one that runs already. */
const starting = ["program", "container", "image", "port", "randomSeed", "reviewHandler", "args"] as const;

/** Throws an error that says which option has a bad value. */
export function checkOptions(options: StartOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = rules[name as keyof StartOptions];
    if (rule === undefined) {
      const known = Object.keys(rules).join(", ");
      throw new TypeError(`${name} is not an option of start: the options are ${known}.`);
    }
    const [want, holds] = rule;
    if (value !== undefined && !holds(value)) {
      const got = JSON.stringify(value) ?? typeof value;
      throw new TypeError(`The option ${name} must be ${want}, but is ${got}.`);
    }
  }
  conflict("endpoint", options, starting);
  conflict("container", options, ["program"]);
  if (options.image !== undefined && !options.container) {
    throw new TypeError("The option image is for containers: add container: true.");
  }
  if (options.container && typeof options.reviewHandler === "function") {
    throw new TypeError(
      "A function cannot be the reviewHandler of a container, which does not reach this process: use scriptReviews, " +
        "or a URL.",
    );
  }
}

/** Says whether a value is the ID of an account. */
export function isAccount(value: unknown): boolean {
  return text(value) && /^[0-9]{12}$/.test(value as string);
}

/** Throws an error if an option is given together with one of the others. */
function conflict(
  name: keyof StartOptions,
  options: StartOptions,
  others: readonly (keyof StartOptions)[],
): void {
  const given = (option: keyof StartOptions) => options[option] !== undefined && options[option] !== false;
  const other = others.find(given);
  if (given(name) && other !== undefined) {
    throw new TypeError(`The options ${name} and ${other} exclude each other.`);
  }
}
