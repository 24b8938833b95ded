// Tests with the unmodified official chat client for JavaScript, and with the page in the guide,
// $PAGE, in Chromium ($CHROMIUM). The emulator is at $URL.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { call as callAt } from "./client.mjs";

const url = process.env.URL;
const here = path.dirname(fileURLToPath(import.meta.url));

// The pages have another origin than the emulator, like those of a front end.
const html = `<!doctype html><script type="importmap">{"imports": {
  "amazon-ivs-chat-messaging": "/node_modules/amazon-ivs-chat-messaging/dist/esm/index.js",
  "uuid": "/node_modules/uuid/dist/esm-browser/index.js"
}}</script>`;
const pageInGuide = process.env.PAGE;
const pages = { "/": html, "/chat.html": pageInGuide.replaceAll("127.0.0.1:4700", new URL(url).host) };
const server = createServer(async ({ url }, response) => {
  if (url in pages) return response.setHeader("Content-Type", "text/html").end(pages[url]);
  const script = await readFile(path.join(here, url)).catch(() => undefined);
  response.writeHead(script ? 200 : 404, { "Content-Type": "text/javascript" }).end(script);
});

let browser;
before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  // A container does not allow Chromium's sandbox.
  const options = { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] };
  browser = await chromium.launch(options);
});
after(async () => {
  await browser?.close();
  server.close();
});

const call = (operation, input) => callAt(url, operation, input);

// openChat opens a page with a connected client. In the page, the variable chat is the client,
// received has the client's events, and tokens is the number of tokens that it has requested. The
// first token expires in refreshIn milliseconds, if that is set.
async function openChat(t, room, userId, { refreshIn } = {}) {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(
    async ({ room, userId, url, refreshIn }) => {
      Object.assign(window, await import("amazon-ivs-chat-messaging"));
      window.tokens = 0;
      window.received = [];
      window.chat = new ChatRoom({
        regionOrUrl: url.replace("http", "ws"),
        tokenProvider: async () => {
          tokens++;
          const capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];
          const body = JSON.stringify({ roomIdentifier: room, userId, capabilities });
          const response = await fetch(`${url}/CreateChatToken`, { method: "POST", body });
          const token = await response.json();
          if (refreshIn === undefined || tokens > 1) {
            // Without the expiration time the client does not refresh a token before it expires.
            return { token: token.token };
          }
          return { ...token, tokenExpirationTime: new Date(Date.now() + refreshIn) };
        },
      });
      const names = [
        "connect", "disconnect", "message", "messageDelete", "userDisconnect", "event",
      ];
      for (const name of names) {
        chat.addListener(name, (value) => {
          const event = typeof value === "string" ? { reason: value } : value;
          received.push({ name, ...event });
        });
      }
      chat.connect();
    },
    { room: room.arn, userId, url, refreshIn },
  );
  await waitFor(page, "connect");
  return page;
}

// waitFor waits until the client in the page has received count events of a kind, and returns the
// last of them.
async function waitFor(page, name, count = 1) {
  const handle = await page.waitForFunction(
    ({ name, count }) => received.filter((event) => event.name === name)[count - 1],
    { name, count },
  );
  return handle.jsonValue();
}

// hasReceived returns whether the client in the page has received an event of a kind.
function hasReceived(page, name) {
  return page.evaluate((name) => received.some((event) => event.name === name), name);
}

test("two pages chat, delete and disconnect", async (t) => {
  const room = await call("CreateRoom", {});
  const [anna, ben] = [await openChat(t, room, "anna"), await openChat(t, room, "ben")];
  const sent = await anna.evaluate(async () => {
    const message = await chat.sendMessage(new SendMessageRequest("héllo 🙂", { mood: "fine" }));
    return message.id;
  });
  for (const page of [anna, ben]) {
    const { id, content, attributes, sender } = await waitFor(page, "message");
    assert.deepEqual(
      [id, content, attributes, sender.userId],
      [sent, "héllo 🙂", { mood: "fine" }, "anna"],
    );
  }
  await ben.evaluate((id) => chat.deleteMessage(new DeleteMessageRequest(id, "a mistake")), sent);
  assert.equal((await waitFor(anna, "messageDelete")).messageId, sent);
  await call("SendEvent", { roomIdentifier: room.arn, eventName: "app:raffle" });
  assert.equal((await waitFor(ben, "event")).eventName, "app:raffle");
  await anna.evaluate(() => chat.disconnectUser(new DisconnectUserRequest("ben", "enough")));
  assert.equal((await waitFor(anna, "userDisconnect")).userId, "ben");
  assert.equal((await waitFor(ben, "disconnect")).reason, "serverDisconnect");
  assert.equal(await ben.evaluate(() => tokens), 1, "the client reconnected");
});

test("a page receives the error of a refused request", async (t) => {
  const room = await call("CreateRoom", { maximumMessageLength: 3 });
  const page = await openChat(t, room, "anna");
  const error = await page.evaluate(() =>
    chat
      .sendMessage(new SendMessageRequest("long"))
      .catch(({ errorCode, errorMessage }) => ({ errorCode, errorMessage })),
  );
  assert.deepEqual(error, { errorCode: 400, errorMessage: "Message exceeds maximum length" });
});

