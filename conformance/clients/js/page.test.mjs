// Tests with a page in Chromium ($CHROMIUM) that Vite's development server serves at $PAGE. The page
// reaches the emulator through that server. $REFUSED_PAGE is that of a server whose emulator refuses
// the page's use of the admin API. $CODE is the code of a page in the guide.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

let browser;
before(async () => {
  // A container does not allow Chromium's sandbox.
  const options = { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] };
  browser = await chromium.launch(options);
});
after(() => browser?.close());

// open opens the page.
async function open(t, url) {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(url);
  return page;
}

// setClock moves the clock from the page, and returns the status and the text of the answer.
function setClock(page) {
  return page.evaluate(async () => {
    const body = JSON.stringify({ advance: "1s" });
    const response = await fetch("/ivschat/_ivschat/v1/clock", { method: "POST", body });
    return { status: response.status, text: await response.text() };
  });
}

test("a page behind Vite chats through its own origin, with the code of the guide", async (t) => {
  const page = await open(t, process.env.PAGE);
  const content = await page.evaluate(async (code) => {
    // A chat room that keeps its options, because the page does not have the chat client.
    const ChatRoom = class { constructor(options) { this.options = options; } };
    const call = async (operation, input) => {
      const response = await fetch(`/ivschat/${operation}`, { method: "POST", body: JSON.stringify(input) });
      return response.json();
    };
    const { arn } = await call("CreateRoom", {});
    const input = { roomIdentifier: arn, userId: "anna", capabilities: ["SEND_MESSAGE"] };
    const make = new Function("ChatRoom", "tokenProvider", `${code}; return chat.options;`);
    const { regionOrUrl, tokenProvider } = make(ChatRoom, () => call("CreateChatToken", input));
    const { token } = await tokenProvider();
    const socket = new WebSocket(regionOrUrl, token);
    return new Promise((resolve, reject) => {
      socket.onopen = () => socket.send(JSON.stringify({ Action: "SEND_MESSAGE", Content: "hello" }));
      socket.onmessage = ({ data }) => resolve(JSON.parse(data).Content);
      socket.onerror = () => reject(new Error(`the connection to ${regionOrUrl} failed`));
    });
  }, process.env.CODE);
  assert.equal(content, "hello");
});

test("a page behind Vite uses the admin API", async (t) => {
  const { status, text } = await setClock(await open(t, process.env.PAGE));
  assert.equal(status, 200, text);
});

test("a page whose proxy replaces the host learns which flag allows it", { skip: !process.env.REFUSED_PAGE }, async (t) => {
  const { status, text } = await setClock(await open(t, process.env.REFUSED_PAGE));
  assert.equal(status, 403);
  assert.match(text, /start the emulator with --allow-host localhost/);
});
