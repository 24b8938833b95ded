// Tests of the console's state: snapshot, seed, reset, reviews and chat logs.

import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SendMessageRequest } from "amazon-ivs-chat-messaging";
import { connected, newClient, next } from "../client.mjs";
import { closeBrowser, expectText, newPage, open, start, watch } from "./console.mjs";

after(closeBrowser);

const names = async (call) => (await call("ListRooms", {})).rooms.map(({ name }) => name).sort();

const confirm = (page, name) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();

// connect connects a user to a room.
const connect = (t, { url, call }, roomIdentifier, userId) => connected(newClient(t, url, () =>
  call("CreateChatToken", { roomIdentifier, userId, capabilities: ["SEND_MESSAGE"] })));

test("a snapshot is downloaded, and its upload restores what there was", async (t) => {
  const { url, call, admin } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby", tags: { team: "chat" } });
  const page = await open(t, url, "#/state");
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download a snapshot" }).click();
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^ivschat-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.json$/);
  const snapshot = await readFile(await download.path());
  await admin("POST", "reset");
  await call("CreateRoom", { name: "other" });
  const upload = page.getByLabel("Restore a snapshot");
  await upload.setInputFiles({ name: "mine.json", mimeType: "application/json", buffer: snapshot });
  await expectText(page.getByRole("dialog"), /mine\.json .* replaces all rooms/);
  await confirm(page, "Cancel");
  assert.deepEqual(await names(call), ["other"]);
  await upload.setInputFiles({ name: "mine.json", mimeType: "application/json", buffer: snapshot });
  await confirm(page, "Restore");
  await expectText(page.getByRole("status"), "Restored the snapshot.");
  const { rooms } = await call("ListRooms", {});
  assert.deepEqual(rooms.map(({ arn, name, tags }) => [arn, name, tags]), [[arn, "lobby", { team: "chat" }]]);
});

test("a document that is not a snapshot changes nothing, and the page says what is wrong", async (t) => {
  const { url, call } = await start(t);
  await call("CreateRoom", { name: "lobby" });
  const page = await open(t, url, "#/state");
  const buffer = Buffer.from('{"version": 1, "rooms": [{"nam": "x"}], "loggingConfigurations": []}');
  await page.getByLabel("Restore a snapshot").setInputFiles({ name: "bad.json", mimeType: "application/json", buffer });
  await confirm(page, "Restore");
  await expectText(page.getByRole("dialog").getByRole("alert"), /nam/);
  assert.deepEqual(await names(call), ["lobby"]);
});

test("a seed of JSON or YAML is added, from the text or a file, and all its mistakes are shown", async (t) => {
  const { url, call } = await start(t);
  await call("CreateRoom", { name: "before" });
  const page = await open(t, url, "#/state");
  const text = page.getByLabel("Document");
  const add = page.getByRole("button", { name: "Add", exact: true });
  await text.fill("rooms:\n  - nam: lobby\n  - name: stage\n    maximumMessageLength: 0\n");
  await add.click();
  await expectText(page.getByRole("main").getByRole("alert"), /nam[^e][^]*maximumMessageLength/);
  await text.fill('{"rooms": [{"name": "lobby"}]}');
  await add.click();
  await page.getByRole("main").getByRole("alert").waitFor({ state: "detached" });
  const buffer = Buffer.from("rooms:\n  - name: stage\n");
  const file = page.getByLabel("Read a file into the text");
  await file.setInputFiles({ name: "seed.yaml", mimeType: "application/yaml", buffer });
  await page.waitForFunction(() => document.querySelector("textarea").value.includes("stage"));
  await add.click();
  await expectText(page.getByRole("status"), "Added what the document has.");
  await page.getByRole("link", { name: "Rooms" }).click();
  await page.getByRole("link", { name: "stage" }).waitFor();
  assert.deepEqual(await names(call), ["before", "lobby", "stage"]);
});

test("the emulator is reset to its seed and to empty, after a confirmation", async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), "ivschat-")), "seed.yaml");
  await writeFile(file, "rooms:\n  - name: lobby\n");
  const { url, call } = await start(t, "--seed", file);
  await call("CreateRoom", { name: "other" });
  const page = await open(t, url, "#/state");
  await page.getByRole("button", { name: "Reset to the seed" }).click();
  assert.deepEqual(await names(call), ["lobby", "other"]);
  await confirm(page, "Reset");
  await expectText(page.getByRole("status"), "Reset to the seed.");
  assert.deepEqual(await names(call), ["lobby"]);
  await page.getByRole("button", { name: "Reset to empty" }).click();
  await confirm(page, "Reset");
  await expectText(page.getByRole("status"), "Reset to empty.");
  assert.deepEqual(await names(call), []);
});