test("a page refreshes its token without losing its connection", async (t) => {
  const room = await call("CreateRoom", {});
  // The client refreshes thirty seconds before the token expires.
  const refreshed = await openChat(t, room, "anna", { refreshIn: 30_200 });
  // While the client replaces its socket it may lose requests: it closes the old socket without
  // waiting for answers.
  await refreshed.waitForFunction(() => tokens === 2 && chat.nextConnection === null);
  const content = await refreshed.evaluate(async () => {
    const message = await chat.sendMessage(new SendMessageRequest("still here"));
    return message.content;
  });
  assert.equal(content, "still here");
  assert.equal(await hasReceived(refreshed, "disconnect"), false);
});

test("a page reconnects after the end of its session", async (t) => {
  const room = await call("CreateRoom", {});
  const page = await openChat(t, room, "anna");
  await call("_ivschat/v1/clock", { advance: "61m" });
  await waitFor(page, "connect", 2);
  await call("SendEvent", { roomIdentifier: room.arn, eventName: "app:back" });
  assert.equal((await waitFor(page, "event")).eventName, "app:back");
});

test("a page of another origin calls with credentials and reads every answer", async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const answers = await page.evaluate(async (url) => {
    // answer returns the status and the header with the request ID, as the page sees them.
    const answer = async (path, options = {}) => {
      const response = await fetch(url + path, { credentials: "include", ...options });
      await response.text();
      return [response.status, response.headers.has("x-amzn-RequestId")];
    };
    const scope = "123456789012/20260101/us-east-1/ivschat/aws4_request";
    const Authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`;
    const signed = { Authorization, "x-amz-date": "20260101T000000Z" }; // needs a preflight request
    const tags = "/tags/" + encodeURIComponent("arn:aws:ivschat:us-east-1:000000000000:room/AAAAAAAAAAAA");
    return {
      success: await answer("/ListRooms", { method: "POST", body: "{}" }),
      preflight: await answer("/ListRooms", { method: "POST", body: "{}", headers: { "x-amz-date": "now" } }),
      "preflight of DELETE": await answer(`${tags}?tagKeys=a`, { method: "DELETE" }),
      "an exception": await answer("/GetRoom", { method: "POST", body: "{}" }),
      "a refused credential": await answer("/ListRooms", {
        method: "POST", headers: { ...signed, Authorization: "AWS4-HMAC-SHA256 Credential=nonsense" },
      }),
      "an unknown operation": await answer("/Nothing", { method: "POST", headers: signed }),
      health: await answer("/health"),
      "health with a preflight request": await answer("/_localstack/health", { headers: { "x-trace": "1" } }),
    };
  }, url);
  assert.deepEqual(answers, {
    success: [200, true],
    preflight: [200, true],
    "preflight of DELETE": [404, true],
    "an exception": [400, true],
    "a refused credential": [403, true],
    "an unknown operation": [404, true],
    health: [200, false],
    "health with a preflight request": [200, false],
  });
});

test("two tabs with the page in the guide chat with each other", async (t) => {
  assert.equal(pageInGuide.match(/127\.0\.0\.1:4700/g).length, 2);
  const open = async () => {
    const opened = await browser.newPage();
    t.after(() => opened.close());
    await opened.goto(`http://127.0.0.1:${server.address().port}/chat.html`);
    await opened.waitForSelector("input[placeholder='Say something']");
    return opened;
  };
  const [one, other] = [await open(), await open()];
  await one.fill("#text", "hello tab");
  await one.press("#text", "Enter");
  for (const tab of [one, other]) {
    await tab.waitForSelector("li:text-is('hello tab')");
  }
});

test("a page of another origin can read the failures that faults cause", async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const createRoom = (url) =>
    page.evaluate(async (url) => {
      const headers = { "Content-Type": "application/json" }; // so there is a preflight request
      try {
        const response = await fetch(`${url}/CreateRoom`, { method: "POST", headers, body: "{}" });
        const names = ["Content-Type", "x-amzn-ErrorType", "x-amzn-RequestId"];
        const [type, exception, requestId] = names.map((name) => response.headers.get(name));
        return { status: response.status, body: await response.text(), type, exception, requestId };
      } catch (error) {
        return `${error}`;
      }
    }, url);
  // The rule has no times, because a browser sends a request again if its connection is reset.
  const failure = async (effect) => {
    const body = JSON.stringify({ operation: "CreateRoom", ...effect });
    const added = await fetch(`${url}/_ivschat/v1/faults`, { method: "POST", body });
    assert.equal(added.status, 201, await added.text());
    const answer = await createRoom(url);
    await fetch(`${url}/_ivschat/v1/faults`, { method: "DELETE" });
    return answer;
  };
  const exception = "ThrottlingException";
  const throttled = await failure({ exception, message: "slow" });
  assert.equal(throttled.status, 429);
  assert.equal(throttled.type, "application/json");
  assert.equal(throttled.exception, exception);
  assert.equal(JSON.parse(throttled.body).message, "slow");
  assert.match(throttled.requestId, /^[0-9a-f-]{36}$/);

  const { requestId, ...busy } = await failure({ status: 503, body: "busy" });
  assert.deepEqual(busy, { status: 503, body: "busy", type: "text/html", exception: null });
  assert.match(requestId, /^[0-9a-f-]{36}$/);

  for (const effect of [{ status: 502, body: "Bad Gateway", bare: true }, { reset: true }]) {
    assert.equal(await failure(effect), "TypeError: Failed to fetch");
  }
});
