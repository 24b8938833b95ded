import { readFileSync } from "node:fs";
import { isIP } from "node:net";

import type { Seed, Snapshot } from "ivschat-local";
import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";

import { readLog } from "./log";
import { PORT, type Settings, StartedIvsChatContainer } from "./started";

/** The image of the release that this package belongs to. */
export const DEFAULT_IMAGE = "ghcr.io/ivschat-local/ivschat-local:0.1.0";

const SEED_PATH = "/seed.yaml";

/**
 * A container with an emulator whose state is in memory.
 *
 *     await using emulator = await new IvsChatContainer().withRandomSeed(17).start();
 *     const client = await emulator.client();
 *     const anna = await client.connect(await client.room(), "anna", { capabilities: ["SEND_MESSAGE"] });
 */
export class IvsChatContainer extends GenericContainer {
  #command: string[] = [];
  readonly #flags: string[] = [];
  #id?: string; // of the latest container
  readonly #settings: Settings = { region: "us-east-1", tls: false, seeded: false };

  /** The default image is that of the environment variable IVSCHAT_IMAGE, or else DEFAULT_IMAGE. */
  constructor(image: string = process.env.IVSCHAT_IMAGE || DEFAULT_IMAGE) {
    super(image);
    this.withExposedPorts(PORT)
      .withEnvironment({ IVSCHAT_DATA: ":memory:" })
      .withWaitStrategy(Wait.forHttp("/health", PORT, { abortOnContainerExit: true }));
  }

  /**
   * Lets the emulator start with rooms, logging configurations and tags: a document, or the path of a file in JSON or
   * YAML.
   */
  withSeed(seed: Seed | Snapshot | string): this {
    const content = typeof seed === "string" ? readFileSync(seed, "utf8") : JSON.stringify(seed);
    this.#settings.seeded = true;
    this.withCopyContentToContainer([{ content, target: SEED_PATH, mode: 0o444 }]);
    return this.withFlags(`--seed=${SEED_PATH}`);
  }

  /** Repeats the IDs and random faults of the run with this seed, which is not 0. The log of a run has its seed. */
  withRandomSeed(seed: number): this {
    return this.withFlags(`--random-seed=${seed}`);
  }

  /**
   * Sets the account of callers whose access key is not an account ID, and of the test client. It has 12 digits. By
   * default it is 000000000000.
   */
  withAccount(account: string): this {
    this.#settings.account = account;
    return this.withFlags(`--account=${account}`);
  }

  /** Sets the region of requests that are not signed, and of the test client. By default it is us-east-1. */
  withRegion(region: string): this {
    this.#settings.region = region;
    return this.withFlags(`--region=${region}`);
  }

  /**
   * Lets the emulator answer https:// and wss:// at the same port as http:// and ws://, and changes the URLs of the
   * started container to these. Its certificate is for the host, for the network aliases, and for the names.
   */
  withTls(...names: string[]): this {
    this.#settings.tls = true;
    return this.withFlags("--tls=auto", ...names.map((name) => `--tls-name=${name}`));
  }

  /**
   * Says how the emulator reaches the functions that review messages, as PATTERN=TARGET. PATTERN is the ARN of a Lambda
   * function in which * stands for any number of characters. TARGET is for instance deny:WORD,WORD, or
   * http://ALIAS:8080 for another container in the same network. The first PATTERN that matches decides.
   *
   * A server on the host is http://host.docker.internal:8080, with Podman http://host.containers.internal:8080. On
   * Linux, it must listen on all addresses, such as 0.0.0.0:8080.
   */
  withReviewHandler(handler: string): this {
    this.withExtraHosts([{ host: "host.docker.internal", ipAddress: "host-gateway" }]);
    return this.withFlags(`--review-handler=${handler}`);
  }

  /**
   * Adds flags to the command line of the emulator, such as "--review-timeout=1m". The settings are also environment
   * variables, for withEnvironment. The flags --listen and --admin-listen must not be used.
   */
  withFlags(...flags: string[]): this {
    const impossible = flags.find((flag) => /^--(admin-)?listen(=|$)/.test(flag));
    if (impossible !== undefined) {
      throw new TypeError(`The flag ${impossible} is not possible in a container: it always listens on port ${PORT}.`);
    }
    this.#flags.push(...flags);
    return this;
  }

  /** Sets the beginning of the command line of the emulator, which continues with the flags of the other options. */
  override withCommand(command: string[]): this {
    this.#command = [...command];
    return this;
  }

  /** Starts a container and waits until the emulator is ready. If it does not start, the error has its log. */
  override async start(): Promise<StartedIvsChatContainer> {
    super.withCommand([...this.#command, ...this.#flags, ...(await this.#names())]);
    const alive = setInterval(() => {}, 1 << 30); // Testcontainers waits for sockets that do not keep the process alive
    try {
      return new StartedIvsChatContainer(await super.start(), { ...this.#settings, aliases: [...this.networkAliases] });
    } catch (error) {
      throw await this.#withLog(error);
    } finally {
      clearInterval(alive);
    }
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.#id = id;
  }

  /**
   * Adds the log to the error of a container that ended before Testcontainers waited for it, and removes the container.
   * Otherwise, Testcontainers has done both.
   */
  async #withLog(error: unknown): Promise<unknown> {
    if (this.#id === undefined || !(error instanceof Error)) {
      return error;
    }
    try {
      const log = await readLog(this.#id);
      await (await getContainerRuntimeClient()).container.dockerode.getContainer(this.#id).remove({ force: true, v: true });
      return new Error(`${error.message}\nThe log of ivschat-local:\n${log}`, { cause: error });
    } catch {
      return error; // the container was removed
    }
  }

  /**
   * Returns flags for the host names by which clients reach the emulator: those under which the admin API may be used,
   * and those of the certificate.
   */
  async #names(): Promise<string[]> {
    const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
    return [host, ...this.networkAliases].flatMap((name) => [
      ...(this.#settings.tls ? [`--tls-name=${name}`] : []),
      ...(name.includes(".") && !isIP(name) ? [`--allow-host=${name}`] : []),
    ]);
  }
}
