import { Api, type Place, type Query } from "./api";
import { ChatClient } from "./chat";
import { environment } from "./environment";
import { list } from "./errors";
import { isAccount } from "./options";
import type { Process } from "./process";
import type {
  ActiveFault,
  Call,
  Clock,
  Duration,
  Entry,
  Fault,
  FrameEntry,
  Limit,
  Operation,
  Review,
  Room,
  RoomOptions,
  ScriptedAnswer,
  Session,
  Snapshot,
  TokenContent,
  TokenOptions,
} from "./types";
import { entries, waitForEntries, waitForSessions } from "./wait";

/** Which entries of a room's frames count. */
export interface FrameFilter extends Limit {
  /** out: frames to clients, which is the default. in: frames from clients. */
  direction?: "in" | "out";
  /** Says whether an entry counts. By default, all do. */
  match?: (entry: FrameEntry) => boolean;
}

/** Which calls are meant. */
export interface CallFilter {
  operation?: Operation;
  /** The HTTP status of the answer. */
  status?: number;
  /** Members of the request. The request may have others, too. */
  with?: Record<string, unknown>;
}

/** Everything that an emulator and its views of accounts share. */
export interface Shared {
  process?: Process;
  randomSeed: number;
  version: string;
  /** The endpoint for SDKs and chat clients. */
  endpoint: string;
  /** With --auth, those of the key that the emulator has made. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** A document in JSON or YAML. */
  seed?: string;
  /** Ends what start has started. */
  release: () => Promise<void>;
}

/** A running emulator. Methods that wait fail after the time limit, and say what happened instead. */
export class Emulator implements AsyncDisposable {
  readonly #api: Api;
  readonly #shared: Shared;
  readonly #clients = new Set<ChatClient>();

  /** Is called by start. */
  constructor(place: Place, timeout: number, shared: Shared) {
    this.#api = new Api(place, timeout, () => shared.process?.ended);
    this.#shared = shared;
  }

  /** The endpoint for AWS SDKs, such as http://127.0.0.1:4700. */
  get endpoint(): string {
    return this.#shared.endpoint;
  }

  /** The endpoint for chat clients, such as ws://127.0.0.1:4700: the regionOrUrl of AWS's client. */
  get messagingUrl(): string {
    return this.endpoint.replace(/^http/, "ws");
  }

  /** The address of the admin API, such as http://127.0.0.1:4700/_ivschat/v1. */
  get adminUrl(): string {
    return `${this.#api.place.admin}/_ivschat/v1`;
  }

  /** The account that this client works in, or undefined for all of them. */
  get account(): string | undefined {
    return this.#api.place.account;
  }

  /** The region of rooms. */
  get region(): string {
    return this.#api.place.region;
  }

  /** The option randomSeed that repeats the IDs and random faults of this run. */
  get randomSeed(): number {
    return this.#shared.randomSeed;
  }

  /** The version of the emulator. */
  get version(): string {
    return this.#shared.version;
  }

  /** What the emulator has logged, if this client has started it: lines of JSON. */
  get log(): string {
    return this.#shared.process?.log ?? "";
  }

  /** Credentials for AWS SDKs, which select the account. With --auth, they are those of the emulator's default key. */
  get credentials(): { accessKeyId: string; secretAccessKey: string } {
    return (
      this.#shared.credentials ?? { accessKeyId: this.account ?? "000000000000", secretAccessKey: "local" }
    );
  }

  /** The configuration for an AWS SDK: `new IvschatClient(emulator.config())`. */
  config(): {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  } {
    return { endpoint: this.endpoint, region: this.region, credentials: this.credentials };
  }

  /**
   * Environment variables that point AWS SDKs and chat clients of another process to the emulator. NO_PROXY and no_proxy
   * have what they have in this process, and the host of the emulator.
   */
  env(): Record<string, string> {
    return environment(this);
  }

