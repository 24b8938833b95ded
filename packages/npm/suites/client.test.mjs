// Tests the client with node:test, as an ES module.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CreateRoomCommand, IvschatClient } from "@aws-sdk/client-ivschat";
import { ChatClient, Emulator, RefusedError, start, WaitError } from "ivschat-local";

const speaker = { capabilities: ["SEND_MESSAGE"] };
let shared;

before(async () => (shared = await start({ timeout: 60_000 })));
after(() => shared.stop());

let accounts = 0;

/** Returns a client of the shared emulator with an account of its own. */
const account = () => shared.forAccount(String(100_000_000_000 + ++accounts));

test("users chat in a room", async () => {
  const emulator = account();
  const room = await emulator.room({ name: "lobby" });
  const anna = await emulator.connect(room, "anna", { ...speaker, attributes: { colour: "red" } });
  const ben = await emulator.connect(room.arn, "ben");
  const requestId = anna.send("hello", { mood: "good" });
  const message = await ben.receive();
  assert.equal(message.Type, "MESSAGE");
  assert.equal(message.Content, "hello");
  assert.equal(message.RequestId, requestId);
  assert.deepEqual(message.Attributes, { mood: "good" });
  assert.deepEqual(message.Sender, { UserId: "anna", Attributes: { colour: "red" } });
  ben.send("I may not");
  const error = await ben.receive((frame) => frame.Type === "ERROR");
  assert.equal(error.ErrorCode, 403);
  await anna.receive();
  await anna.receiveNothing(20);
  assert.equal((await ben.close()).code, 1000);
  assert.throws(() => ben.send("too late"), /SEND_MESSAGE cannot be sent: the connection was closed: 1000/);
  await assert.rejects(ben.receive(), {
    name: "WaitError",
    message: /^No frame was received, and the connection was closed: 1000/,
  });
});

test("a match that throws fails what waits for a frame, also when the frame arrives later", async () => {
  const emulator = account();
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", speaker);
  const received = assert.rejects(anna.receive((frame) => frame.Sender.Attributes.missing.member), TypeError);
  anna.send("hello");
  await received;
  anna.send("again");
  assert.equal((await anna.receive()).Content, "again");
  anna.sendText("no action");
  assert.equal((await anna.receive()).ErrorCode, 400);
});

test("a moderator deletes a message and disconnects its sender", async () => {
  const emulator = account();
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", speaker);
  const moderator = await emulator.connect(room, "mia", {
    capabilities: ["DELETE_MESSAGE", "DISCONNECT_USER"],
  });
  anna.send("spam");
  const { Id } = await moderator.receive();
  moderator.deleteMessage(Id, "rude");
  const deleted = await anna.receive((frame) => frame.EventName === "aws:DELETE_MESSAGE");
  assert.deepEqual([deleted.Attributes.MessageID, deleted.Attributes.Reason], [Id, "rude"]);
  moderator.disconnectUser("anna", "spam");
  const { code } = await anna.closed();
  assert.notEqual(code, 1006);
  await emulator.waitForSessions(room, 1);
});

test("a wait that fails says what arrived instead", async () => {
  const emulator = account();
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", { capabilities: ["SEND_MESSAGE", "DISCONNECT_USER"] });
  const limit = { timeout: 20 };
  await assert.rejects(anna.receive(undefined, limit), (error) => {
    assert.ok(error instanceof WaitError);
    assert.equal(error.message, "No frame was received in 20 ms, and the connection is open.");
    return true;
  });
  await assert.rejects(anna.closed(limit), /still open after 20 ms/);

  anna.send("hello");
  await emulator.waitForFrames(room, 1);
  await assert.rejects(
    emulator.waitForFrames(room, 2, limit),
    /is 1, and not 2, after 20 ms.\nthere are:\n.*hello/,
  );
  await assert.rejects(
    emulator.waitForCalls("CreateChatToken", 1, { userId: "ben" }, limit),
    /with \{"userId":"ben"\} is 0, .*\nrequests of CreateChatToken:\n.*"userId":"anna"/,
  );
  await assert.rejects(
    emulator.waitForSessions(room, 2, limit),
    /is 1, and not 2, after 20 ms.\nusers:\n {2}"anna"/,
  );
  await assert.rejects(emulator.waitForSessions(room, 0, limit), /is 1, and not 0/);
  await assert.rejects(
    anna.receiveNothing(60_000),
    /^WaitError: Nothing should have been received for 60000 ms.\nreceived:\n.*hello/,
  );

  anna.send("again");
  anna.disconnectUser("anna");
  await assert.rejects(
    anna.receive((frame) => frame.Content === "never"),
    /^WaitError: No matching frame .* the connection was closed: .*\nreceived instead:\n.*hello.*\n.*again/,
  );
});

