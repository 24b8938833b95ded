// Tests of what a website that the user visits can do with the console and the admin API: nothing.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { closeBrowser, newPage, start, watch } from "./console.mjs";

// The website, at every host that ends with .test, and at localhost.
const website = createServer((_, response) => {
  response.setHeader("Content-Type", "text/html");
  response.end("<!doctype html><title>Website</title>");
});
let port;
before(async () => {
  await once(website.listen(0, "127.0.0.1"), "listening");
  port = website.address().port;
});
after(async () => {
  website.close();
  await closeBrowser();
});

// openWebsite opens the website at a host.
async function openWebsite(t, host = "website.test") {
  const page = await newPage(t);
  await page.goto(`http://${host}:${port}/`);
  return page;
}

// startWithRoom starts an emulator with something that can be changed. state() returns everything that requests
// can change: resources, rules, scripted answers, the offset of the clock, sessions and what was called.
async function startWithRoom(t) {
  const emulator = await start(t);
  const { arn } = await emulator.call("CreateRoom", { name: "lobby" });
  await emulator.admin("POST", "faults", { operation: "GetRoom", status: 500 });
  await emulator.admin("POST", "clock", { freeze: true });
  const state = async () => {
    const { journal, clock, ...rest } = Object.fromEntries(
      await Promise.all(
        ["snapshot", "faults", "reviews/answers", "clock", "rooms", "journal"].map(async (path) => [
          path, await emulator.admin("GET", path),
        ]),
      ),
    );
    // A refused handshake of a chat client is in the journal. That is all that a website can do. A browser that
    // shows an answer asks for /favicon.ico, too.
    const harmless = ({ kind, operation }) => kind === "handshake" || operation === "unknown";
    return { ...rest, now: clock.now, journal: journal.items.filter((entry) => !harmless(entry)) };
  };
  return { ...emulator, arn, state };
}

// changes are requests that would change something.
const changes = (arn) => [
  ["POST", "_ivschat/v1/clock", '{"advance":"1h"}'],
  ["POST", "_ivschat/v1/reset", ""],
  ["POST", "_ivschat/v1/faults", '{"operation":"CreateRoom","status":500}'],
  ["DELETE", "_ivschat/v1/faults", undefined],
  ["PUT", "_ivschat/v1/reviews", "[]"],
  ["PUT", "_ivschat/v1/snapshot", "{}"],
  ["POST", "_ivschat/v1/chat-logs/flush", ""],
  ["POST", "CreateRoom", "{}"],
  ["POST", "DeleteRoom", JSON.stringify({ identifier: arn })],
  ["POST", "SendEvent", JSON.stringify({ roomIdentifier: arn, eventName: "e" })],
];

test("no request of a website changes anything, and no answer can be read", async (t) => {
  const { url, arn, state } = await startWithRoom(t);
  const before = await state();
  const page = await openWebsite(t);
  const outcomes = await page.evaluate(async ({ url, changes }) => {
    const outcome = (path, options) =>
      fetch(`${url}/${path}`, options).then(({ type, status }) => `${type} ${status}`, ({ name }) => name);
    const all = [];
    for (const [method, path, body] of changes) {
      for (const mode of ["cors", "no-cors"]) {
        for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"]) {
          const headers = { "Content-Type": type };
          all.push(await outcome(path, { method, body, mode, headers, credentials: "include", keepalive: true }));
        }
      }
      navigator.sendBeacon(`${url}/${path}`, body);
    }
    for (const path of ["_ivschat/v1/snapshot", "_ivschat/v1/rooms", "_ivschat/v1/info", "_ivschat/console/", ""]) {
      for (const mode of ["cors", "no-cors"]) all.push(await outcome(path, { mode }));
    }
    return [...new Set(all)].sort();
  }, { url, changes: changes(arn) });
  assert.deepEqual(outcomes, ["TypeError", "opaque 0"]); // an opaque answer has nothing to read
  assert.deepEqual(await state(), before);
});

test("no form of a website changes anything", async (t) => {
  const { url, arn, state } = await startWithRoom(t);
  const before = await state();
  for (const path of ["_ivschat/v1/clock", "_ivschat/v1/reset", "CreateRoom"]) {
    const [method, , body] = changes(arn).find((change) => change[1] === path);
    for (const type of ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]) {
      const page = await openWebsite(t);
      const [answer] = await Promise.all([
        page.waitForResponse(`${url}/${path}`),
        page.evaluate(({ method, action, body, enctype }) => {
          const form = Object.assign(document.createElement("form"), { method, action, enctype });
          // With text/plain, the body is NAME=VALUE, which can be JSON.
          const input = { type: "hidden", name: body.slice(0, -1) + ',"', value: '":0}' };
          form.append(Object.assign(document.createElement("input"), body === "" ? {} : input));
          document.body.append(form);
          form.submit();
        }, { method, action: `${url}/${path}`, body, enctype: type }),
      ]);
      assert.equal(answer.status(), 403, `${type} ${path}`);
      await page.context().close();
    }
  }
  assert.deepEqual(await state(), before);
});

