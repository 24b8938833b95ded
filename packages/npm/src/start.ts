import { readFile } from "node:fs/promises";

import { Emulator } from "./emulator";
import { short } from "./errors";
import { send } from "./http";
import { checkOptions, type StartOptions } from "./options";
import { Process, type Ready } from "./process";
import { type Handler, serveReviews } from "./review";

const defaults = { region: "us-east-1", timeout: 10_000, containerStart: 120_000 };

/**
 * Starts an emulator that ends with this process, or at stop. With the option endpoint, it uses one that runs already.
 *
 *     await using emulator = await start();
 *     const room = await emulator.room();
 *     const anna = await emulator.connect(room, "anna", { capabilities: ["SEND_MESSAGE"] });
 */
export async function start(options: StartOptions = {}): Promise<Emulator> {
  checkOptions(options);
  const { timeout = defaults.timeout, account } = options;
  const startTimeout = options.timeout ?? (options.container ? defaults.containerStart : defaults.timeout);
  const seed = typeof options.seed === "string" ? await readFile(options.seed, "utf8") : options.seed;
  const handler = await handle(options);
  let process: Process | undefined;
  let ready: Ready;
  try {
    if (options.endpoint !== undefined) {
      ready = await attach(options.endpoint.replace(/\/$/, ""), startTimeout);
    } else {
      const all = [...flags(options, handler?.target), ...(options.args ?? [])];
      [process, ready] = await Process.start(options, all, startTimeout);
    }
  } catch (error) {
    handler?.close();
    throw error;
  }
  const own = ready.http_endpoint ?? ready.endpoint;
  const emulator = new Emulator(
    {
      endpoint: own,
      admin: ready.admin === ready.endpoint ? own : ready.admin,
      account,
      region: options.region ?? ready.region ?? defaults.region,
    },
    timeout,
    {
      process,
      randomSeed: ready.random_seed,
      version: ready.version,
      endpoint: ready.endpoint,
      credentials:
        ready.access_key_id === undefined
          ? undefined
          : {
              accessKeyId: ready.access_key_id,
              secretAccessKey: ready.secret_access_key ?? "",
            },
      seed: typeof seed === "object" ? JSON.stringify(seed) : seed,
      release: async () => {
        handler?.close();
        await process?.stop(timeout);
      },
    },
  );
  if (seed !== undefined) {
    try {
      await emulator.seed(seed);
    } catch (error) {
      await emulator.stop();
      throw error;
    }
  }
  return emulator;
}

async function handle({ reviewHandler }: StartOptions): Promise<Handler | undefined> {
  return typeof reviewHandler === "function" ? await serveReviews(reviewHandler) : undefined;
}

/** Returns the flags of the program for the options. */
function flags(options: StartOptions, reviews?: string): string[] {
  const { account, region, randomSeed, reviewHandler } = options;
  const handlers = typeof reviewHandler === "function" ? [`*=${reviews}`] : [reviewHandler ?? []].flat();
  return [
    ...(account === undefined ? [] : ["--account", account]),
    ...(region === undefined ? [] : ["--region", region]),
    ...(randomSeed === undefined ? [] : ["--random-seed", String(randomSeed)]),
    ...handlers.flatMap((handler) => ["--review-handler", handler]),
  ];
}

/** Asks an emulator that runs already what it would have said at its start. */
async function attach(endpoint: string, timeout: number): Promise<Ready> {
  const url = `${endpoint}/_ivschat/v1/info`;
  const info = await send<{ version: string; randomSeed: number; region: string } | null | undefined>({
    method: "GET",
    url,
    timeout,
  });
  if (typeof info?.version !== "string" || typeof info.randomSeed !== "number") {
    const answer = JSON.stringify(info) ?? "nothing";
    throw new Error(`GET ${url} was not answered by ivschat-local, but with ${short(answer)}`);
  }
  const { version, randomSeed, region } = info;
  return { endpoint, admin: endpoint, random_seed: randomSeed, version, region };
}
