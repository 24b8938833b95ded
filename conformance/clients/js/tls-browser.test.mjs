// Tests with TLS in Chromium ($CHROMIUM), whose certificates are in the home directory. The emulator is at $URL, which
// is that of the hosts of AWS, too.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const { URL: url, PORT: port } = process.env;
const hosts = ["ivschat.us-east-1.amazonaws.com", "edge.ivschat.us-east-1.amazonaws.com"];
const here = path.dirname(fileURLToPath(import.meta.url));

// open opens a page in a browser of its own. What the browser says in its console is written to the standard error.
async function open(t, address) {
  const rules = hosts.map((host) => `MAP ${host}:443 127.0.0.1:${port}`).join(", ");
  const args = ["--no-sandbox", `--host-resolver-rules=${rules}`];
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.on("console", (message) => console.error(message.text()));
  await page.goto(address);
  return page;
}

test("console", async (t) => {
  const page = await open(t, `${url}/`);
  assert.equal(page.url(), `${url}/_ivschat/console/`);
  await page.getByRole("button", { name: "Create a room" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  const card = page.getByRole("region", { name: "People in this page" });
  await card.getByLabel("User ID").fill("anna");
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await card.getByRole("listitem").filter({ hasText: "connected" }).waitFor();
  await page.getByLabel("Message", { exact: true }).fill("hello"); // comes back through the event stream
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("log").filter({ hasText: "hello" }).waitFor();
});

test("chat client in a region", async (t) => {
  const html = `<!doctype html><script type="importmap">{"imports": {
    "amazon-ivs-chat-messaging": "/node_modules/amazon-ivs-chat-messaging/dist/esm/index.js",
    "uuid": "/node_modules/uuid/dist/esm-browser/index.js"
  }}</script>`;
  const server = createServer(async ({ url }, response) => {
    if (url === "/") return response.setHeader("Content-Type", "text/html").end(html);
    const script = await readFile(path.join(here, url)).catch(() => undefined);
    response.writeHead(script ? 200 : 404, { "Content-Type": "text/javascript" }).end(script);
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const page = await open(t, `http://127.0.0.1:${server.address().port}/`);
  const sent = await page.evaluate(async () => {
    const { ChatRoom, SendMessageRequest } = await import("amazon-ivs-chat-messaging");
    const call = async (operation, input) => {
      const address = `https://ivschat.us-east-1.amazonaws.com/${operation}`;
      return (await fetch(address, { method: "POST", body: JSON.stringify(input) })).json();
    };
    const room = await call("CreateRoom", {});
    const input = { roomIdentifier: room.arn, userId: "anna", capabilities: ["SEND_MESSAGE"] };
    const chat = new ChatRoom({ regionOrUrl: "us-east-1", tokenProvider: () => call("CreateChatToken", input) });
    const connected = new Promise((resolve) => chat.addListener("connect", resolve));
    chat.connect();
    await connected;
    return (await chat.sendMessage(new SendMessageRequest("hello"))).content;
  });
  assert.equal(sent, "hello");
});
