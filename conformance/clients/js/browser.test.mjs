// The official chat client for JavaScript, unmodified, in Chromium ($CHROMIUM),
// and the page of the README. The emulators are those of chat.test.mjs.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const url = process.env.URL;
const here = path.dirname(fileURLToPath(import.meta.url));

// The pages come from a server of their own, as those of a front end do.
const lab = `<!doctype html><script type="importmap">{"imports": {
  "amazon-ivs-chat-messaging": "/node_modules/amazon-ivs-chat-messaging/dist/esm/index.js",
  "uuid": "/node_modules/uuid/dist/esm-browser/index.js"
}}</script>`;
const server = createServer(async ({ url }, response) => {
  if (url === "/") return response.setHeader("Content-Type", "text/html").end(lab);
  const file = await readFile(path.join(here, url)).catch(() => undefined);
  response.writeHead(file ? 200 : 404, { "Content-Type": "text/javascript" }).end(file);
});

let browser;
before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  // Without a sandbox, since containers have none to give.
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  server.close();
});

async function call(operation, input, base = url) {
  const response = await fetch(`${base}/${operation}`, { method: "POST", body: JSON.stringify(input) });
  const output = await response.json();
  assert.equal(response.status, 200, JSON.stringify(output));
  return output;
}

// tab opens a page in which chat is a client in the room, connected, and seen
// is what it has heard.
async function tab(t, room, userId, { base = url, refreshIn } = {}) {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(
    async ({ room, userId, base, refreshIn }) => {
      Object.assign(window, await import("amazon-ivs-chat-messaging"));
      window.tokens = 0;
      window.seen = [];
      window.chat = new ChatRoom({
        regionOrUrl: base.replace("http", "ws"),
        tokenProvider: async () => {
          tokens++;
          const body = JSON.stringify({ roomIdentifier: room, userId, capabilities: ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"] });
          const token = await (await fetch(`${base}/CreateChatToken`, { method: "POST", body })).json();
          // Without a time the client does not refresh ahead of the end.
          return refreshIn === undefined || tokens > 1 ? { token: token.token } : { ...token, tokenExpirationTime: new Date(Date.now() + refreshIn) };
        },
      });
      for (const name of ["connect", "disconnect", "message", "messageDelete", "userDisconnect", "event"]) {
        chat.addListener(name, (value) => seen.push({ name, ...(typeof value === "string" ? { reason: value } : value) }));
      }
      chat.connect();
    },
    { room: room.arn, userId, base, refreshIn },
  );
  await heard(page, "connect");
  return page;
}

// heard waits until the page has heard so many of those and gives the last one.
async function heard(page, name, count = 1) {
  const handle = await page.waitForFunction(({ name, count }) => seen.filter((one) => one.name === name)[count - 1], { name, count });
  return handle.jsonValue();
}

test("two pages chat, delete and disconnect", async (t) => {
  const room = await call("CreateRoom", {});
  const [anna, ben] = [await tab(t, room, "anna"), await tab(t, room, "ben")];
  const sent = await anna.evaluate(() => chat.sendMessage(new SendMessageRequest("héllo 🙂", { mood: "fine" })).then(({ id }) => id));
  for (const page of [anna, ben]) {
    const message = await heard(page, "message");
    assert.deepEqual([message.id, message.content, message.attributes, message.sender.userId], [sent, "héllo 🙂", { mood: "fine" }, "anna"]);
  }
  await ben.evaluate((id) => chat.deleteMessage(new DeleteMessageRequest(id, "a slip")), sent);
  assert.equal((await heard(anna, "messageDelete")).messageId, sent);
  await call("SendEvent", { roomIdentifier: room.arn, eventName: "app:raffle" });
  assert.equal((await heard(ben, "event")).eventName, "app:raffle");
  await anna.evaluate(() => chat.disconnectUser(new DisconnectUserRequest("ben", "enough")));
  assert.equal((await heard(anna, "userDisconnect")).userId, "ben");
  assert.equal((await heard(ben, "disconnect")).reason, "serverDisconnect");
  assert.equal(await ben.evaluate(() => tokens), 1, "it came back");
});

test("a page is told what it must not do", async (t) => {
  const room = await call("CreateRoom", { maximumMessageLength: 3 });
  const page = await tab(t, room, "anna");
  const error = await page.evaluate(() => chat.sendMessage(new SendMessageRequest("long")).catch(({ errorCode, errorMessage }) => ({ errorCode, errorMessage })));
  assert.deepEqual(error, { errorCode: 400, errorMessage: "Message exceeds maximum length" });
});

test("a page refreshes its token and survives the end of its session", async (t) => {
  const room = await call("CreateRoom", {});
  const refreshed = await tab(t, room, "anna", { refreshIn: 30_200 }); // the client refreshes thirty seconds ahead
  // What is sent while the sockets change places may be lost by the client: it
  // closes the old one without waiting for answers.
  await refreshed.waitForFunction(() => tokens === 2 && chat.nextConnection === null);
  assert.equal(await refreshed.evaluate(() => chat.sendMessage(new SendMessageRequest("still here")).then(({ content }) => content)), "still here");
  assert.equal(await refreshed.evaluate(() => seen.some(({ name }) => name === "disconnect")), false);

  const short = await call("CreateRoom", {}, process.env.SHORT_URL);
  const expired = await tab(t, short, "anna", { base: process.env.SHORT_URL });
  await heard(expired, "connect", 2);
  do { // its new session is over soon, too, and may be so before the event
    await call("SendEvent", { roomIdentifier: short.arn, eventName: "app:back" }, process.env.SHORT_URL);
  } while (!(await expired.evaluate(() => seen.some(({ name }) => name === "event"))));
});

test("the page of the README chats with itself", async (t) => {
  const readme = await readFile(path.join(here, "../../../README.md"), "utf8");
  const page = readme.match(/```html\n([^]*?)```/)[1];
  assert.equal(page.match(/127\.0\.0\.1:4700/g).length, 2);
  const folder = await mkdtemp(path.join(tmpdir(), "ivschat-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "chat.html");
  await writeFile(file, page.replaceAll("127.0.0.1:4700", new URL(url).host));
  const open = async () => {
    const opened = await browser.newPage();
    t.after(() => opened.close());
    await opened.goto(pathToFileURL(file).href);
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
