// Tests the package as an ES module, with containers.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Agent } from "node:https";
import { after, before, test } from "node:test";

import { CreateRoomCommand, IvschatClient } from "@aws-sdk/client-ivschat";
import { DEFAULT_IMAGE, IvsChatContainer } from "@ivschat-local/testcontainers";
import { GenericContainer, getContainerRuntimeClient, Network, Wait } from "testcontainers";
import WebSocket from "ws";

const speaker = { capabilities: ["SEND_MESSAGE"] };

/** Waits for what is in the log, which the engine may keep after the emulator answers. */
const ready = Wait.forLogMessage("Ready.");

let network;
let shared;

before(async () => {
  network = await new Network().start();
  shared = await new IvsChatContainer()
    .withSeed({ rooms: [{ name: "lobby" }] })
    .withTls("chat.example")
    .withNetwork(network)
    .withNetworkAliases("chat", "chat.test") // the admin API is strict about a name with a dot
    .withWaitStrategy(ready)
    .start();
});

after(async () => {
  await shared?.stop();
  await network?.stop();
});

/** Starts a container that ends with the test. */
async function start(t, container) {
  const started = await container.start();
  t.after(() => started.stop());
  return started;
}

/** Runs a command in a container. Podman's name server learns the name of a new container a little later. */
async function execute(container, command, env) {
  for (const end = Date.now() + 60_000; ; ) {
    const { exitCode, output } = await container.exec(command, { env });
    if (exitCode === 0) {
      return;
    }
    assert.ok(output.includes("no such host") && Date.now() < end, `exit code ${exitCode} of ${command}: ${output}`);
  }
}

test("clients on the host chat, with TLS", async () => {
  const ca = await shared.getCertificateAuthority();
  const env = shared.env();
  const chat = new IvschatClient({
    endpoint: env.AWS_ENDPOINT_URL_IVSCHAT,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
    requestHandler: { httpsAgent: new Agent({ ca }) },
  });
  const { arn } = await chat.send(new CreateRoomCommand({}));
  const client = await shared.client();
  const anna = await client.connect(arn, "anna", speaker);
  const ben = new WebSocket(shared.getMessagingUrl(), await client.token(arn, "ben"), { ca });
  await new Promise((resolve, reject) => ben.once("open", resolve).once("error", reject));
  const received = new Promise((resolve) => ben.once("message", resolve));
  anna.send("hello");
  assert.equal(JSON.parse(await received).Content, "hello");
  ben.terminate();

  assert.match(shared.getEndpoint(), /^https:/);
  assert.equal(shared.getMessagingUrl(), shared.getEndpoint().replace("https", "wss"));
  assert.equal(shared.getAdminUrl(), `${shared.getEndpoint()}/_ivschat/v1`);
});

test("other containers reach it by its aliases", async (t) => {
  const emulator = await new IvsChatContainer().withNetwork(network).withNetworkAliases("ivschat").start();
  t.after(() => emulator.stop());
  const image = process.env.IVSCHAT_IMAGE ?? DEFAULT_IMAGE; // it has a client too, which stands for an application
  const port = 4700;
  const application = await new GenericContainer(image)
    .withExposedPorts(port)
    .withNetwork(network)
    .withEnvironment(emulator.networkEnv())
    .withWaitStrategy(Wait.forHttp("/health", port))
    .start();
  t.after(() => application.stop());
  const ca = { content: await shared.getCertificateAuthority(), target: "/tmp/ca.pem" };
  await application.copyContentToContainer([ca]);

  for (const command of [
    ["room", "create", "--endpoint", emulator.getNetworkEndpoint()],
    ["chat", "lobby", "--as", "mia", "--endpoint", shared.getNetworkEndpoint()],
    ["clock", "show", "--endpoint", shared.getNetworkEndpoint("chat.test")],
  ]) {
    await execute(application, ["/ivschat-local", ...command], { AWS_CA_BUNDLE: ca.target });
  }
  assert.equal((await (await emulator.client()).calls({ operation: "CreateRoom" })).length, 1);
  const connections = await (await shared.client()).journal({ kind: "connect" });
  assert.equal(connections.at(-1).userId, "mia");

  assert.equal(emulator.getNetworkEndpoint(), "http://ivschat:4700");
  assert.equal(emulator.networkEnv().IVSCHAT_MESSAGING_URL, "ws://ivschat:4700");
  assert.equal(shared.getNetworkMessagingUrl("chat.test"), "wss://chat.test:4700");
  assert.equal(shared.getNetworkAdminUrl("chat.test"), "https://chat.test:4700/_ivschat/v1");
  assert.throws(() => shared.getNetworkEndpoint("talk"), /no network alias "talk", but \[chat,chat\.test\]/);
});

