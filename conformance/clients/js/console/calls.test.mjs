// Tests of the console's list of calls.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import WebSocket from "ws";
import { closeBrowser, newPage, open, start, watch } from "./console.mjs";

after(closeBrowser);

const row = (page, text) => page.getByRole("log").getByRole("button").filter({ hasText: text });

// refused connects with something that is no chat token.
const refused = (url) => new Promise((resolve) => {
  new WebSocket(url.replace("http", "ws"), "nonsense").onerror = resolve;
});

// fail calls an operation that is refused.
const fail = (url, operation, body) => fetch(`${url}/${operation}`, { method: "POST", body });

// as selects an account and a region.
function as(account, region) {
  const scope = `${account}/20260101/${region}/ivschat/aws4_request`;
  return { Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00` };
}

test("calls and refused handshakes are shown live, and the filters are in the URL", async (t) => {
  const { url, call } = await start(t);
  const { arn } = await call("CreateRoom", { name: "before" });
  const page = await open(t, url, "#/calls");
  await row(page, /200 CreateRoom .* ms 000000000000 · us-east-1 .*before/).waitFor();
  await call("GetRoom", { identifier: arn });
  await call("CreateRoom", { name: "other" });
  await fail(url, "CreateRoom", JSON.stringify({ name: "!" }));
  await refused(url);
  await row(page, /200 GetRoom/).waitFor();
  await row(page, /400 CreateRoom ValidationException .*name/).waitFor();
  await row(page, /401 Handshake refused\s+the chat token was not issued by this emulator, or it/).waitFor();
  await page.getByLabel("Status").selectOption("4xx");
  await row(page, "GetRoom").waitFor({ state: "detached" });
  await page.getByLabel("Operation").selectOption("CreateRoom");
  await row(page, "Handshake").waitFor({ state: "detached" });
  await page.getByLabel("Text").fill("EXCEPTION");
  await row(page, "ValidationException").waitFor();
  assert.match(page.url(), /#\/calls\?status=4&operation=CreateRoom&q=EXCEPTION$/);
  await page.reload();
  await row(page, "ValidationException").waitFor();
  assert.equal(await row(page, "").count(), 1);
  await page.goto(`${url}/_ivschat/console/#/calls?status=200&room=${arn}`);
  await row(page, "GetRoom").waitFor();
  assert.equal(await row(page, "").count(), 2);
});

test("a paused list of calls does not move", async (t) => {
  const { url, call } = await start(t);
  await call("CreateRoom", { name: "one" });
  const page = await open(t, url, "#/calls");
  await row(page, "one").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await call("CreateRoom", { name: "two" });
  await page.getByText("1 new").waitFor();
  assert.equal(await row(page, "").count(), 1);
  await page.getByRole("button", { name: "Follow" }).click();
  await row(page, "two").waitFor();
});

test("a call shows its request and its answer, has a link, and is copied", async (t) => {
  const { url, call, admin } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby" }, as("111122223333", "eu-west-1"));
  await call("CreateChatToken", { roomIdentifier: arn, userId: "anna" }, as("111122223333", "eu-west-1"));
  await call("SendEvent", { roomIdentifier: arn, eventName: "it's a poll" }, as("111122223333", "eu-west-1"));
  const page = await open(t, url, "#/calls", { permissions: ["clipboard-read", "clipboard-write"] });
  await row(page, "CreateChatToken").click();
  await page.getByRole("region", { name: "Response" }).filter({ hasText: '"token": "***"' }).waitFor();
  await row(page, "CreateChatToken").click();
  await page.getByRole("region", { name: "Response" }).waitFor({ state: "detached" });
  await row(page, "SendEvent").click();
  const [entry] = (await admin("GET", "calls?operation=SendEvent")).items;
  await page.getByRole("definition").filter({ hasText: entry.requestId }).waitFor();
  await page.getByRole("region", { name: "Request" }).filter({ hasText: '"eventName": "it\'s a poll"' }).waitFor();
  await page.getByRole("button", { name: /^AWS CLI:/ }).click();
  await page.getByText(`Copied #${entry.id} as AWS CLI.`).waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /--region eu-west-1 ivschat send-event/);
  await page.getByRole("button", { name: /^curl:/ }).click();
  await page.getByText(`Copied #${entry.id} as curl.`).waitFor();
  execFileSync("bash", ["-c", await page.evaluate(() => navigator.clipboard.readText())], { stdio: "pipe" });
  await page.getByRole("button", { name: "Follow" }).click();
  await row(page, "SendEvent").nth(1).waitFor();
  const calls = (await admin("GET", "calls?operation=SendEvent")).items;
  assert.deepEqual(calls.map(({ request, account, status }) => [request, account, status]),
    Array(2).fill([entry.request, "111122223333", 200]));

  await page.getByRole("link", { name: `Link to #${entry.id}` }).click();
  await page.getByRole("heading", { name: `Call #${entry.id} SendEvent` }).waitFor();
  await page.getByRole("definition").filter({ hasText: "out EVENT" }).waitFor(); // the frame that it caused
});

test("a call of another account or region can be hidden, and a hostile request stays text", async (t) => {
  const { url, call } = await start(t);
  await call("CreateRoom", { name: "first" }, as("111122223333", "eu-west-1"));
  await call("CreateRoom", { name: "second" }, as("111122223333", "us-west-2"));
  await call("CreateRoom", { name: "third" }, as("444455556666", "us-west-2"));
  await fail(url, "CreateRoom", `<img src=x onerror=alert(1)>\u202e${"x".repeat(5000)}`);
  await fail(url, "GetRoom", JSON.stringify({ identifier: "y".repeat(20_000) }));
  const page = await open(t, url, "#/calls", { viewport: { width: 320, height: 700 } });
  await row(page, "CreateRoom").nth(3).click();
  const request = page.getByRole("region", { name: "Request" });
  await request.filter({ hasText: "<img src=x onerror=alert(1)>\\u202exxx" }).waitFor();
  await page.getByRole("button", { name: /^Show all 5,0\d\d characters$/ }).waitFor();
  await row(page, "GetRoom").click();
  await page.getByText("The request has 20 KiB. The journal does not keep it.").waitFor();
  assert.equal(await page.locator("main img").count(), 0);
  const [width, visible] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width <= visible, `the page is ${width} px wide, and ${visible} px are visible`);
  await page.getByLabel("Region").selectOption("us-west-2");
  await row(page, "first").waitFor({ state: "detached" });
  await page.getByLabel("Account").selectOption("444455556666");
  await row(page, "second").waitFor({ state: "detached" });
  await row(page, "third").click();
  const hash = await page.getByRole("link", { name: /^Link to #\d+$/ }).getAttribute("href");
  assert.match(hash, /^#\/calls\/\d+\?account=444455556666&region=us-west-2$/);
});

test("a call that is made while the list is loaded is shown", async (t) => {
  const { url, call } = await start(t);
  const page = await newPage(t);
  watch(t, page);
  // As if the journal were empty at the first request, and had a call at the second one.
  await page.route("**/v1/journal?count=1", (route) => route.fulfill({ json: { items: [] } }));
  await call("CreateRoom", { name: "meanwhile" });
  await page.goto(`${url}/_ivschat/console/#/calls`);
  await row(page, "meanwhile").waitFor();
  assert.equal(await page.locator("main .error-box").count(), 0);
});
