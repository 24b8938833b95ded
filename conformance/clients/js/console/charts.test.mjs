// Tests of the console's charts, and of how they understand metrics.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { SendMessageRequest } from "amazon-ivs-chat-messaging";
import { measure, parse, quantile, total } from "../../../../emulator/console/static/metrics.js";
import { connected, newClient } from "../client.mjs";
import { closeBrowser, expectText, open, start } from "./console.mjs";

after(closeBrowser);

test("metrics are parsed with their labels, escapes and special values", () => {
  const samples = parse([
    "# HELP a_total Words.", "# TYPE a_total counter",
    'a_total{x="1",y="a \\"b\\"} 9,\\\\c\\n"} 3', 'a_total{x="2"} 4 1700000000',
    "b 1.5e+03", "c +Inf", "d NaN", "", "not a sample",
  ].join("\n"));
  assert.deepEqual(samples.a_total[0], { labels: { x: "1", y: 'a "b"} 9,\\c\n' }, value: 3 });
  assert.equal(total(samples, "a_total"), 7);
  assert.equal(total(samples, "a_total", ({ x }) => x === "2"), 4);
  assert.deepEqual([samples.b[0].value, samples.c[0].value, samples.d[0].value], [1500, Infinity, NaN]);
  assert.equal(total(samples, "absent"), 0);
});

// histogram returns the samples of a histogram with these counts of its buckets.
const histogram = (...counts) =>
  parse(["0.1", "0.4", "+Inf"].map((le, at) => `h_bucket{le="${le}"} ${counts[at]}`).join("\n"));

test("quantiles are those of the last interval alone", () => {
  const [none, before] = [histogram(0, 0, 0), histogram(100, 100, 100)];
  assert.equal(quantile(none, histogram(10, 10, 10), "h", 0.5), 0.05);
  assert.equal(quantile(before, histogram(100, 110, 110), "h", 0.5).toFixed(3), "0.250");
  assert.equal(quantile(before, histogram(100, 100, 110), "h", 0.99), 0.4); // the limit of the last bucket that has one
  assert.equal(quantile(before, before, "h", 0.5), undefined);
  assert.equal(quantile(none, none, "absent", 0.5), undefined);
});

test("rates are per second, and begin again when the emulator restarts", () => {
  const frames = (count) => parse(`ivschat_messaging_requests_total ${count}`);
  assert.equal(measure(frames(10), frames(30), 2).messages, 10);
  assert.equal(measure(frames(10), frames(4), 2).messages, 2);
  assert.equal(measure(undefined, frames(4), 2).messages, undefined);
});

test("the charts show connections, messages, errors and latencies as they happen, also as a table", async (t) => {
  const { url, call } = await start(t);
  const page = await open(t, url, "#/charts");
  const value = (name) => page.locator(`[data-value="${name}"]`);
  await expectText(value("connections"), /^0$/);
  const { arn } = await call("CreateRoom", {});
  const token = () => call("CreateChatToken", { roomIdentifier: arn, userId: "anna", capabilities: ["SEND_MESSAGE"] });
  const anna = await connected(newClient(t, url, token));
  await expectText(value("connections"), /^1$/);
  const traffic = setInterval(() => {
    if (anna.state === "connected") anna.sendMessage(new SendMessageRequest("hello")).catch(() => {});
    fetch(`${url}/GetRoom`, { method: "POST", body: "{}" }).catch(() => {}); // without an identifier
  }, 150);
  t.after(() => clearInterval(traffic));
  for (const name of ["messages", "deliveries", "error-calls", "p50", "p99"]) {
    await expectText(value(name), /[1-9]/);
  }
  const figure = page.getByRole("figure").filter({ hasText: "Frames to clients" });
  await figure.locator('path[d*="h0L"]').waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Table" }).click();
  const table = page.getByRole("region", { name: "Measurements" });
  await table.getByRole("columnheader", { name: "refused handshakes (per second)" }).waitFor();
  assert.match(page.url(), /paused=1&view=1/);
  const rows = await table.getByRole("row").count();
  assert.ok(rows > 2, `${rows} rows`);
});

test("in a narrow window, the navigation scrolls to the panel that is shown", async (t) => {
  const { url } = await start(t);
  const page = await open(t, url, "#/charts", { viewport: { width: 320, height: 700 } });
  const link = page.getByRole("navigation", { name: "Panels" }).getByRole("link", { name: "Charts" });
  await link.waitFor();
  const isVisible = (element) => element.getBoundingClientRect().right <= innerWidth;
  await page.waitForFunction(isVisible, await link.elementHandle());
});
