import { type Emulator, environment, start } from "ivschat-local";
import { AbstractStartedContainer, type StartedTestContainer } from "testcontainers";

import { readLog } from "./log";

/** The port of the emulator in its container. */
export const PORT = 4700;

const JOURNAL_ENTRIES = 200;
const ENTRY_CHARACTERS = 2000;

/** What the options of a container say. */
export interface Settings {
  account?: string;
  region: string;
  tls: boolean;
  seeded: boolean;
}

/** What client takes. */
export interface ClientOptions {
  /** The account that the client works in. By default, the account of withAccount, or else every account. */
  account?: string;
  /** The region of rooms. By default, the region of withRegion. */
  region?: string;
  /** How long anything may take before it fails, in milliseconds. The default is 10,000. */
  timeout?: number;
}

/** A container in which an emulator runs. */
export class StartedIvsChatContainer extends AbstractStartedContainer {
  readonly #settings: Settings & { aliases: string[] };

  /** Is called by IvsChatContainer. */
  constructor(container: StartedTestContainer, settings: Settings & { aliases: string[] }) {
    super(container);
    this.#settings = settings;
  }

  /** The endpoint for AWS SDKs on the host, such as http://localhost:32768, or https://… with withTls. */
  getEndpoint(): string {
    return this.#url("http", this.#host());
  }

  /** The endpoint for chat clients on the host, such as ws://localhost:32768: the regionOrUrl of AWS's client. */
  getMessagingUrl(): string {
    return this.#url("ws", this.#host());
  }

  /** The address of the admin API for the host, such as http://localhost:32768/_ivschat/v1. */
  getAdminUrl(): string {
    return `${this.getEndpoint()}/_ivschat/v1`;
  }

  /**
   * The endpoint for AWS SDKs in another container of the same network. The alias is one of withNetworkAliases, by
   * default the first.
   */
  getNetworkEndpoint(alias?: string): string {
    return this.#url("http", this.#alias(alias));
  }

  /** The endpoint for chat clients in another container of the same network, such as ws://ALIAS:4700. */
  getNetworkMessagingUrl(alias?: string): string {
    return this.#url("ws", this.#alias(alias));
  }

  /** The address of the admin API for another container of the same network. */
  getNetworkAdminUrl(alias?: string): string {
    return `${this.getNetworkEndpoint(alias)}/_ivschat/v1`;
  }

  /**
   * Environment variables that point AWS SDKs in a process on the host to the emulator: the endpoint, the region, and
   * credentials that select the account of withAccount. IVSCHAT_MESSAGING_URL is for chat clients, which read no
   * variable by themselves. The credentials are not for an emulator with the flag --auth. NO_PROXY and no_proxy have
   * what they have in this process, and the host of the emulator.
   */
  env(): Record<string, string> {
    return this.#env(this.getEndpoint(), this.getMessagingUrl());
  }

  /** The variables of env for another container of the same network. */
  networkEnv(alias?: string): Record<string, string> {
    return this.#env(this.getNetworkEndpoint(alias), this.getNetworkMessagingUrl(alias));
  }

  /** The certificate that clients have to trust, in PEM. The container must have withTls. */
  async getCertificateAuthority(): Promise<string> {
    if (!this.#settings.tls) {
      throw new Error("The emulator has no certificate authority: start it with withTls.");
    }
    return await this.#admin("GET", "ca");
  }

  /**
   * Returns the test client of the package ivschat-local for this emulator. It uses plain HTTP, also with withTls, and
   * its stop does not stop the container.
   */
  async client(options: ClientOptions = {}): Promise<Emulator> {
    const { account, region } = this.#settings;
    return await start({ account, region, ...options, endpoint: `http://${this.#host()}` });
  }

  /**
   * Removes rooms, sessions, faults, the journal and so on, and goes back to the seed of withSeed, if there is one. The
   * clock runs with the machine's time again. The reset of the test client removes the seed, too.
   */
  async reset(): Promise<void> {
    await this.#admin("POST", "reset", { to: this.#settings.seeded ? "seed" : "empty" });
  }

  /**
   * Returns the log of the container, and the latest calls, frames and so on of the emulator's journal, for the output
   * of a test that fails.
   */
  async diagnostics(): Promise<string> {
    const log = await readLog(this.getId());
    const { items } = JSON.parse(await this.#admin("GET", `journal?count=${JOURNAL_ENTRIES}`)) as { items: unknown[] };
    const journal = items.map((entry) => {
      const text = JSON.stringify(entry);
      return text.length > ENTRY_CHARACTERS ? `${text.slice(0, ENTRY_CHARACTERS)}…` : text;
    });
    return ["The log of ivschat-local:", log, "The journal of ivschat-local:", ...journal].join("\n");
  }

  #host(): string {
    const host = this.getHost();
    return `${host.includes(":") ? `[${host}]` : host}:${this.getMappedPort(PORT)}`;
  }

  #alias(alias = this.#settings.aliases[0]): string {
    const { aliases } = this.#settings;
    if (alias === undefined || !aliases.includes(alias)) {
      const what = alias === undefined ? "no network alias" : `no network alias "${alias}", but [${aliases}]`;
      throw new Error(`The container of ivschat-local has ${what}: give it one with withNetworkAliases.`);
    }
    return `${alias}:${PORT}`;
  }

  #url(scheme: "http" | "ws", host: string): string {
    return `${scheme}${this.#settings.tls ? "s" : ""}://${host}`;
  }

  #env(endpoint: string, messagingUrl: string): Record<string, string> {
    const { account, region } = this.#settings;
    const credentials = { accessKeyId: account ?? "000000000000", secretAccessKey: "local" };
    return environment({ endpoint, messagingUrl, credentials, region });
  }

  /** Returns what the admin API answers. It uses plain HTTP, which works with TLS, too. */
  async #admin(method: string, path: string, body?: object): Promise<string> {
    const url = `http://${this.#host()}/_ivschat/v1/${path}`;
    const response = await fetch(url, { method, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`The emulator answered ${response.status} to ${method} ${path}: ${text}`);
    }
    return text;
  }
}