test("one account is reset alone, and without a seed there is no reset to it", async (t) => {
  const { url, call } = await start(t);
  const scope = "123456789012/20260101/us-east-1/ivschat/aws4_request";
  const headers = { Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00` };
  await call("CreateRoom", { name: "mine" });
  await call("CreateRoom", { name: "theirs" }, headers);
  const page = await open(t, url, "#/state?account=123456789012");
  await page.getByRole("button", { name: "Reset to empty" }).click();
  assert.equal(await page.getByRole("button", { name: "Reset to the seed" }).count(), 0);
  await confirm(page, "Reset");
  await expectText(page.getByRole("status"), "Reset to empty.");
  const theirs = await names((operation, input) => call(operation, input, headers));
  assert.deepEqual([await names(call), theirs], [["mine"], []]);
});

test("scripted answers decide about messages, and the reviews are listed", async (t) => {
  const emulator = await start(t);
  const { url, call, admin } = emulator;
  const uri = "arn:aws:lambda:us-east-1:000000000000:function:review";
  const { arn } = await call("CreateRoom", { messageReviewHandler: { uri, fallbackResult: "ALLOW" } });
  const anna = await connect(t, emulator, arn, "anna");
  const page = await open(t, url, "#/state?tab=reviews");
  const add = async (fields) => {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByRole("button", { name: "Add the answer" }).click();
  };
  const answer = page.getByLabel("Answer", { exact: true });
  await answer.selectOption("Deny");
  await add({ Reason: "no <b>spam</b>", "Only for messages that match": "spam" });
  await page.getByRole("cell", { name: '"reason":"no <b>spam</b>"' }).waitFor();
  await answer.selectOption("Change the message");
  await add({ "New content": "***", "Only for messages that match": "", "How many times": "1" });
  await page.getByRole("cell", { name: "0 of 1" }).waitFor();
  await assert.rejects(anna.sendMessage(new SendMessageRequest("much spam")), { errorCode: 406 });
  const received = next(anna, "message");
  await anna.sendMessage(new SendMessageRequest("hello"));
  assert.equal((await received).content, "***");
  const row = page.getByRole("row", { name: /DENY handler anna: much spam/ });
  await row.getByRole("link", { name: arn.split("/")[1] }).waitFor();
  await page.getByRole("row", { name: /ALLOW handler anna: hello/ }).waitFor();
  await assert.rejects(anna.sendMessage(new SendMessageRequest("spam <img src=x>\u202e")), { errorCode: 406 });
  await page.getByRole("row", { name: /DENY handler anna: spam <img src=x>/ }).waitFor(); // it is no HTML
  await page.getByRole("button", { name: "Remove all" }).click();
  await page.getByRole("button", { name: "Remove all" }).waitFor({ state: "detached" });
  assert.deepEqual((await admin("GET", "reviews/answers")).items, []);
});

test("a logging configuration is created, its records are delivered and shown, and it is deleted", async (t) => {
  const emulator = await start(t);
  const { url, call, admin } = emulator;
  await admin("POST", "clock", { freeze: true }); // so that nothing is delivered before the button is pressed
  const page = await open(t, url, "#/state?tab=logs");
  await page.getByLabel("Name", { exact: true }).fill("logs");
  await page.getByLabel("Destination", { exact: true }).selectOption("CloudWatch Logs group");
  await page.getByLabel("Name of the destination").fill("/ivs/chat");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("row", { name: /logs .* ACTIVE cloudWatchLogs: \/ivs\/chat/ }).waitFor();
  const { loggingConfigurations: [{ arn }] } = await call("ListLoggingConfigurations", {});
  const room = await call("CreateRoom", { loggingConfigurationIdentifiers: [arn] });
  const anna = await connect(t, emulator, room.arn, "anna");
  const received = next(anna, "message");
  await anna.sendMessage(new SendMessageRequest("for the record"));
  await received;
  await page.getByRole("link", { name: `Records of ${room.arn.split("/")[1]}` }).click();
  await expectText(page.getByRole("region", { name: "Records", exact: true }), "for the record");
  await page.getByRole("row", { name: /cloudWatchLogs: \/ivs\/chat 1 0 0/ }).waitFor();
  await page.getByRole("button", { name: "Deliver now" }).click();
  await page.getByRole("row", { name: /cloudWatchLogs: \/ivs\/chat 0 1 0/ }).waitFor();
  await call("UpdateRoom", { identifier: room.arn, loggingConfigurationIdentifiers: [] });
  await page.getByRole("button", { name: "Delete logs" }).click();
  await page.getByRole("button", { name: "Delete logs" }).waitFor({ state: "detached" });
  assert.deepEqual((await call("ListLoggingConfigurations", {})).loggingConfigurations, []);
});

test("a list that is being loaded while something is created shows it then", async (t) => {
  const { url } = await start(t);
  const page = await newPage(t);
  watch(t, page);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const loaded = new Promise((resolve) => page.route("**/ListLoggingConfigurations", async (route) => {
    const response = await route.fetch();
    resolve();
    await released;
    await route.fulfill({ response });
  }, { times: 1 }));
  await page.goto(`${url}/_ivschat/console/#/state?tab=logs`);
  await loaded;
  await page.getByLabel("Name", { exact: true }).fill("logs");
  await page.getByLabel("Name of the destination").fill("bucket");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Created the logging configuration.").waitFor();
  release();
  await page.getByRole("row", { name: /logs .* ACTIVE s3: bucket/ }).waitFor();
});
