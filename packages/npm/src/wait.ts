import type { Api, Query } from "./api";
import { list, WaitError } from "./errors";
import type { Entry, Limit, Session } from "./types";

/** The answer of the admin API with entries of the journal. */
interface Entries<E> {
  items: E[];
  last: number;
}

/** What to wait for. */
export interface Wanted<E> {
  /** The path of the admin API that has the entries. */
  path: string;
  query: Query;
  count: number;
  /** What the entries are, for the error. */
  what: string;
  /** Says whether an entry counts. By default, all do. */
  match?: (entry: E) => boolean;
  /** Says what there is instead, for the error. By default, it is the frames or requests of all entries. */
  otherwise?: () => Promise<string>;
}

/** Returns the entries of the journal so far. */
export async function entries<E>(api: Api, path: string, query: Query): Promise<E[]> {
  return (await api.admin<Entries<E>>("GET", path, { query: { ...query, after: 0, count: 0 } })).items;
}

/** Waits until there are enough entries, and returns them. If there are too few, the error shows what is there. */
export async function waitForEntries<E extends Entry>(
  api: Api,
  wanted: Wanted<E>,
  limit: Limit,
): Promise<E[]> {
  const { path, query, count, what, match = () => true } = wanted;
  const deadline = new Deadline(limit.timeout ?? api.timeout);
  const all: E[] = [];
  for (let last = 0; ;) {
    const answer = await api.admin<Entries<E>>("GET", path, { query: { ...query, after: last, count: 0 } });
    all.push(...answer.items);
    last = answer.last;
    const found = all.filter(match);
    if (found.length >= count) {
      return found;
    }
    if (deadline.left <= 0) {
      const seen = all.map((entry) => entry.frame ?? entry.request);
      const shown = await (wanted.otherwise?.() ?? list("there are", seen));
      const { milliseconds } = deadline;
      throw new WaitError(
        `The number of ${what} is ${found.length}, and not ${count}, after ${milliseconds} ms.${shown}`,
      );
    }
    await next(api, path, { ...query, after: last }, deadline);
  }
}

/** Waits until the room at this path of the admin API has exactly this many open sessions, and returns them. */
export async function waitForSessions(
  api: Api,
  path: string,
  count: number,
  what: string,
  limit: Limit,
): Promise<Session[]> {
  const deadline = new Deadline(limit.timeout ?? api.timeout);
  for (;;) {
    // The journal first, so that no change is missed in between.
    const { last } = await api.admin<Entries<Entry>>("GET", "/journal", { query: { count: 1 } });
    const { sessions } = await api.admin<{ sessions: Session[] }>("GET", path);
    if (sessions.length === count) {
      return sessions;
    }
    if (deadline.left <= 0) {
      const users = list(
        "users",
        sessions.map((session) => session.userId),
      );
      const { milliseconds } = deadline;
      throw new WaitError(
        `The number of ${what} is ${sessions.length}, and not ${count}, after ${milliseconds} ms.${users}`,
      );
    }
    await next(api, "/journal", { after: last }, deadline);
  }
}

/** Waits for one more entry, or until the deadline. */
async function next(api: Api, path: string, query: Query, { left }: Deadline): Promise<void> {
  await api.admin("GET", path, { query: { ...query, count: 1, timeout: `${left}ms` }, wait: left });
}

class Deadline {
  readonly #end: number;

  constructor(readonly milliseconds: number) {
    this.#end = Date.now() + milliseconds;
  }

  get left(): number {
    return Math.max(0, this.#end - Date.now());
  }
}
