// Tests of the console's list of frames.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import WebSocket from "ws";
import { closeBrowser, open, start } from "./console.mjs";

after(closeBrowser);

// join connects a user with every capability. What it returns sends values as JSON, and texts and bytes unchanged.
async function join(t, { url, call }, room, userId) {
  const capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];
  const { token } = await call("CreateChatToken", { roomIdentifier: room.arn, userId, capabilities });
  const socket = new WebSocket(url.replace("http", "ws"), token);
  t.after(() => socket.close());
  await new Promise((resolve) => (socket.onopen = resolve));
  return (frame) => socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
}

const say = (content, rest = {}) => ({ Action: "SEND_MESSAGE", Content: content, ...rest });

const row = (page, text) => page.getByRole("log").getByRole("button").filter({ hasText: text });

// noRow waits until there is no row with a text.
const noRow = (page, text) => row(page, text).first().waitFor({ state: "detached" });

test("without a frame, the page does not speak of filters that match nothing", async (t) => {
  const emulator = await start(t);
  const page = await open(t, emulator.url, "#/frames");
  await page.getByText("No frames yet.").waitFor();
  assert.equal(await page.locator("[data-counts]").innerText(), "");
});

test("frames are shown live in both directions, and the filters are in the URL", async (t) => {
  const emulator = await start(t);
  const lobby = await emulator.call("CreateRoom", { name: "lobby" });
  const stage = await emulator.call("CreateRoom", { name: "stage" });
  const anna = await join(t, emulator, lobby, "anna");
  const ben = await join(t, emulator, stage, "ben");
  anna(say("before the page"));
  const page = await open(t, emulator.url, "#/frames");
  await row(page, "before the page").nth(1).waitFor(); // the request and the message
  ben(say("from ben"));
  anna("no JSON");
  await row(page, /in SEND_MESSAGE ben.*from ben/).waitFor();
  await row(page, /out MESSAGE ben.*from ben/).waitFor();
  await row(page, /in not JSON anna.*no JSON/).waitFor();
  await row(page, /out ERROR anna/).waitFor();
  await row(page, /connect ben/).waitFor();

  await page.getByLabel("User").fill("an");
  await noRow(page, "from ben");
  await page.getByLabel("Kind").selectOption("Messages");
  await noRow(page, "no JSON");
  await row(page, "before the page").waitFor();
  await page.getByLabel("User").fill("");
  await page.getByLabel("Text").fill("FROM");
  await row(page, "from ben").waitFor();
  await noRow(page, "before the page");
  await page.getByLabel("Direction").selectOption("From clients");
  await page.getByText("No frame matches.").waitFor();
  assert.match(page.url(), /#\/frames\?kind=MESSAGE&q=FROM&direction=in$/);
  await page.getByLabel("Kind").selectOption("Everything");
  await page.reload();
  await row(page, /in SEND_MESSAGE ben/).waitFor();
  assert.equal(await page.getByLabel("Text").inputValue(), "FROM");
  await page.getByLabel("Text").fill("");
  await page.getByLabel("Room").selectOption("lobby");
  await row(page, "no JSON").waitFor();
  assert.equal(await row(page, "from ben").count(), 0);
  assert.equal(await row(page, /connect ben/).count(), 0);
  anna(say("live in the lobby"));
  await row(page, "live in the lobby").waitFor();
  await page.goto(page.url().replace(/room=[^&]*/, `room=${lobby.arn.replace(lobby.id, "nonexistent1")}`));
  await page.getByRole("alert").filter({ hasText: "nonexistent1 does not exist" }).waitFor();
});

test("a paused list does not move, and a row that is opened stays open", async (t) => {
  const emulator = await start(t);
  const lobby = await emulator.call("CreateRoom", { name: "lobby" });
  const anna = await join(t, emulator, lobby, "anna");
  const page = await open(t, emulator.url, "#/frames?kind=MESSAGE");
  anna(say("one"));
  await row(page, "one").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  anna(say("two"));
  await page.getByText(/^[1-9] new/).waitFor();
  assert.equal(await row(page, "two").count(), 0);
  await page.getByRole("button", { name: "Follow" }).click();
  await row(page, "two").waitFor();
  await row(page, "one").click();
  await page.getByRole("region", { name: "Frame" }).waitFor();
  anna(say("three"));
  await page.getByText(/^[1-9] new/).waitFor();
  assert.equal(await row(page, "one").getAttribute("aria-expanded"), "true");
  await page.getByRole("button", { name: "Follow" }).click();
  await row(page, "three").waitFor();
  assert.match(await page.getByRole("region", { name: "Frame" }).innerText(), /"Content": "one"/);
});

test("a frame has a link, and what belongs to it", async (t) => {
  const emulator = await start(t);
  const lobby = await emulator.call("CreateRoom", { name: "lobby" });
  const anna = await join(t, emulator, lobby, "anna");
  const page = await open(t, emulator.url, "#/frames?kind=SEND_MESSAGE");
  anna(say("hello", { RequestId: "r-1" }));
  await row(page, "hello").click();
  await page.getByText("from anna to the service").waitFor();
  const { items } = await emulator.admin("GET", "journal?kind=frame");
  const [request, message] = items;
  await page.getByRole("link", { name: `#${message.id}`, exact: true }).click();
  await page.getByRole("heading", { name: `Frame #${message.id}` }).waitFor();
  await page.getByText("from the service to 1 connection").waitFor();
  await page.getByRole("definition").filter({ hasText: lobby.arn }).waitFor();
  await page.getByRole("link", { name: `#${request.id}`, exact: true }).click();
  await page.getByRole("heading", { name: `Frame #${request.id}` }).waitFor();

  await emulator.call("SendEvent", { roomIdentifier: lobby.arn, eventName: "poll" });
  const [event] = (await emulator.admin("GET", "journal?kind=frame&count=1")).items;
  await page.goto(page.url().replace(/\d+$/, event.id));
  await page.getByText("call SendEvent").waitFor();

  await page.goto(page.url().replace(/\d+$/, "4711"));
  await page.getByText("The journal has no entry #4711 yet").waitFor();
  await page.goto(page.url().replace(/\d+$/, "x"));
  await page.getByText("The ID of an entry is a number, but this is: x").waitFor();
  await emulator.admin("POST", "reset");
  await emulator.call("CreateRoom", {});
  await page.goto(page.url().replace(/x$/, event.id));
  await page.getByText(`The journal does not have the entry #${event.id} any more`).waitFor();
});

test("a frame is copied in four ways", async (t) => {
  const emulator = await start(t);
  const lobby = await emulator.call("CreateRoom", { name: "lobby" });
  const anna = await join(t, emulator, lobby, "anna");
  anna(say("hello"));
  const permissions = ["clipboard-read", "clipboard-write"];
  const page = await open(t, emulator.url, "#/frames?kind=MESSAGE", { permissions });
  await row(page, "hello").click();
  const expected = {
    wscat: /^wscat -c ws:.*--execute=.*hello/,
    "AWS CLI": /ivschat create-chat-token/,
    JavaScript: /room\.sendMessage\(new SendMessageRequest\("hello"\)\)/,
    "Go test": /emulatortest\.Start\(t\)/,
  };
  for (const [name, text] of Object.entries(expected)) {
    await page.getByRole("button", { name: new RegExp(`^${name}:`) }).click();
    await page.getByText(new RegExp(`^Copied #\\d+ as ${name}\\.$`)).waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), text);
  }
});

