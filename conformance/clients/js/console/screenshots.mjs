// Makes screenshots of the console, for the README and for people who look at its style:
// node screenshots.mjs DIRECTORY. $PROGRAM is the emulator's program, and $CHROMIUM a browser.

import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";
import WebSocket from "ws";
import { call as callAt } from "../client.mjs";
import { start } from "../program.mjs";

const [directory] = process.argv.slice(2);
await mkdir(directory, { recursive: true });

// The seed: the rooms of a film premiere.
const seed = path.join(directory, "seed.yaml");
await writeFile(seed, `
loggingConfigurations:
  - name: archive
    destinationConfiguration: {s3: {bucketName: premiere-archive}}
rooms:
  - name: premiere-lantern-bay
    maximumMessageRatePerSecond: 100
    messageReviewHandler: {uri: "arn:aws:lambda:us-east-1:000000000000:function:review", fallbackResult: ALLOW}
    loggingConfigurationIdentifiers: [archive]
    tags: {stage: test, event: premiere}
  - name: questions-to-the-cast
    tags: {stage: test, event: premiere}
  - name: backstage
    maximumMessageLength: 200
    tags: {team: crew}
  - name: help-desk
    region: eu-central-1
    account: "123456789012"
`);

const cleanups = [];
const scope = { after: (cleanup) => cleanups.push(cleanup) };
const { url } = await start(scope, "--seed", seed, "--random-seed", "42");
const call = (operation, input) => callAt(url, operation, input);
const admin = (method, at, body) =>
  fetch(`${url}/_ivschat/v1/${at}`, { method, body: body && JSON.stringify(body) }).then((answer) => answer.text());
const { rooms } = await call("ListRooms", {});
const { arn } = rooms.find(({ name }) => name === "premiere-lantern-bay");

// The people. join connects somebody, and say waits for what comes back.
const people = new Map();
async function join(userId, displayName, ...capabilities) {
  const attributes = { displayName };
  const input = { roomIdentifier: arn, userId, attributes, capabilities: ["SEND_MESSAGE", ...capabilities] };
  const socket = new WebSocket(url.replace("http", "ws"), (await call("CreateChatToken", input)).token);
  cleanups.push(() => socket.terminate());
  await once(socket, "open");
  people.set(userId, socket);
}
let requests = 0;
function request(userId, frame) {
  const socket = people.get(userId);
  const RequestId = `request-${++requests}`;
  return new Promise((resolve) => {
    const receive = (data) => {
      const answer = JSON.parse(data);
      if (answer.RequestId !== RequestId) return;
      socket.off("message", receive);
      resolve(answer);
    };
    socket.on("message", receive);
    socket.send(JSON.stringify({ RequestId, ...frame }));
  });
}
const say = (userId, Content, Attributes) => request(userId, { Action: "SEND_MESSAGE", Content, Attributes });

await admin("PUT", "reviews", [
  { content: "cheap-seats", deny: { reason: "No advertising, please" } },
  { allow: {} },
]);
await join("nora", "Nora Lind");
await join("emil", "Emil Costa");
await join("tariq", "Tariq Haddad");
await join("yuki", "Yuki Mori");
await join("grump77", "Grump");
await join("tickets4u", "Tickets");
await join("sofia", "Sofia (host)", "DELETE_MESSAGE", "DISCONNECT_USER");
await admin("POST", "faults", { operation: "CreateChatToken", times: 3, exception: "PendingVerification" });
await admin("POST", "faults", { operation: "MESSAGE", userId: "nora", probability: 0.1, frame: "drop" });
await admin("POST", "faults", { operation: "SEND_MESSAGE", userId: "emil", times: 2, error: 429 });
await say("emil", "Can we rewind?");
await say("nora", "Is the sound a little quiet for anyone else?");
await say("yuki", "Fine here. Try the other audio track!");
const left = once(people.get("tickets4u"), "close");
await call("DisconnectUser", { roomIdentifier: arn, userId: "tickets4u", reason: "Second warning" });
await left;
await say("tariq", "That opening shot over the harbour 😍", { reaction: "love" });
await say("grump77", "Half price tickets at cheap-seats.example");
await call("SendEvent", {
  roomIdentifier: arn, eventName: "poll-started", attributes: { question: "Who took the lantern?" },
});
const { Id } = await say("grump77", "Who cares, you fools");
await request("sofia", { Action: "DELETE_MESSAGE", Id, Reason: "Please be kind" });
await say("nora", "The captain. Definitely the captain.");
await say("sofia", "Ten minutes until the cast joins us!");
const handshake = new WebSocket(url.replace("http", "ws"), "token-of-last-week");
await once(handshake, "error");

// The states, each with the text to wait for. Those with a name in images are in the documentation.
const room = encodeURIComponent(arn);
const states = [
  { name: "rooms", route: "#/rooms", text: "premiere-lantern-bay", also: ["dark"] },
  { name: "people", route: `#/room/${room}?tab=people`, text: "DISCONNECT_USER" },
  { name: "frames", route: `#/frames?room=${room}`, text: "Ten minutes until", also: ["dark"] },
  { name: "calls", route: "#/calls", text: "Handshake refused" },
  { name: "clock", route: "#/clock", text: "What will fall due" },
  { name: "faults", route: "#/faults", text: "PendingVerification", also: ["dark"] },
  { name: "charts", route: "#/charts", text: "Charts" },
  { name: "token", route: "#/token", text: "What a chat token says" },
  { name: "state", route: "#/state", text: "Snapshot" },
  { name: "first", route: "#/rooms?search=premieren", text: "No room matches" },
  { name: "room", route: `#/room/${room}`, text: "Ten minutes until", also: ["dark"], prepare: connect },
];

// connect lets somebody take part from the page, so that there is a line to write in.
async function connect(page) {
  await admin("DELETE", "faults");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText("anna is connected.").waitFor({ state: "visible" });
  await page.getByText("anna is connected.").waitFor({ state: "hidden" });
}

// Chromium's sandbox does not work in a container.
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
for (const { name, route, text, also = [], prepare } of states) {
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", ...also]) {
      const viewport = { width, height: width > 500 ? 800 : 844 };
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
      await page.goto(`${url}/_ivschat/console/${route}`);
      await page.locator("main").getByText(text).first().waitFor();
      await page.waitForFunction(() => document.querySelector(".clock time"));
      await prepare?.(page);
      await page.screenshot({ path: path.join(directory, `${name}-${width}-${colorScheme}.png`) });
      await page.close();
    }
  }
}
await browser.close();
for (const cleanup of cleanups.reverse()) cleanup();
