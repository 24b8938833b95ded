// Tests with TLS, against an emulator at $URL, whose port also speaks plain HTTP at $PLAIN_URL. It is that of the
// hosts of AWS, too, which are found without a hosts file.

import assert from "node:assert/strict";
import { Agent } from "node:https";
import { test } from "node:test";
import tls from "node:tls";
import WebSocket from "ws";
import AWS from "aws-sdk";
import { IvschatClient, CreateRoomCommand } from "@aws-sdk/client-ivschat";
import { ChatRoom, SendMessageRequest } from "amazon-ivs-chat-messaging";
import { call } from "./client.mjs";

const { URL: url, PLAIN_URL: plain, PORT: port } = process.env;
const region = "us-east-1";
const credentials = { accessKeyId: "123456789012", secretAccessKey: "any" };

// connect connects to the emulator, whatever host a client asks for. The certificate must be for that host.
function connect(options) {
  return tls.connect({ ...options, host: "127.0.0.1", port, path: undefined, servername: options.servername ?? options.host });
}

class AgentOfAWS extends Agent {
  createConnection(options) {
    return connect(options);
  }
}

test("SDK 3", async () => {
  const client = new IvschatClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  const room = await client.send(new CreateRoomCommand({}));
  assert.match(room.arn, /:123456789012:room\//);
});

test("SDK 3 at the host of AWS", async () => {
  const requestHandler = { httpsAgent: new AgentOfAWS() };
  const client = new IvschatClient({ region: "eu-west-1", credentials, maxAttempts: 1, requestHandler });
  const room = await client.send(new CreateRoomCommand({}));
  assert.match(room.arn, /:ivschat:eu-west-1:123456789012:room\//);
});

test("SDK 2", async () => {
  const client = new AWS.Ivschat({ endpoint: url, region, credentials, maxRetries: 0 });
  const room = await client.createRoom({}).promise();
  assert.match(room.arn, /:123456789012:room\//);
});

// chat sends a message with the chat client. The errors of its WebSockets, which it does not tell, are thrown.
async function chat(t, regionOrUrl) {
  const { arn } = await call(plain, "CreateRoom", {});
  let failed;
  const failure = new Promise((_, reject) => (failed = reject));
  globalThis.WebSocket = class extends WebSocket {
    constructor(address, protocols) {
      super(address, protocols, { createConnection: connect });
      this.addEventListener("error", ({ error }) => failed(error));
    }
  };
  const tokenProvider = () =>
    call(plain, "CreateChatToken", { roomIdentifier: arn, userId: "anna", capabilities: ["SEND_MESSAGE"] });
  const client = new ChatRoom({ regionOrUrl, tokenProvider });
  client.logger = { debug() {}, info() {}, error() {} };
  t.after(() => client.disconnect());
  const connected = new Promise((resolve) => client.addListener("connect", resolve));
  client.connect();
  await Promise.race([connected, failure]);
  const message = await client.sendMessage(new SendMessageRequest("hello"));
  assert.equal(message.content, "hello");
}

test("chat client", (t) => chat(t, url.replace("http", "ws")));

test("chat client in a region", (t) => chat(t, region));