test("a session ends when the clock is moved", async () => {
  const emulator = account();
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", { sessionDurationInMinutes: 1 });
  const before = await emulator.freeze();
  assert.equal(before.frozen, true);
  const clock = await emulator.advance("61s");
  assert.equal(Date.parse(clock.now) - Date.parse(before.now), 61_000);
  assert.equal((await anna.receive()).ErrorCode, 401);
  await anna.closed();
  assert.equal((await emulator.resume()).frozen, false);
  await emulator.advance(1000);
  assert.equal((await shared.clock()).ahead, "0s", "only the clock of the account is moved");
});

test("an AWS SDK retries a fault, and calls say what was asked for", async () => {
  const emulator = account();
  const sdk = new IvschatClient(emulator.config());
  const fault = await emulator.fault({ operation: "CreateRoom", times: 1, exception: "ThrottlingException" });
  assert.equal(fault.fired, 0);
  const { arn } = await sdk.send(new CreateRoomCommand({ name: "lobby" }));
  assert.ok(arn.includes(emulator.account));
  const [failed, created] = await emulator.waitForCalls("CreateRoom", 2, { name: "lobby" });
  assert.deepEqual([failed.status, failed.exception, created.status], [429, "ThrottlingException", 200]);
  assert.equal((await emulator.calls({ operation: "CreateRoom", status: 200 })).length, 1);
  assert.equal((await emulator.calls("CreateRoom")).length, 2);
  assert.deepEqual(await emulator.calls("DeleteRoom"), []);
  await emulator.fault({ operation: "CONNECT", status: 503 });
  assert.equal((await emulator.faults()).length, 1);
  await assert.rejects(
    emulator.connect(arn, "anna"),
    (error) => error instanceof RefusedError && error.status === 503,
  );
  await emulator.clearFaults();
  await emulator.connect(arn, "anna");
  sdk.destroy();
});

test("frames of one direction can be waited for", async () => {
  const emulator = account();
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", speaker);
  anna.send("one");
  await emulator.waitForFrames(room, 1);
  const match = ({ frame }) => frame.Content === "two";
  await assert.rejects(emulator.waitForFrames(room, 1, { match, timeout: 20 }), /is 0, and not 1/);
  anna.send("two");
  const [entry] = await emulator.waitForFrames(room, 1, { match });
  assert.equal(entry.frame.Sender.UserId, "anna");
  assert.equal((await emulator.waitForFrames(room, 2, { direction: "in" })).length, 2);
});

test("scripted answers review messages", async () => {
  const emulator = account();
  const uri = "arn:aws:lambda:us-east-1:123456789012:function:review";
  const room = await emulator.room({ messageReviewHandler: { uri, fallbackResult: "DENY" } });
  await emulator.scriptReviews([
    { content: "spam", deny: { reason: "spam" } },
    { allow: { content: "reviewed" } },
  ]);
  const anna = await emulator.connect(room, "anna", speaker);
  anna.send("spam");
  assert.equal((await anna.receive()).ErrorCode, 406);
  anna.send("hello");
  assert.equal((await anna.receive()).Content, "reviewed");
  const reviews = await emulator.waitForReviews(room, 2);
  assert.deepEqual(
    reviews.map(({ review }) => review.verdict),
    ["DENY", "ALLOW"],
  );
  assert.equal((await emulator.reviews()).length, 2);
});

test("a function reviews messages", async () => {
  const events = [];
  const reviewHandler = (event) => {
    events.push(event);
    if (event.Content === "crash") {
      throw new Error("no verdict");
    }
    return { ReviewResult: "ALLOW", Content: event.Content.toUpperCase() };
  };
  const emulator = await start({ reviewHandler, args: ["--review-timeout", "1m"] });
  const uri = "arn:aws:lambda:us-east-1:123456789012:function:review";
  const room = await emulator.room({ messageReviewHandler: { uri, fallbackResult: "DENY" } });
  const anna = await emulator.connect(room, "anna", speaker);
  anna.send("hello");
  assert.equal((await anna.receive()).Content, "HELLO");
  assert.equal(events[0].Sender.UserId, "anna");
  anna.send("crash");
  assert.equal((await anna.receive()).ErrorCode, 406);
  await emulator.stop();
});