test("a website can load no file of the console and no answer of the admin API into its page", async (t) => {
  const { url } = await startWithRoom(t);
  const page = await openWebsite(t);
  const outcomes = await page.evaluate(async (url) => {
    const load = (tag, attributes) =>
      new Promise((resolve) => {
        const element = document.createElement(tag);
        element.onload = element.onloadeddata = () => resolve("loaded");
        element.onerror = () => resolve("error");
        Object.assign(element, attributes);
        document.body.append(element);
      });
    const files = `${url}/_ivschat/console/`;
    return {
      script: await load("script", { src: `${files}format.js` }),
      module: await load("script", { type: "module", src: `${files}format.js` }),
      imported: await import(`${files}format.js`).then(() => "loaded", () => "error"),
      answer: await load("script", { src: `${url}/_ivschat/v1/snapshot` }),
      style: await load("link", { rel: "stylesheet", href: `${files}style.css` }),
      image: await load("img", { src: `${files}icon.svg` }),
      object: await load("object", { data: `${files}icon.svg` }),
      events: await new Promise((resolve) => {
        const events = new EventSource(`${url}/_ivschat/v1/events?after=0`);
        events.onmessage = events.onopen = () => resolve("loaded");
        events.onerror = () => resolve("error");
      }),
      worker: await new Promise((resolve) => {
        try {
          new Worker(`${files}format.js`).onerror = () => resolve("error");
        } catch {
          resolve("error");
        }
      }),
    };
  }, url);
  for (const [kind, outcome] of Object.entries(outcomes)) assert.equal(outcome, "error", kind);
});

// The website of another port of this machine can call the control plane, but not more.
for (const host of ["website.test", "localhost", "127.0.0.1"]) {
  test(`a page of ${host} cannot put the console into a frame`, async (t) => {
    const { url } = await startWithRoom(t);
    const page = await openWebsite(t, host);
    for (const path of ["_ivschat/console/", "", "_ivschat/v1/openapi.json"]) {
      for (const tag of ["iframe", "embed", "object"]) {
        const [answer] = await Promise.all([
          page.waitForResponse((answer) => answer.url() === `${url}/${path}`),
          page.evaluate(({ tag, src }) => {
            document.body.replaceChildren(Object.assign(document.createElement(tag), { src, data: src }));
          }, { tag, src: `${url}/${path}` }),
        ]);
        // What is at / for a frame of this machine is the control plane, which is no page.
        assert.ok([403, 404].includes(answer.status()), `${tag} ${path}: ${answer.status()}`);
      }
    }
    const status = (path) => page.evaluate(
      (url) => fetch(url, { method: "POST", body: '{"advance":"1h"}' }).then((r) => r.status, () => "refused"),
      `${url}/${path}`,
    );
    assert.equal(await status("_ivschat/v1/clock"), "refused");
    assert.equal(await status("ListRooms"), host === "website.test" ? "refused" : 200);
  });
}

test("a window that a website opens with the console has no connection with the website", async (t) => {
  const { url } = await startWithRoom(t);
  const page = await openWebsite(t);
  const [popup] = await Promise.all([
    page.waitForEvent("popup"),
    page.evaluate((url) => {
      window.opened = window.open(`${url}/`);
    }, url),
  ]);
  watch(t, popup);
  await popup.getByRole("link", { name: "lobby" }).waitFor();
  assert.equal(popup.url(), `${url}/_ivschat/console/`);
  assert.equal(await popup.evaluate(() => window.opener), null);
  const access = await page.evaluate(() => {
    window.opened.postMessage("hello", "*");
    return [window.opened.closed, window.opened.length];
  });
  assert.deepEqual(access, [true, 0]);
});

test("a website cannot connect a chat client without a token", async (t) => {
  const { url, state } = await startWithRoom(t);
  const before = await state();
  const page = await openWebsite(t);
  const outcomes = await page.evaluate((url) => {
    const outcome = (...args) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, ...args);
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("error");
      });
    return Promise.all([outcome(), outcome("AQICAH"), outcome("<img>".replaceAll(/[<>]/g, "!"))]);
  }, url.replace("http", "ws"));
  assert.deepEqual(outcomes, ["error", "error", "error"]);
  assert.deepEqual(await state(), before);
});

test("a link on a website opens a panel, and does nothing else", async (t) => {
  const { url, arn, state } = await startWithRoom(t);
  const before = await state();
  const parameters = new URLSearchParams({
    account: "999999999999", region: "eu-west-1", search: "x", room: arn, tab: "people", as: "anna", user: "anna",
    users: "anna,bert", join: "1", speak: "1", crowd: "1000", rate: "100", send: "hello", message: "hello",
    advance: "1h",
    freeze: "true", scale: "10", preset: "0", add: "1", token: "AQICAH", text: "AQICAH", reset: "1", confirm: "1",
    delete: "1", edit: "1", create: "1", kind: "frame", direction: "in",
  });
  const room = `room/${encodeURIComponent(arn)}`;
  const panels = ["rooms", room, "frames", "calls", "clock", "faults", "token", "state", "charts"];
  for (const panel of panels) {
    const page = await openWebsite(t);
    const sent = [];
    page.context().on("request", (request) => {
      const safe = ["GET", "HEAD"].includes(request.method()) || request.url().endsWith("/tokens/inspect");
      if (!safe) sent.push(`${request.method()} ${request.url()}`);
    });
    const sockets = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));
    await page.evaluate((href) => {
      document.body.append(Object.assign(document.createElement("a"), { href, textContent: "Win" }));
    }, `${url}/_ivschat/console/#/${panel}?${parameters}`);
    await page.getByRole("link", { name: "Win" }).click();
    await page.getByRole("heading").first().waitFor();
    await page.waitForLoadState("networkidle").catch(() => {}); // a panel with an event stream is never idle
    assert.deepEqual([sent, sockets], [[], []], panel);
    await page.context().close();
  }
  assert.deepEqual(await state(), before);
});
