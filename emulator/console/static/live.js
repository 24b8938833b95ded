// What happens in the emulator, as it happens: the journal, as a stream of events.

import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "./vendor/htm-preact.js";
import { admin, query, root } from "./api.js";

const kinds = ["call", "frame", "handshake", "connect", "disconnect", "fault", "review", "delivery"];

// Between two updates of the page, at most so many entries are kept, the latest ones. The others are counted.
const maximumBatch = 2000;

// An update of the page waits so many milliseconds after the one before, so that there is time for input.
const pause = 20;

// openStream opens a stream of entries. parameters are those of the admin API's events. Each entry has also its
// eventId, which no entry of an earlier run of the emulator has. onBatch receives the entries that came since the
// last call, and how many are missing, at most once for each animation frame. onState receives whether the stream
// is open. While the tab is hidden, the stream is closed, because a browser opens only six connections to a host.
// Then it goes on where it was. openStream returns a function that closes the stream.
function openStream(parameters, onBatch, onState = () => {}) {
  let source, last, timer, frame, retry;
  let batch = [];
  let missed = 0;

  const deliver = () => {
    frame = undefined;
    const [entries, lost] = [batch, missed];
    [batch, missed] = [[], 0];
    onBatch(entries, lost);
  };
  const schedule = () => {
    if (timer !== undefined || frame !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      frame = requestAnimationFrame(deliver);
    }, pause);
  };
  const receive = (event) => {
    last = event.lastEventId;
    if (batch.length === maximumBatch) missed += batch.splice(0, maximumBatch / 2).length;
    batch.push({ ...JSON.parse(event.data), eventId: last });
    schedule();
  };
  const open = () => {
    const after = last ?? parameters.after; // the ID of an event also names the run of the emulator
    source = new EventSource(new URL("_ivschat/v1/events" + query({ ...parameters, after }), root));
    source.onopen = () => onState(true);
    source.onerror = () => {
      onState(false);
      // A browser connects again by itself, but not after an answer such as 404.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, 2000);
    };
    for (const kind of kinds) source.addEventListener(kind, receive);
    source.addEventListener("missed", (event) => {
      missed += JSON.parse(event.data).missed;
      schedule();
    });
  };
  const visibility = () => {
    if (document.hidden) {
      clearTimeout(retry);
      source?.close();
      source = undefined;
    } else if (source === undefined) open();
  };
  document.addEventListener("visibilitychange", visibility);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener("visibilitychange", visibility);
    source?.close();
    clearTimeout(retry);
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}

// A Rows is a bounded window of rows: the latest ones. While it is held, rows are collected apart, so that
// what the user reads does not move.
class Rows {
  constructor(limit) {
    this.limit = limit;
    this.items = [];
    this.hidden = 0; // rows that were dropped from the window, or that the page never received
    this.waiting = []; // while it is held
    this.held = false;
  }

  add(items, missed = 0) {
    this.hidden += missed;
    if (this.held) {
      this.waiting = this.bounded(this.waiting, items);
    } else {
      this.items = this.bounded(this.items, items);
    }
  }

  bounded(items, added) {
    const all = items.concat(added);
    const dropped = Math.max(0, all.length - this.limit);
    this.hidden += dropped;
    return dropped > 0 ? all.slice(dropped) : all;
  }

  hold(held) {
    if (this.held && !held) {
      this.items = this.bounded(this.items, this.waiting);
      this.waiting = [];
    }
    this.held = held;
  }

  clear() {
    this.items = [];
    this.waiting = [];
    this.hidden = 0;
  }
}

// useStream shows the latest entries of a stream in a component. It returns {rows, open, held, hold, clear}.
// history is a function that returns a promise of earlier entries, which are shown first; the stream starts
// after the last of them. select makes rows of the entries that are received. The stream is opened again
// when key changes.
export function useStream(key, parameters, { limit = 300, history, select = (entries) => entries } = {}) {
  const rows = useMemo(() => new Rows(limit), [key]);
  const [, update] = useReducer((n) => n + 1, 0);
  const [open, setOpen] = useState(false);
  const current = useRef();
  current.current = select;
  useEffect(() => {
    let close = () => {};
    let stopped = false;
    const start = (after) => {
      if (stopped) return;
      const receive = (entries, missed) => {
        rows.add(current.current(entries), missed);
        update();
      };
      close = openStream(after === undefined ? parameters : { ...parameters, after }, receive, setOpen);
    };
    const begin = async () => {
      const { run } = await admin("GET", "info"); // IDs of another run would not be those of the same entries
      const entries = await history();
      if (stopped) return;
      rows.add(current.current(entries));
      update();
      start(`${entries.at(-1)?.id ?? 0}-${run}`);
    };
    if (history) begin().catch(() => start());
    else start();
    return () => {
      stopped = true;
      close();
    };
  }, [key]);
  return {
    rows,
    open,
    held: rows.held,
    hold: (held) => {
      rows.hold(held);
      update();
    },
    clear: () => {
      rows.clear();
      update();
    },
  };
}

// usePoll calls load, which returns a promise, now and then every interval milliseconds while the tab is
// visible. It returns {value, error, reload}. It starts again when key changes. After reload, the value is not from
// before.
export function usePoll(key, load, interval = 1000) {
  const [state, setState] = useState({ value: undefined, error: undefined });
  const again = useRef(() => {});
  // An effect would wait until the browser has painted.
  useLayoutEffect(() => {
    let timer;
    let stopped = false;
    let running = false;
    let outdated = false; // whether what is being loaded may be from before a reload
    const run = async () => {
      clearTimeout(timer);
      outdated = running;
      if (running) return;
      running = true;
      try {
        const value = await load();
        if (!stopped) setState({ value, error: undefined });
      } catch (error) {
        if (!stopped) setState((before) => ({ ...before, error }));
      }
      running = false;
      if (stopped) return;
      if (outdated) run();
      else if (!document.hidden && interval > 0) timer = setTimeout(run, interval);
    };
    const visibility = () => document.hidden || run();
    document.addEventListener("visibilitychange", visibility);
    setState({ value: undefined, error: undefined });
    run();
    again.current = run;
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", visibility);
    };
  }, [key]);
  return { ...state, reload: () => again.current() };
}

// useTick renders the component again every interval milliseconds.
export function useTick(interval) {
  const [, tick] = useReducer((n) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, interval);
    return () => clearInterval(timer);
  }, []);
}

// readClock returns the clock of an account, or that of all if it is "", with when it was received.
export const readClock = async (account) =>
  ({ ...(await admin("GET", "clock", { account })), received: performance.now() });

// serviceTime returns the time of a clock in milliseconds. It runs on after the answer of the emulator was received.
export const serviceTime = (clock, received = clock.received) =>
  Date.parse(clock.now) + (performance.now() - received) * clock.scale;

// useRooms returns what usePoll returns for rooms that the user can choose from.
export const useRooms = ({ account, region }) =>
  usePoll(JSON.stringify([account, region]),
    () => admin("GET", "rooms", { account, region, count: 200, sessions: 0 }), 5000);
