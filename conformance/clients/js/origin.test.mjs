// Tests of which web pages may call the control plane, in Chromium ($CHROMIUM), with the page in the guide, $PAGE, and
// with the AWS SDK for JavaScript. $PROGRAM is the emulator's program.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { call } from "./client.mjs";
import { start } from "./program.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

// scripts are the AWS SDK for browsers, by their paths. The first is the one to import.
const [{ output }] = await build({
  configFile: false,
  logLevel: "error",
  build: { lib: { entry: "node_modules/@aws-sdk/client-ivschat/dist-es/index.js", formats: ["es"] }, write: false },
  root: here,
});

const scripts = Object.fromEntries(output.map(({ fileName, code }) => [`/${fileName}`, code]));
const [sdk] = Object.keys(scripts);

const server = createServer(({ url }, response) => {
  response.setHeader("Content-Type", url in scripts ? "text/javascript" : "text/html");
  response.end(scripts[url] ?? "<!doctype html><title>Front end</title>");
});

let browser, port;
before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  port = server.address().port;
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    // A container does not allow Chromium's sandbox.
    args: ["--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1"],
  });
});
after(async () => {
  await browser?.close();
  server.close();
});

// open opens a page of a host of the server, or of another URL.
async function open(t, host, url = `http://${host}:${port}/`) {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(url);
  return page;
}

const rooms = async (url) => (await call(url, "ListRooms", {})).rooms.length;

test("a page of a website has no effect, whichever way it sends its requests", async (t) => {
  const { url, stop, log } = await start(t);
  const page = await open(t, "website.test");
  const outcomes = await page.evaluate(async (url) => {
    const outcome = (options) =>
      fetch(`${url}/CreateRoom`, { method: "POST", body: "{}", ...options })
        .then(({ type, status }) => `${type} ${status}`, ({ name }) => name);
    return {
      simple: await outcome({}),
      unreadable: await outcome({ mode: "no-cors" }),
      preflight: await outcome({ headers: { "Content-Type": "application/json" } }),
      credentials: await outcome({ credentials: "include" }),
      image: await new Promise((resolve) => {
        Object.assign(new Image(), { onerror: () => resolve("error"), src: `${url}/tags/a` });
      }),
    };
  }, url);
  assert.deepEqual(outcomes, {
    simple: "TypeError", unreadable: "opaque 0", preflight: "TypeError", credentials: "TypeError", image: "error",
  });
  const [answer] = await Promise.all([
    page.waitForResponse(`${url}/CreateRoom`),
    page.evaluate((url) => {
      document.body.innerHTML = `<form method="post" enctype="text/plain" action="${url}/CreateRoom">`;
      document.forms[0].submit();
    }, url),
  ]);
  assert.equal(answer.status(), 403);
  assert.equal(await rooms(url), 0);
  await stop();
  const lines = (await log).trim().split("\n").map(JSON.parse);
  const flag = `start the emulator with --cors-origin http://website.test:${port}`;
  assert.equal(lines.filter(({ reason }) => reason.endsWith(flag)).length, 1, JSON.stringify(lines));
});

// useSDK creates, tags and deletes a room in the page, with the AWS SDK and temporary credentials.
function useSDK(page, endpoint) {
  return page.evaluate(async ({ endpoint, sdk }) => {
    const {
      IvschatClient, CreateRoomCommand, DeleteRoomCommand, GetRoomCommand, UntagResourceCommand,
    } = await import(sdk);
    const credentials = { accessKeyId: "123456789012", secretAccessKey: "any", sessionToken: "any" };
    const client = new IvschatClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    const { arn, $metadata } = await client.send(new CreateRoomCommand({ tags: { a: "1" } }));
    await client.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ["a"] }));
    await client.send(new DeleteRoomCommand({ identifier: arn }));
    const error = await client.send(new GetRoomCommand({ identifier: arn })).catch((error) => error);
    return [arn.split(":")[4], error.name, [$metadata, error.$metadata].map(({ requestId }) => requestId?.length)];
  }, { endpoint, sdk });
}

const worked = ["123456789012", "ResourceNotFoundException", [36, 36]];

test("a page of localhost uses the AWS SDK", async (t) => {
  const { url } = await start(t);
  assert.deepEqual(await useSDK(await open(t, "localhost"), url), worked);
});

test("a page of an origin that --cors-origin allows uses the AWS SDK, and others do not", async (t) => {
  const { url } = await start(t, "--cors-origin", `http://*.allowed.test:${port}`);
  assert.deepEqual(await useSDK(await open(t, "app.allowed.test"), url), worked);
  await assert.rejects(useSDK(await open(t, "website.test"), url), /Failed to fetch/);
});

test("a page may not send a header that AWS would refuse", async (t) => {
  const { url } = await start(t);
  const page = await open(t, "localhost");
  const outcome = page.evaluate(async (url) => {
    const headers = { "x-trace": "1" };
    return (await fetch(`${url}/ListRooms`, { method: "POST", headers, body: "{}" })).status;
  }, url);
  await assert.rejects(outcome, /Failed to fetch/);
});

test("the page in the guide works as a file only with --cors-origin null", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "ivschat-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "chat.html");
  const openFile = async ({ url }) => {
    await writeFile(file, process.env.PAGE.replaceAll("127.0.0.1:4700", new URL(url).host));
    return open(t, undefined, pathToFileURL(file).href);
  };
  const allowing = await start(t, "--cors-origin", "null");
  await (await openFile(allowing)).waitForSelector("input[placeholder='Say something']");
  assert.equal(await rooms(allowing.url), 1);

  const refusing = await start(t);
  const page = await openFile(refusing);
  await page.reload({ waitUntil: "networkidle" });
  assert.equal(await rooms(refusing.url), 0);
  await refusing.stop();
  assert.match(await refusing.log, /--cors-origin null\. A page that was opened as a file has this origin/);
});