test("a test that fails can show the log and the journal", async () => {
  await (await shared.client()).room({ name: "diagnosed" });
  const text = await shared.diagnostics();
  assert.match(text, /--random-seed/);
  assert.match(text, /"operation":"CreateRoom".*"name":"diagnosed"/);
});

test("options reach the emulator, each time that it is started", async (t) => {
  const container = new IvsChatContainer()
    .withSeed({ rooms: [{ name: "lobby" }] })
    .withRandomSeed(17)
    .withAccount("123456789012")
    .withRegion("eu-west-1")
    .withCommand(["--token-ttl=5m"])
    .withFlags("--log-format=json")
    .withWaitStrategy(ready);
  const started = await Promise.all([start(t, container), start(t, container)]);
  const rooms = await Promise.all(started.map(async (one) => (await one.client()).room()));
  assert.match(rooms[0].arn, /^arn:aws:ivschat:eu-west-1:123456789012:/);
  assert.equal(rooms[0].arn, rooms[1].arn);

  const [one] = started;
  const { account, region, tokenTTL, owners } = await (await fetch(`${one.getAdminUrl()}/info`)).json();
  assert.deepEqual([account, region, tokenTTL], ["123456789012", "eu-west-1", "5m0s"]);
  assert.match(await one.diagnostics(), /"msg":"Ready\."/);
  assert.deepEqual(owners, [{ account: "123456789012", region: "eu-west-1", rooms: 2 }]);
  const env = (await one.client()).env();
  assert.deepEqual({ ...env, ...one.env() }, env); // which may have more
  assert.equal(one.env().NO_PROXY, env.NO_PROXY);
  assert.equal(one.env().no_proxy, env.no_proxy);
  await one.reset();
  const left = await (await fetch(`${one.getAdminUrl()}/rooms`)).json();
  assert.deepEqual(left.items.map(({ name }) => name), ["lobby"]); // that of the seed
  assert.throws(() => one.getNetworkEndpoint(), /no network alias: give it one with withNetworkAliases/);
  await assert.rejects(one.getCertificateAuthority(), /withTls/);
  assert.throws(() => container.withFlags("--listen=:80"), /--listen=:80 is not possible/);
});

test("a server on the host reviews messages", async (t) => {
  const handler = createServer((_, response) => {
    response.end(JSON.stringify({ ReviewResult: "ALLOW", Content: "reviewed" }));
  });
  await new Promise((resolve) => handler.listen(0, "0.0.0.0", resolve));
  t.after(() => handler.close());
  const container = new IvsChatContainer()
    .withReviewHandler(`*=http://host.containers.internal:${handler.address().port}`)
    .withFlags("--review-timeout=1m");
  const client = await (await start(t, container)).client();
  const uri = "arn:aws:lambda:us-east-1:123456789012:function:review";
  const room = await client.room({ messageReviewHandler: { uri, fallbackResult: "DENY" } });
  const anna = await client.connect(room, "anna", speaker);
  anna.send("hello");
  assert.equal((await anna.receive()).Content, "reviewed");
});

test("a container that does not start says why, and is removed", async () => {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  for (const [name, container, problem] of [
    ["ivschat-ended", new IvsChatContainer().withAccount("1234"), /--account must be 12 digits/],
    ["ivschat-created", new IvsChatContainer().withEntrypoint(["/missing"]), /missing.*\nThe log of ivschat-local:/s],
  ]) {
    await assert.rejects(container.withName(name).start(), problem);
    await assert.rejects(dockerode.getContainer(name).inspect(), { statusCode: 404 }, name);
  }
});
