import { send } from "./http";

/** Where the emulator is, and for whom it is used. */
export interface Place {
  /** The address of AWS's API that this process uses. */
  endpoint: string;
  /** The address of the admin API. Empty if it is off. */
  admin: string;
  /** Limits requests to this account. */
  account?: string;
  region: string;
}

/** The members of a query. Those that are undefined are left out, and objects are sent as JSON. */
export type Query = Record<string, unknown>;

/** Calls of the admin API and of AWS's API. */
export class Api {
  #signer?: Promise<string | undefined>;

  constructor(
    readonly place: Place,
    readonly timeout: number,
    /** Why requests fail, if it is known. */
    private readonly trouble: () => string | undefined,
  ) {}

  /** Sends a request to the admin API. The path follows /_ivschat/v1. */
  async admin<T = void>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    options: { query?: Query; body?: unknown; wait?: number } = {},
  ): Promise<T> {
    const { admin, account } = this.place;
    if (admin === "") {
      throw new Error(
        "The admin API of the emulator is off, because it was started with --admin-listen off.",
      );
    }
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ account, ...options.query })) {
      if (value !== undefined) {
        query.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
      }
    }
    const url = `${admin}/_ivschat/v1${path}${query.size > 0 ? `?${query}` : ""}`;
    return await this.#send<T>(method, url, options.body, {}, this.timeout + (options.wait ?? 0));
  }

  /** Calls an operation of AWS's API, in the account, or in that of a resource. */
  async call<T = void>(
    operation: string,
    input: unknown,
    owner: { account?: string; region?: string } = {},
  ): Promise<T> {
    const { endpoint } = this.place;
    const region = owner.region ?? this.place.region;
    const account = owner.account ?? this.place.account;
    const path = `/${operation}`;
    const body = JSON.stringify(input);
    this.#signer ??= this.#findSigner(account);
    const signer = await this.#signer;
    let headers: Record<string, string> = {};
    if (signer !== undefined) {
      const request = { method: "POST", path, body, region, host: new URL(endpoint).host };
      ({ headers } = await this.admin<{ headers: Record<string, string> }>(
        "POST",
        `/callers/${signer}/sign`,
        {
          body: request,
          query: { account: undefined },
        },
      ));
    } else if (account !== undefined) {
      // Without --auth, the emulator reads the account and the region, and verifies no signature.
      const scope = `${account}/20260101/${region}/ivschat/aws4_request`;
      headers = { Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` };
    }
    return await this.#send<T>("POST", endpoint + path, body, headers, this.timeout);
  }

  /** Returns the access key that signs calls, or undefined without --auth. */
  async #findSigner(account?: string): Promise<string | undefined> {
    if (this.place.admin === "") {
      return undefined;
    }
    type Callers = { items: { accessKeyId: string; account: string }[] };
    const { items } = await this.admin<Callers>("GET", "/callers", { query: { account: undefined } });
    const caller = items.find((item) => account === undefined || item.account === account);
    if (items.length > 0 && caller === undefined) {
      throw new Error(
        `No access key of the emulator belongs to the account ${account}: it was started with --auth.`,
      );
    }
    return caller?.accessKeyId;
  }

  async #send<T>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    url: string,
    body: unknown,
    headers: Record<string, string>,
    timeout: number,
  ): Promise<T> {
    try {
      return await send<T>({ method, url, body, headers, timeout });
    } catch (error) {
      const ended = this.trouble();
      throw ended === undefined ? error : new Error(ended, { cause: error });
    }
  }
}