  /**
   * Returns a client of the same emulator that works in another account: it sees and changes only the rooms, faults,
   * clock and so on of that account, so tests with accounts of their own can share an emulator. The option seed
   * is not for it, and its stop ends its own connections alone.
   */
  forAccount(account: string): Emulator {
    if (!isAccount(account)) {
      throw new TypeError(`An account must be a text of 12 digits, but is ${JSON.stringify(account)}.`);
    }
    const shared = { ...this.#shared, seed: undefined, release: async () => {} };
    return new Emulator({ ...this.#api.place, account }, this.#api.timeout, shared);
  }

  /** Creates a room. */
  async room(options: RoomOptions = {}): Promise<Room> {
    return await this.#api.call<Room>("CreateRoom", options);
  }

  /** Creates a chat token for a user in a room, or in that with this ARN. */
  async token(room: Room | string, userId: string, options: TokenOptions = {}): Promise<string> {
    const arn = arnOf(room);
    const [, , , region, account] = arn.split(":");
    const input = { roomIdentifier: arn, userId, ...options };
    return (await this.#api.call<{ token: string }>("CreateChatToken", input, { account, region })).token;
  }

  /** Connects as a user of a room. Throws a RefusedError if the handshake is refused. */
  async connect(room: Room | string, userId: string, options: TokenOptions = {}): Promise<ChatClient> {
    return await this.connectWithToken(await this.token(room, userId, options));
  }

  /** Connects with a chat token, for instance one of your application. */
  async connectWithToken(token: string): Promise<ChatClient> {
    const client = await ChatClient.dial(
      this.#api.place.endpoint.replace(/^http/, "ws"),
      token,
      this.#api.timeout,
    );
    this.#clients.add(client);
    return client;
  }

  /** Returns what a chat token contains. It is not used up. */
  async inspectToken(token: string): Promise<TokenContent> {
    return await this.#api.admin("POST", "/tokens/inspect", { body: { token } });
  }

  /** Returns the clock. */
  async clock(): Promise<Clock> {
    return await this.#api.admin("GET", "/clock");
  }

  /**
   * Moves the clock forward, and returns it. Everything that became due has then happened: for instance, sessions have
   * ended.
   */
  async advance(duration: Duration): Promise<Clock> {
    return await this.#api.admin("POST", "/clock", { body: { advance: text(duration) } });
  }

  /** Stops the clock. */
  async freeze(): Promise<Clock> {
    return await this.#api.admin("POST", "/clock", { body: { freeze: true } });
  }

  /** Lets the clock run again after freeze. */
  async resume(): Promise<Clock> {
    return await this.#api.admin("POST", "/clock", { body: { freeze: false } });
  }

  /** Adds a rule that makes something go wrong. */
  async fault(rule: Fault): Promise<ActiveFault> {
    return (await this.#api.admin<{ items: ActiveFault[] }>("POST", "/faults", { body: rule })).items[0];
  }

  /** Returns the faults that can still fire. */
  async faults(): Promise<ActiveFault[]> {
    return (await this.#api.admin<{ items: ActiveFault[] }>("GET", "/faults")).items;
  }

  /** Removes all faults. */
  async clearFaults(): Promise<void> {
    await this.#api.admin("DELETE", "/faults");
  }

  /** Answers reviews in place of the message review handlers. Replaces the answers that were scripted before. */
  async scriptReviews(answers: ScriptedAnswer | ScriptedAnswer[]): Promise<void> {
    await this.#api.admin("PUT", "/reviews", { body: answers });
  }

  /** Returns the reviews of messages so far, in a room or in all of them. */
  async reviews(room?: Room | string): Promise<Review[]> {
    const path = room === undefined ? "/reviews" : `${roomPath(room)}/reviews`;
    return await entries<Review>(this.#api, path, {});
  }

  /** Waits until this many messages of the room have been reviewed, and returns the reviews. */
  async waitForReviews(room: Room | string, count: number, limit: Limit = {}): Promise<Review[]> {
    const wanted = { path: `${roomPath(room)}/reviews`, query: {}, count, what: `reviews in ${arnOf(room)}` };
    return await waitForEntries<Review>(this.#api, wanted, limit);
  }

  /** Returns the calls of AWS's API so far: all, those of an operation, or those that a filter says. */
  async calls(filter: CallFilter | Operation = {}): Promise<Call[]> {
    const query = typeof filter === "string" ? { operation: filter } : { ...filter };
    return await entries<Call>(this.#api, "/calls", query);
  }

  /**
   * Waits until an operation was called this many times, with these members of the request, and returns the calls.
   * Calls that failed count, too: status says so.
   */
  async waitForCalls(
    operation: Operation,
    count = 1,
    members: Record<string, unknown> = {},
    limit: Limit = {},
  ): Promise<Call[]> {
    const query = { operation, with: members };
    const what = `calls of ${operation} with ${JSON.stringify(members)}`;
    const otherwise = async () => {
      const calls = await this.calls({ operation });
      return list(
        `requests of ${operation}`,
        calls.map((call) => call.request),
      );
    };
    return await waitForEntries<Call>(this.#api, { path: "/calls", query, count, what, otherwise }, limit);
  }

  /**
   * Waits until this many frames were sent in the room since it was created, and returns their entries. A frame to all
   * clients counts once.
   */
  async waitForFrames(room: Room | string, count: number, filter: FrameFilter = {}): Promise<FrameEntry[]> {
    const { direction = "out", match } = filter;
    const path = `${roomPath(room)}/frames`;
    const wanted = { path, query: { direction }, count, what: `frames in ${arnOf(room)}`, match };
    return await waitForEntries<FrameEntry>(this.#api, wanted, filter);
  }

  /** Returns the open sessions of a room. */
  async sessions(room: Room | string): Promise<Session[]> {
    return (await this.#api.admin<{ sessions: Session[] }>("GET", roomPath(room))).sessions;
  }

  /** Waits until exactly this many sessions of the room are open, for instance until a page has connected. */
  async waitForSessions(room: Room | string, count: number, limit: Limit = {}): Promise<Session[]> {
    return await waitForSessions(this.#api, roomPath(room), count, `sessions in ${arnOf(room)}`, limit);
  }

  /** Returns the entries of the journal so far: calls, frames, handshakes, connections, faults and reviews. */
  async journal(filter: { kind?: Entry["kind"] } = {}): Promise<Entry[]> {
    return await entries<Entry>(this.#api, "/journal", filter);
  }

  /** Removes rooms, sessions, faults, the journal and so on, and goes back to the option seed, if there is one. */
  async reset(): Promise<void> {
    await this.#api.admin("POST", "/reset");
    if (this.#shared.seed !== undefined) {
      await this.seed(this.#shared.seed);
    }
  }

  /** Adds rooms and logging configurations: those of a document, or of a text in JSON or YAML. */
  async seed(document: object | string): Promise<void> {
    await this.#api.admin("POST", "/seed", { body: document });
  }

  /** Returns all rooms, logging configurations and tags. */
  async snapshot(): Promise<Snapshot> {
    return await this.#api.admin("GET", "/snapshot");
  }

  /** Replaces everything with what a snapshot has. Chat clients are disconnected. */
  async restore(snapshot: Snapshot): Promise<void> {
    await this.#api.admin("PUT", "/snapshot", { body: snapshot });
  }

  /** Sends any other request to the admin API. The path follows /_ivschat/v1. Returns the answer. */
  async admin<T = unknown>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    options: { query?: Query; body?: unknown } = {},
  ): Promise<T> {
    return await this.#api.admin<T>(method, path, options);
  }

  /** Ends the connections of this client. */
  disconnect(): void {
    this.#clients.forEach((client) => client.drop());
  }

  /** Ends the connections of this client and, if start has started it, the emulator. */
  async stop(): Promise<void> {
    this.disconnect();
    await this.#shared.release();
  }

  /** Is stop, for await using. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function arnOf(room: Room | string): string {
  return typeof room === "string" ? room : room.arn;
}

function roomPath(room: Room | string): string {
  return `/rooms/${encodeURIComponent(arnOf(room))}`;
}

/** Returns the duration as the emulator reads it. */
function text(duration: Duration): string {
  return typeof duration === "number" ? `${duration}ms` : duration;
}
