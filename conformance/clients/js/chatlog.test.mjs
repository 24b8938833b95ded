// Tests of chat logs with the official chat client for JavaScript. $PROGRAM is the emulator's program.

import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { DeleteMessageRequest, DisconnectUserRequest, SendMessageRequest } from "amazon-ivs-chat-messaging";
import { call, connected, newClient, next } from "./client.mjs";
import { start } from "./program.mjs";

// The frames that the WebSockets of all clients have received, as texts.
const frames = [];
const WebSocket = globalThis.WebSocket;
globalThis.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => frames.push(data));
  }
};

// records reads the log of a room from a bucket that is a folder, as programs do that read it from S3: they select
// the objects by their keys, sort them, and skip an empty last line.
async function records(bucket, room) {
  const name = new RegExp(`/\\d{12}_IVSChatLogs_1\\.0_[a-z0-9-]+_room_${room.id}_.*\\.log\\.gz$`);
  const keys = (await readdir(bucket, { recursive: true })).filter((key) => name.test(key)).sort();
  const lines = [];
  for (const key of keys) {
    const text = gunzipSync(await readFile(join(bucket, key))).toString();
    lines.push(...text.split("\n").filter((line) => line !== ""));
  }
  return lines;
}

test("the chat log has the frames that clients receive", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "chat-logs-"));
  t.after(() => rm(folder, { recursive: true }));
  const { url } = await start(t, "--chat-logs", folder);
  const logs = await call(url, "CreateLoggingConfiguration", {
    destinationConfiguration: { s3: { bucketName: "chat-logs" } },
  });
  const room = await call(url, "CreateRoom", { loggingConfigurationIdentifiers: [logs.arn] });
  const capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];
  const connect = (userId) =>
    connected(newClient(t, url, () => call(url, "CreateChatToken", { roomIdentifier: room.arn, userId, capabilities })));

  const anna = await connect("anna");
  const message = await anna.sendMessage(new SendMessageRequest("héllo 🙂 <b>", { mood: "fine" }));
  await anna.deleteMessage(new DeleteMessageRequest(message.id, "rude"));
  const event = next(anna, "event");
  await call(url, "SendEvent", { roomIdentifier: room.arn, eventName: "goal" });
  await event;
  await anna.disconnectUser(new DisconnectUserRequest("ben", "rude"));
  const flushed = await fetch(`${url}/_ivschat/v1/chat-logs/flush`, { method: "POST" });
  assert.equal(flushed.status, 200);

  assert.equal(frames.length, 4);
  const lines = await records(join(folder, "s3", "chat-logs"), room);
  assert.deepEqual(lines, frames.map((frame) => {
    const { SendTime, Type } = JSON.parse(frame);
    const time = new Date(SendTime).toISOString(); // cuts to milliseconds
    return `{"event_timestamp":"${time}","type":"${Type}","payload":${frame},"version":"1.0"}`;
  }));
});