test("everything can be reset and restored", async () => {
  const emulator = await start({
    seed: { rooms: [{ name: "lobby" }] },
    randomSeed: 7,
    account: "123456789012",
    region: "eu-west-1",
  });
  assert.equal(emulator.randomSeed, 7);
  const room = await emulator.room({ name: "second" });
  assert.match(room.arn, /^arn:aws:ivschat:eu-west-1:123456789012:room\//);
  const snapshot = await emulator.snapshot();
  assert.deepEqual(snapshot.rooms.map(({ name }) => name).sort(), ["lobby", "second"]);
  await emulator.reset();
  assert.deepEqual(
    (await emulator.snapshot()).rooms.map(({ name }) => name),
    ["lobby"],
  );
  assert.deepEqual(await emulator.calls(), []);
  const other = emulator.forAccount("210987654321");
  await other.reset();
  assert.deepEqual((await other.snapshot()).rooms, [], "the seed is not for other accounts");
  await other.stop();
  await emulator.restore(snapshot);
  assert.equal((await emulator.snapshot()).rooms.length, 2);
  await emulator.stop();
});

test("a chat token says what it contains", async () => {
  const emulator = account();
  const token = await emulator.token(await emulator.room(), "anna", speaker);
  assert.deepEqual((await emulator.inspectToken(token)).capabilities, ["SEND_MESSAGE"]);
  await emulator.connectWithToken(token);
  await assert.rejects(emulator.connectWithToken(token), { name: "RefusedError", status: 401 });
});

/** Sets variables of the environment, or removes them, until the test ends. */
function setVariables(t, variables) {
  const before = process.env;
  t.after(() => (process.env = before));
  process.env = { ...before, ...variables };
  for (const name of Object.keys(variables).filter((name) => variables[name] === undefined)) {
    delete process.env[name];
  }
}

test("variables point another process to the emulator", (t) => {
  setVariables(t, { NO_PROXY: undefined, no_proxy: undefined });
  const emulator = shared.forAccount("123456789012");
  assert.deepEqual(emulator.env(), {
    AWS_ENDPOINT_URL_IVSCHAT: emulator.endpoint,
    IVSCHAT_MESSAGING_URL: emulator.messagingUrl,
    AWS_ACCESS_KEY_ID: "123456789012",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: "",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
  });
  assert.match(emulator.messagingUrl, /^ws:\/\/127\.0\.0\.1:\d+$/);
});

test("a proxy is not for the emulator, and exceptions of the environment are kept", (t) => {
  setVariables(t, { NO_PROXY: undefined, no_proxy: "example.com" });
  const { NO_PROXY, no_proxy } = shared.env();
  assert.deepEqual([NO_PROXY, no_proxy], ["example.com,127.0.0.1", "example.com,127.0.0.1"]);
  process.env.no_proxy = NO_PROXY;
  assert.equal(shared.env().no_proxy, NO_PROXY, "the host is not added again");
  process.env.NO_PROXY = "*";
  assert.equal(shared.env().NO_PROXY, "*");
});

test("with --auth, calls are signed", async () => {
  const emulator = await start({ args: ["--auth", "iam"] });
  const room = await emulator.room();
  await emulator.connect(room, "anna", speaker);
  const sdk = new IvschatClient(emulator.config());
  await sdk.send(new CreateRoomCommand({}));
  sdk.destroy();
  await emulator.stop();
});

test("with --tls auto, the endpoints have TLS, and the client still reaches the emulator", async () => {
  const emulator = await start({ args: ["--tls", "auto"] });
  assert.match(emulator.endpoint, /^https:/);
  assert.match(emulator.messagingUrl, /^wss:/);
  await emulator.connect(await emulator.room(), "anna");
  await emulator.stop();
});

test("a client can use an emulator that runs already, which then goes on", async () => {
  const emulator = await start({ endpoint: shared.endpoint, account: "123456789012" });
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna");
  await emulator.stop();
  await anna.closed();
  assert.equal((await shared.clock()).frozen, false);
  assert.ok(emulator instanceof Emulator && anna instanceof ChatClient);
});
