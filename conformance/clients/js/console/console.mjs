// What the tests of the console have in common: the program ($PROGRAM), and pages of Chromium ($CHROMIUM).

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { call as callAt, connected, newClient } from "../client.mjs";
import { start as startProgram } from "../program.mjs";

// The sandbox of Chromium does not work in a container. Pages of hosts such as website.test are other websites.
const args = ["--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1"];
const browser = chromium.launch({ executablePath: process.env.CHROMIUM, args });
browser.catch(() => {}); // the first test that opens a page reports it

// closeBrowser is for test.after.
export const closeBrowser = async () => (await browser).close();

// start starts the emulator with flags, until the end of the test. It returns {url, stop, log, call, admin}.
// call calls an operation of AWS's API and admin sends a request to the admin API; both must succeed. They use plain
// HTTP, also if the program speaks TLS.
export async function start(t, ...flags) {
  const program = await startProgram(t, ...flags);
  const plain = program.url.replace("https:", "http:");
  const call = (operation, input, headers) => callAt(plain, operation, input, headers);
  const admin = async (method, path, body) => {
    const options = { method, body: body === undefined ? undefined : JSON.stringify(body) };
    const response = await fetch(`${plain}/_ivschat/v1/${path}`, options);
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return { ...program, call, admin };
}

// capabilities are all that a chat token can have.
export const capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];

// startRoom starts the emulator with flags and creates a room. Its join returns an official chat client in it, whose
// tokens have no tokenExpirationTime: otherwise a client that connects again leaves a timer behind.
export async function startRoom(t, room, ...flags) {
  const program = await start(t, ...flags);
  const { arn } = await program.call("CreateRoom", room);
  const join = (userId, attributes) => connected(newClient(t, program.url, async () => {
    const { token } = await program.call("CreateChatToken", { roomIdentifier: arn, userId, attributes, capabilities });
    return { token };
  }));
  const at = (parameters = "") => `#/room/${encodeURIComponent(arn)}${parameters}`;
  return { ...program, arn, join, at };
}

// open opens a route of the console, such as "#/rooms", in a context of its own. The test fails if the page has
// an error that it does not handle, or violates its Content-Security-Policy.
export async function open(t, url, route = "", options = {}) {
  const page = await newPage(t, options);
  watch(t, page);
  await page.goto(`${url}/_ivschat/console/${route}`);
  return page;
}

// newPage returns an empty page in a context of its own.
export async function newPage(t, options = {}) {
  const context = await (await browser).newContext(options);
  t.after(() => context.close());
  return context.newPage();
}

// watch lets the test fail if a page of the console has an error that it does not handle, or violates its
// Content-Security-Policy.
export function watch(t, page) {
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.stack));
  page.on("console", (message) => {
    const text = message.text();
    // A browser also logs each answer that is an error, which the page shows, and each handshake that is refused.
    const shown = /^Failed to load resource|^WebSocket connection to .* failed/.test(text);
    if (message.type() === "error" && !shown) problems.push(text);
  });
  t.after(() => assert.deepEqual(problems, []));
}

// expectText waits until an element has a text.
export async function expectText(locator, text) {
  await locator.filter({ hasText: text }).first().waitFor();
}

// settled waits until a panel is there and shows what it received.
export async function settled(page) {
  await page.locator("main h1, main .error-box").first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".loading"));
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}