test("hostile frames stay text and do not break the layout", async (t) => {
  const emulator = await start(t);
  const lobby = await emulator.call("CreateRoom", { name: "lobby" });
  const hostile = "<img src=x onerror=alert(1)>\u202e\u2066";
  const anna = await join(t, emulator, lobby, hostile);
  const page = await open(t, emulator.url, "#/frames", { viewport: { width: 320, height: 700 } });
  anna(say("</pre><script>alert(2)</script>\u202egnp.exe\u0007"));
  anna(`no JSON ${"w".repeat(9000)} \u2028\u001b[31m end`);
  anna(Buffer.from([0xff, 0xfe, 0x00, 0x3c, 0x62, 0x3e]));
  anna("null");
  anna('{"Action": {"toString": 1}, "Type": 5, "Sender": 1, "Attributes": [], "RequestId": {}}');
  await row(page, /alert\(2\).*\\u202egnp\.exe\\u0007/).nth(1).waitFor();
  await row(page, /in no Action.*toString/).waitFor();
  assert.equal(await page.locator("main img, main script").count(), 0);
  for (const text of ["onerror=alert(1)", "no JSON www", "\ufffd\ufffd\\u0000<b>", "null"]) {
    await row(page, text).first().click();
  }
  await page.getByText("stands for bytes that are not UTF-8").waitFor();
  const cut = page.getByRole("region", { name: "Frame" }).filter({ hasText: "no JSON www" });
  assert.ok(!(await cut.innerText()).includes("end"));
  await page.getByRole("button", { name: /^Show all 9,0\d\d characters$/ }).click();
  await cut.filter({ hasText: "\\u2028\\u001b[31m end" }).waitFor();
  const [width, visible] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width <= visible, `the page is ${width} px wide, and ${visible} px are visible`);
  const list = page.getByRole("log");
  assert.ok(await list.evaluate((element) => element.scrollWidth <= element.clientWidth), "the list scrolls sideways");
});

test("what the filters have not looked at is searched on demand", async (t) => {
  const emulator = await start(t);
  const { arn } = await emulator.call("CreateRoom", { name: "lobby" });
  const send = (eventName) => emulator.call("SendEvent", { roomIdentifier: arn, eventName });
  await send("the-first-one");
  await send("the-second-one");
  for (let i = 0; i < 1100; i += 20) await Promise.all(Array.from({ length: 20 }, (_, n) => send(`event-${i + n}`)));
  const page = await open(t, emulator.url, "#/frames?kind=EVENT&q=-one");
  await page.getByText("No frame matches.").waitFor();
  await page.getByText(/The filters search the entries from #\d+ on/).waitFor();
  await page.getByText(/1,000 filtered out/).waitFor();
  await page.getByRole("button", { name: "Search further back" }).click();
  await row(page, "the-first-one").waitFor();
  await row(page, "the-second-one").waitFor();
  await page.getByText("The filters search everything that the journal has.").waitFor();
  await page.getByLabel("Text").fill("event-");
  await page.getByText(/700 not shown/).waitFor(); // of 1,000 that match
  assert.equal(await page.getByRole("log").getByRole("button").count(), 300);
});
