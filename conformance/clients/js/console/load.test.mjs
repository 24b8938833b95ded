// A test of the console with a room in which a thousand things happen each second. How fast it is depends on the
// machine, so the test reports that. It fails if the page becomes unusable, or if it loses count.

import assert from "node:assert/strict";
import http from "node:http";
import { after, test } from "node:test";
import WebSocket from "ws";
import { closeBrowser, open, start } from "./console.mjs";

after(closeBrowser);

const seconds = 10;
const perSecond = 1000;
const connections = 5; // each may send 10 messages per second
const messagesPerSecond = 10 * connections;
const maximumRows = 300; // that the page shows
const maximumGrowth = 32 << 20; // bytes of the heap, between the first seconds and the end
const maximumTask = 5000; // ms, on a busy machine

// What the page measures of itself: how long each key took until the next frame was shown, tasks of more than 50 ms,
// and entries that the emulator says are missing.
function measure() {
  window.measured = { keys: [], tasks: [], missed: 0 };
  const { keys, tasks } = window.measured;
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === "keydown") keys.push(duration);
  }).observe({ type: "event", durationThreshold: 16 });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: "longtask" });
  const { addEventListener } = EventSource.prototype;
  EventSource.prototype.addEventListener = function (type, listener) {
    addEventListener.call(this, type, (event) => {
      if (type === "missed") window.measured.missed += JSON.parse(event.data).missed;
      listener(event);
    });
  };
}

// A Load makes things happen in a room: messages of chat clients, and events. total is how many frames there were.
class Load {
  total = 0;
  agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  constructor(program, arn) {
    Object.assign(this, program, { arn });
  }

  async connect(t) {
    this.sockets = await Promise.all(Array.from({ length: connections }, async (_, n) => {
      const input = { roomIdentifier: this.arn, userId: `user-${n}`, capabilities: ["SEND_MESSAGE"] };
      const { token } = await this.call("CreateChatToken", input);
      const socket = new WebSocket(this.url.replace("http", "ws"), token);
      t.after(() => socket.terminate());
      // Everybody receives messages and events, so the first one counts them. An ERROR is for one.
      socket.on("message", (data) => {
        if (n === 0 || data.includes('"Type":"ERROR"')) this.total++;
      });
      await new Promise((resolve) => (socket.onopen = resolve));
      return socket;
    }));
    t.after(() => this.agent.destroy());
  }

  event() {
    const attributes = { text: "a".repeat(60) };
    const body = JSON.stringify({ roomIdentifier: this.arn, eventName: "app:load", attributes });
    return new Promise((resolve, reject) => {
      const request = http.request(`${this.url}/SendEvent`, { method: "POST", agent: this.agent }, (response) => {
        response.resume().on("end", resolve);
      });
      request.on("error", reject).end(body);
    });
  }

  // run makes things happen at the rate until the time is over, and returns how many frames they cause.
  async run() {
    const began = performance.now();
    const running = new Set();
    let [events, messages] = [0, 0];
    for (let passed = 0; passed < seconds; passed = (performance.now() - began) / 1000) {
      for (; messages < passed * messagesPerSecond; messages++) {
        const Content = `message ${messages} with a few more words`;
        this.sockets[messages % connections].send(JSON.stringify({ Action: "SEND_MESSAGE", Content }));
      }
      for (; events < passed * (perSecond - messagesPerSecond) && running.size < 100; events++) {
        const event = this.event().finally(() => running.delete(event));
        running.add(event);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(running);
    return events + messages; // a message causes a MESSAGE or an ERROR
  }
}

// atRank returns the value that so much of the sorted values are below.
const atRank = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;

test("the page stays usable while a thousand things happen each second", async (t) => {
  const program = await start(t);
  const { arn } = await program.call("CreateRoom", { maximumMessageRatePerSecond: 100 });
  const load = new Load(program, arn);
  await load.connect(t);
  const page = await open(t, program.url);
  await page.addInitScript(measure);
  await page.goto(`${program.url}/_ivschat/console/#/room/${encodeURIComponent(arn)}`);
  await page.reload();
  const card = page.getByRole("region", { name: "People in this page" });
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  const message = page.getByLabel("Message", { exact: true });
  await message.click();
  const debug = await page.context().newCDPSession(page);
  const heap = async () => {
    await debug.send("HeapProfiler.collectGarbage");
    return (await debug.send("Runtime.getHeapUsage")).usedSize;
  };

  const running = load.run();
  const text = "The quick brown fox jumps over the lazy dog. ".repeat(3);
  await page.keyboard.type(text, { delay: 20 });
  const heapBefore = await heap();
  const rows = page.getByRole("log").locator(".chat");
  const counts = [];
  const typing = page.keyboard.type(text, { delay: 20 });
  while (load.total < (seconds * perSecond) / 2 && counts.length < 50) counts.push(await rows.count());
  await typing;
  const frames = await running;

  // Everything that happened is shown or counted: also that the people connected.
  while (load.total < frames) await new Promise((resolve) => setTimeout(resolve, 20));
  const happened = load.total + connections + 1;
  const counted = (least) => {
    const text = document.querySelector("[data-counts]").innerText.replaceAll(",", "");
    const sum = document.querySelectorAll("[role=log] .chat").length + Number(text.match(/(\d+) not shown/)?.[1] ?? 0);
    return sum >= least && sum;
  };
  const shown = await (await page.waitForFunction(counted, happened)).jsonValue();
  const { keys, tasks, missed } = await page.evaluate(() => window.measured);
  const grown = (await heap()) - heapBefore;
  t.diagnostic(`${load.total} frames in ${seconds} s; keys of 16 ms or more: ${keys.length} of ${2 * text.length}, ` +
    `p50 ${atRank(keys, 0.5)} ms, p95 ${atRank(keys, 0.95)} ms, longest ${Math.max(0, ...keys)} ms (goal: < 100 ms); ` +
    `tasks of 50 ms or more: ${tasks.length}, longest ${Math.max(0, ...tasks).toFixed()} ms; ` +
    `heap grew by ${(grown / 1e6).toFixed(1)} MB; ${missed} missed by the stream`);
  assert.equal(await message.inputValue(), text + text);
  assert.equal(await page.getByRole("button", { name: "Pause" }).count(), 1, "the list does not follow any more");
  assert.ok(Math.max(...counts, await rows.count()) <= maximumRows, "there are too many rows");
  assert.ok(shown <= happened + missed, `${shown} rows are shown or counted, but ${happened} things happened`);
  assert.ok(grown < maximumGrowth, `the heap grew by ${grown} bytes`);
  assert.ok(Math.max(0, ...tasks) < maximumTask, `a task took ${Math.max(...tasks)} ms`);
});
