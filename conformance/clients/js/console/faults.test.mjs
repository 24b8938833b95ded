// Tests of the console's faults.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CreateChatTokenCommand, IvschatClient } from "@aws-sdk/client-ivschat";
import { SendMessageRequest } from "amazon-ivs-chat-messaging";
import { connected, newClient, next } from "../client.mjs";
import { effectOf, frequencyOf, presets, inputs, namesOf, ruleOf } from "../../../../emulator/console/static/faults.js";
import { closeBrowser, expectText, open, start } from "./console.mjs";

after(closeBrowser);

const sdkOf = (url) => new IvschatClient({
  endpoint: url, region: "us-east-1", maxAttempts: 1, credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

// connect connects a user to a room.
const connect = (t, { url, call }, roomIdentifier, userId) => connected(newClient(t, url, () =>
  call("CreateChatToken", { roomIdentifier, userId, capabilities: ["SEND_MESSAGE"] })));

// preset returns the form of a preset.
const preset = (page, name) => page.locator(".presets form").filter({ has: page.getByRole("button", { name }) });

// fired waits until the rule with an ID has fired so often.
const fired = (page, id, times) => page.getByRole("row", { name: new RegExp(`^${id} `) }).locator("[data-fired]")
  .getByText(times, { exact: true }).waitFor();

test("a preset makes calls of the AWS SDK fail, the counter rises, and the rule ends", async (t) => {
  const { url, call } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby" });
  const page = await open(t, url, "#/faults?userId=anna");
  const form = preset(page, /PendingVerification/);
  await form.getByLabel("How many times").fill("2");
  await form.getByRole("button").click();
  await page.getByRole("row", { name: /^1 CreateChatToken: fails with PendingVerification anna .*2×/ }).waitFor();
  const sdk = sdkOf(url);
  const create = (userId) => sdk.send(new CreateChatTokenCommand({ roomIdentifier: arn, userId }));
  await assert.rejects(create("anna"), { name: "PendingVerification" });
  await fired(page, 1, "1");
  await create("ben"); // the fault is for anna alone
  await assert.rejects(create("anna"), { name: "PendingVerification" });
  await expectText(page.getByRole("main"), "None.");
  await page.getByRole("log").getByText(/CreateChatToken anna fault 1/).nth(1).waitFor();
  await create("anna");
});

test("messages to a user are lost, in one room", async (t) => {
  const emulator = await start(t);
  const { url, call } = emulator;
  const { arn } = await call("CreateRoom", { name: "lobby" });
  const anna = await connect(t, emulator, arn, "anna");
  const ben = await connect(t, emulator, arn, "ben");
  const page = await open(t, url, `#/faults?room=${encodeURIComponent(arn)}`);
  await page.getByLabel("Only for the user").fill("anna");
  const form = preset(page, /are lost/);
  await form.getByLabel("Percent").fill("100");
  await form.getByRole("button", { name: "Add: 100 % of the messages to anna are lost" }).click();
  await page.getByRole("link", { name: arn.split("/")[1] }).waitFor();
  const received = [];
  anna.addListener("message", ({ content }) => received.push(content));
  const heard = next(ben, "message");
  await ben.sendMessage(new SendMessageRequest("lost"));
  await heard;
  await fired(page, 1, "1");
  await page.getByRole("button", { name: "Remove fault 1" }).click();
  await page.getByRole("button", { name: "Remove fault 1" }).waitFor({ state: "detached" });
  await expectText(page.getByRole("main"), "None.");
  const arrived = next(anna, "message");
  await ben.sendMessage(new SendMessageRequest("arrives"));
  await arrived;
  assert.deepEqual(received, ["arrives"]);
});

test("everybody in a room is disconnected now, and nobody in another room", async (t) => {
  const emulator = await start(t);
  const { url, call } = emulator;
  const { arn } = await call("CreateRoom", { name: "lobby" });
  const other = await call("CreateRoom", { name: "other" });
  const ben = await connect(t, emulator, other.arn, "ben");
  const { token } = await call("CreateChatToken", { roomIdentifier: arn, userId: "anna" });
  const socket = new WebSocket(url.replace("http", "ws"), token);
  await new Promise((resolve) => (socket.onopen = resolve));
  const page = await open(t, url, `#/faults?room=${encodeURIComponent(arn)}`);
  await preset(page, /Now, the connections of everybody/).getByLabel("What happens").selectOption("reset");
  const closed = new Promise((resolve) => (socket.onclose = resolve));
  await page.getByRole("button", { name: /^Do it: Now/ }).click();
  await expectText(page.getByRole("status"), "Done to 1 session.");
  assert.equal((await closed).code, 1006); // there was no close frame
  assert.equal(ben.state, "connected");
});

test("any rule can be added as JSON, errors are shown, and all rules are removed", async (t) => {
  const { url, admin } = await start(t);
  const page = await open(t, url, "#/faults");
  const text = page.getByLabel("Rule as JSON");
  const add = page.getByRole("button", { name: "Add the fault" });
  await text.fill('{"operation": "CreateRoom", "error": 429}');
  await add.click();
  await expectText(page.getByRole("status"), /error .*CreateRoom/);
  await page.getByLabel("Example").selectOption({ label: "two faults at once" });
  await add.click();
  await page.getByRole("row", { name: /^2 CONNECT: resets the connection/ }).waitFor();
  assert.equal((await admin("GET", "faults")).items.length, 2);
  await page.getByRole("button", { name: "Remove all" }).click();
  await page.getByRole("row", { name: /^2 CONNECT/ }).waitFor({ state: "detached" });
  await expectText(page.getByRole("main"), "None.");
  assert.deepEqual((await admin("GET", "faults")).items, []);
});

test("a link fills in the fields, and adds no fault", async (t) => {
  const { url, admin } = await start(t);
  const page = await open(t, url, "#/faults?room=arn:aws:ivschat:us-east-1:000000000000:room/AbCdEfGh1234&userId=anna");
  await page.getByRole("button", { name: "Add: Messages to anna arrive 2s late" }).waitFor();
  assert.equal(await page.getByLabel("Only in the room").inputValue(),
    "arn:aws:ivschat:us-east-1:000000000000:room/AbCdEfGh1234");
  assert.deepEqual((await admin("GET", "faults")).items, []);
});

test("the emulator accepts the rule of every preset, and it has words", async (t) => {
  const { admin } = await start(t);
  for (const place of [{}, { room: "arn:aws:ivschat:us-east-1:000000000000:room/AbCdEfGh1234", userId: "anna" }]) {
    for (const preset of presets.filter(({ rule }) => rule)) {
      const names = namesOf(preset).filter((name) => name !== "user");
      for (const operation of inputs.operation.options) {
        const values = names.map((name) => [name, name === "operation" ? operation : inputs[name].value]);
        const texts = Object.fromEntries(values);
        const { items: [rule] } = await admin("POST", "faults", ruleOf(preset, texts, place));
        assert.notEqual(effectOf(rule), "");
        assert.notEqual(frequencyOf(rule), "");
        if (!names.includes("operation")) break;
      }
    }
  }
});
