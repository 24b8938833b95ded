// Tests of a room in the console.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DeleteMessageRequest, SendMessageRequest } from "amazon-ivs-chat-messaging";
import { next } from "../client.mjs";
import { capabilities, closeBrowser, expectText, open, start, startRoom } from "./console.mjs";

after(closeBrowser);

// rowOf returns the row of the chat that has a text.
const rowOf = (page, text) => page.getByRole("log").locator(".chat").filter({ hasText: text });

// connect lets somebody take part from a page.
async function connect(page, userId, ...may) {
  const card = page.getByRole("region", { name: "People in this page" });
  await card.getByLabel("User ID").fill(userId);
  for (const capability of may) await card.getByLabel(capability).check();
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await expectText(card.getByRole("listitem").filter({ hasText: userId }), "connected");
}

// say sends a message of the person who is chosen.
async function say(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

test("two pages and a page of the official client chat with each other", async (t) => {
  const { url, at, join } = await startRoom(t, { name: "lobby" });
  const [first, second] = [await open(t, url, at()), await open(t, url, at())];
  const cleo = await join("cleo", { level: "7" });
  await connect(first, "anna");
  await connect(second, "ben");
  const received = next(cleo, "message");
  await say(first, "hello from anna");
  assert.equal((await received).content, "hello from anna");
  await say(second, "hello from ben");
  await cleo.sendMessage(new SendMessageRequest("hello from cleo", { mood: "fine" }));
  for (const page of [first, second]) {
    await rowOf(page, "hello from anna").waitFor();
    await rowOf(page, "hello from ben").waitFor();
    await rowOf(page, /cleo.*level=7.*hello from cleo.*mood=fine/).waitFor();
  }
});

test("a deleted message is struck through, with who deleted it, in which way and why", async (t) => {
  const { url, at, join } = await startRoom(t, {});
  const page = await open(t, url, at());
  const cleo = await join("cleo");
  await connect(page, "anna", "DELETE_MESSAGE");
  const messages = {};
  for (const text of ["the first", "the second", "the third"]) {
    messages[text] = await cleo.sendMessage(new SendMessageRequest(text));
  }

  // By the operation of AWS, as a moderator of this page, and by somebody else.
  const remove = async (text, reason, by) => {
    const deleted = next(cleo, "messageDelete");
    await rowOf(page, text).getByRole("button", { name: /^Delete message/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill(reason);
    if (by) await dialog.getByLabel("By").selectOption(by);
    await dialog.getByRole("button", { name: "Delete a message" }).click();
    await dialog.waitFor({ state: "detached" });
    const { messageId, reason: told } = await deleted;
    assert.deepEqual([messageId, told], [messages[text].id, reason]);
  };
  await remove("the first", "off topic");
  await remove("the second", "a spoiler", "anna");
  await cleo.deleteMessage(new DeleteMessageRequest(messages["the third"].id, "a typo"));
  const ways = {
    "the first": /Deleted by AWS’s operation DeleteMessage: off topic/,
    "the second": /Deleted by anna, DELETE_MESSAGE: a spoiler/,
    "the third": /Deleted by cleo, DELETE_MESSAGE: a typo/,
  };
  for (const [text, way] of Object.entries(ways)) {
    const row = rowOf(page, text).filter({ hasText: way });
    await row.waitFor();
    assert.equal(await row.locator("del").innerText(), text);
  }
});

test("a message that is denied is shown with its reason, to its sender, too", async (t) => {
  const uri = "arn:aws:lambda:us-east-1:000000000000:function:review";
  const messageReviewHandler = { uri, fallbackResult: "ALLOW" };
  const room = { maximumMessageLength: 20, messageReviewHandler };
  const { url, at, admin } = await startRoom(t, room, "--review-handler", "*=deny:darn", "--review-timeout", "60s");
  const page = await open(t, url, at());
  await connect(page, "anna");
  const sender = page.getByRole("region", { name: "People in this page" }).getByRole("listitem");
  await say(page, "this is a bit longer than 20");
  await rowOf(page, /anna.*longer than 20\s*Refused, ERROR 400: Message exceeds maximum length/).waitFor();
  await expectText(sender, "ERROR 400: Message exceeds maximum length");
  await say(page, "darn");
  await rowOf(page, /anna.*darn\s*Denied, ERROR 406: .*The message contains "darn"/).waitFor();
  await expectText(sender, "ERROR 406");

  const told = { userId: "anna", allow: { content: "what the h***" } };
  await admin("PUT", "reviews", told);
  await say(page, "what the heck");
  await rowOf(page, /what the h\*\*\*.*Changed by the review. Sent: what the heck/s).waitFor();
  assert.equal(await sender.getByRole("alert").count(), 0, "the sender still has an error");
  await admin("PUT", "reviews", { userId: "anna", error: "broken" });
  await say(page, "not reviewed");
  await rowOf(page, /not reviewed.*The review failed \(function error: .*broken.*\)\. Fallback: ALLOW\./s).waitFor();
});

test("a user who is disconnected, and why, is shown", async (t) => {
  const { url, at, join } = await startRoom(t, {});
  const page = await open(t, url, at());
  const [cleo, dan] = [await join("cleo"), await join("dan")];
  await connect(page, "anna", "DISCONNECT_USER");
  const kick = async (userId, reason, by) => {
    await page.getByRole("button", { name: "Disconnect a user" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("User ID").fill(userId);
    await dialog.getByLabel("Reason").fill(reason);
    if (by) await dialog.getByLabel("By").selectOption(by);
    await dialog.getByRole("button", { name: "Disconnect a user" }).click();
    await dialog.waitFor({ state: "detached" });
  };
  const ends = [next(cleo, "disconnect"), next(dan, "disconnect")];
  await kick("cleo", "spam");
  await kick("dan", "rude", "anna");
  assert.deepEqual(await Promise.all(ends), ["serverDisconnect", "serverDisconnect"]);
  await rowOf(page, "cleo disconnected by AWS’s operation DisconnectUser: spam").waitFor();
  await rowOf(page, "dan disconnected by anna, DISCONNECT_USER: rude").waitFor();
  await rowOf(page, "Connection of dan ended: its user was disconnected").waitFor();
  await kick("anna", "my own turn", "anna");
  await expectText(page.getByRole("listitem").filter({ hasText: "anna" }), "closed with 1000 disconnected");
});

test("an event is sent", async (t) => {
  const { url, at, join } = await startRoom(t, {});
  const page = await open(t, url, at());
  const cleo = await join("cleo");
  const received = next(cleo, "event");
  await page.getByRole("button", { name: "Send an event" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Event name").fill("e".repeat(1000));
  await dialog.getByRole("button", { name: "Send an event" }).click();
  await expectText(dialog.getByRole("alert"), "ValidationException");
  await dialog.getByLabel("Event name").fill("app:raffle");
  await dialog.getByLabel("Attributes").fill("winner=cleo\nprize=a=b");
  await dialog.getByRole("button", { name: "Send an event" }).click();
  const { eventName, attributes } = await received;
  assert.deepEqual([eventName, attributes], ["app:raffle", { winner: "cleo", prize: "a=b" }]);
  await rowOf(page, /Event app:raffle.*winner=cleo/).waitFor();
});

test("people can be searched, expired, dropped, silenced and kicked", async (t) => {
  const { url, at, join, admin } = await startRoom(t, {});
  const [anna, ben] = [await join("anna", { level: "7" }), await join("ben")];
  const [cleo, dan] = [await join("cleo"), await join("dan")];
  const page = await open(t, url, at("?tab=people"));
  const sessions = page.getByRole("region", { name: "Sessions" });
  await expectText(sessions.getByRole("row", { name: /anna/ }), /127\.0\.0\.1.*SEND_MESSAGE.*level=7.*59 min \d+ s/s);
  await page.getByText("4 open sessions").waitFor();
  await page.getByLabel("User ID").fill("ben");
  await sessions.getByRole("row", { name: /anna/ }).waitFor({ state: "detached" });
  assert.equal(await sessions.getByRole("row").count(), 2); // with the head
  assert.match(page.url(), /userId=ben/);
  await page.getByLabel("User ID").fill("");

  // The client connects again when its session has expired, and after a reset.
  for (const [client, action] of [[anna, "Expire anna"], [ben, "Drop ben"]]) {
    const again = next(client, "connect");
    await sessions.getByRole("button", { name: action }).click();
    await again;
  }
  await sessions.getByRole("button", { name: "Silence cleo" }).click();
  await page.getByText("Silence: cleo").waitFor();
  const unheard = [];
  cleo.addListener("message", ({ content }) => unheard.push(content));
  await dan.sendMessage(new SendMessageRequest("cleo?"));
  const kicked = next(dan, "disconnect");
  await sessions.getByRole("button", { name: "Kick dan" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("the end");
  await dialog.getByRole("button", { name: "Disconnect a user" }).click();
  assert.equal(await kicked, "serverDisconnect");
  assert.deepEqual([unheard, cleo.state], [[], "connected"]);
  await sessions.getByRole("row", { name: /dan/ }).waitFor({ state: "detached" });

  await page.getByRole("link", { name: "Chat", exact: true }).click();
  await rowOf(page, "Connection of anna ended: the session has expired").waitFor();
  await rowOf(page, /Connection of ben ended: .*reset/).waitFor();
  await rowOf(page, "dan disconnected by AWS’s operation DisconnectUser: the end").waitFor();
  assert.equal((await admin("GET", "faults")).items.length, 0);
});

test("people stay connected while another panel is shown, and can connect again", async (t) => {
  const { url, at, arn, admin } = await startRoom(t, {});
  const page = await open(t, url, at());
  await connect(page, "anna");
  await page.getByRole("navigation", { name: "Panels" }).getByRole("link", { name: "Clock" }).click();
  await page.getByRole("heading", { name: "Clock" }).waitFor();
  await page.goBack();
  const anna = page.getByRole("listitem").filter({ hasText: "anna" });
  await expectText(anna, /anna\s*connected\s*expires in 59 min/);
  await say(page, "still here");
  await rowOf(page, "still here").waitFor();
  const room = () => admin("GET", `rooms/${encodeURIComponent(arn)}`);
  assert.equal((await room()).sessions.length, 1);
  const ends = [[{ close: 4000 }, "closed with 4000"], [{ reset: true }, "dropped without a close frame (1006)"]];
  for (const [end, text] of ends) {
    await admin("POST", `sessions/${(await room()).sessions[0].id}`, end);
    await expectText(anna, text);
    await anna.getByRole("button", { name: "Connect again: anna" }).click();
    await anna.getByText("connected", { exact: true }).waitFor();
  }
  await anna.getByRole("button", { name: "Leave anna" }).click();
  await anna.waitFor({ state: "detached" });
  await rowOf(page, "Connection of anna ended: the client left").waitFor();
});

test("what goes wrong when somebody connects is shown", async (t) => {
  const { url, at, admin } = await startRoom(t, {});
  const page = await open(t, url, at());
  const card = page.getByRole("region", { name: "People in this page" });
  await card.getByText("Attributes and session length").click();
  await card.getByLabel("Session length").fill("999");
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await expectText(card.getByRole("alert"), "ValidationException");
  await card.getByLabel("Session length").fill("1");
  await admin("POST", "faults", { operation: "CONNECT", exception: "AccessDeniedException", times: 1 });
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await expectText(card.getByRole("alert"), "The handshake was refused.");
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await expectText(card.getByRole("listitem"), /connected\s*expires in 5\d s/);
  assert.equal(await card.getByRole("listitem").count(), 1, "those who did not connect are shown");
});

test("a fault that fires is shown, and somebody can go on after it", async (t) => {
  const { url, at, admin } = await startRoom(t, {});
  const page = await open(t, url, at());
  await connect(page, "anna");
  await admin("POST", "faults", { operation: "MESSAGE", frame: "corrupt", times: 1 });
  await say(page, "the answer is half a frame");
  await rowOf(page, "Fault 1 fired at MESSAGE of anna").waitFor();
  const anna = page.getByRole("listitem").filter({ hasText: "anna" });
  await anna.getByText("1 unanswered").waitFor();
  await admin("POST", "faults", { operation: "SEND_MESSAGE", error: 429, message: "too much", times: 1 });
  await say(page, "denied by a fault");
  await rowOf(page, /anna\s*denied by a fault\s*Refused, ERROR 429: too much/).waitFor();
  await say(page, "as usual");
  await rowOf(page, "as usual").waitFor();
});

test("a user who scrolls up stops the list, and can follow it again", async (t) => {
  const { url, at, arn, call } = await startRoom(t, {});
  const event = (eventName) => call("SendEvent", { roomIdentifier: arn, eventName });
  for (let n = 0; n < 40; n++) await event(`app:${n}`);
  const page = await open(t, url, at());
  await rowOf(page, "app:39").waitFor();
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, -200);
  await page.getByRole("button", { name: "Follow" }).waitFor();
  await event("app:last");
  await page.getByText("1 new").waitFor();
  assert.equal(await rowOf(page, "app:last").count(), 0);
  await page.getByRole("button", { name: "Follow" }).click();
  await rowOf(page, "app:last").waitFor();
  await page.waitForFunction(() => {
    const list = document.querySelector("[role=log]");
    return list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
  });
});

test("a link to a message shows it, also an old one, and says if it is not there", async (t) => {
  const { url, at, arn, call, join } = await startRoom(t, {});
  const cleo = await join("cleo");
  const { id: old } = await cleo.sendMessage(new SendMessageRequest("an old message"));
  for (let n = 0; n < 400; n++) await call("SendEvent", { roomIdentifier: arn, eventName: `app:${n}` });
  const { id } = await cleo.sendMessage(new SendMessageRequest("a new message"));
  const page = await open(t, url, at());
  await rowOf(page, "a new message").getByRole("link", { name: `Link to message ${id}` }).click();
  const marked = page.getByRole("log").locator(".marked");
  await expectText(marked, "a new message");
  assert.equal(await marked.count(), 1);
  const link = page.url();
  assert.match(link, new RegExp(`message=${id}`));
  await page.evaluate((hash) => (location.hash = hash), at(`?message=${old}`)); // in the same tab
  await expectText(marked, "an old message");

  const links = { "an old message": at(`?message=${old}`), "a new message": link.slice(link.indexOf("#")) };
  for (const [text, address] of Object.entries(links)) {
    const other = await open(t, url, address);
    const found = other.getByRole("log").locator(".marked");
    await expectText(found, text);
    await other.getByRole("button", { name: "Follow" }).waitFor(); // it is not scrolled away
    const [box, list] = [await found.boundingBox(), await other.getByRole("log").boundingBox()];
    assert.ok(box.y >= list.y && box.y + box.height <= list.y + list.height, `${text} is not in sight`);
  }
  const other = await open(t, url, at("?message=nothing"));
  await other.getByText("The message nothing is not here any more.").waitFor();
});

test("a room that is deleted, or never existed, says so", async (t) => {
  const { url, at, call, arn, join } = await startRoom(t, { name: "lobby" });
  const page = await open(t, url, at());
  const cleo = await join("cleo");
  await cleo.sendMessage(new SendMessageRequest("last words"));
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("There is no such room: it was deleted. Its open sessions: 1.").waitFor();
  await rowOf(page, "last words").waitFor();
  cleo.disconnect();
  await page.getByText("There is no such room (any more).").waitFor();
  await rowOf(page, "last words").waitFor();
  await assert.rejects(call("GetRoom", { identifier: arn }));
  const other = await open(t, url, at().slice(0, -4) + "0000");
  await other.getByText("There is no such room (any more).").waitFor();
  const wrong = await open(t, url, "#/room/nothing");
  await wrong.getByRole("alert").filter({ hasText: "nothing" }).waitFor();
});

test("everything can be done with the keyboard", async (t) => {
  const { url, at } = await startRoom(t, {});
  const page = await open(t, url, at());
  // focus moves forward with the Tab key until an element has the focus.
  const focus = async (locator) => {
    await locator.waitFor();
    for (let n = 0; n < 100; n++) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${locator} cannot be reached`);
  };
  await focus(page.getByRole("region", { name: "People in this page" }).getByLabel("User ID"));
  await page.keyboard.press("Enter");
  await page.getByText("anna is connected.").waitFor();
  await focus(page.getByLabel("Message", { exact: true }));
  await page.keyboard.type("typed");
  await page.keyboard.press("Enter");
  await focus(rowOf(page, "typed").getByRole("button", { name: /^Delete message/ }));
  await page.keyboard.press("Enter");
  await focus(page.getByRole("dialog").getByLabel("Reason"));
  await page.keyboard.type("a reason");
  await page.keyboard.press("Enter");
  await rowOf(page, /typed.*Deleted by AWS’s operation DeleteMessage: a reason/s).waitFor();
  await focus(page.getByRole("link", { name: "People", exact: true }));
  await page.keyboard.press("Enter");
  await focus(page.getByRole("button", { name: "Expire anna" }));
  await page.keyboard.press("Space");
  await page.getByText("Nobody is connected.").waitFor();
});

test("an ERROR is shown with the request that it is about, and with no other one", async (t) => {
  const { url, at, arn, call, admin } = await startRoom(t, {});
  const { token } = await call("CreateChatToken", { roomIdentifier: arn, userId: "anna", capabilities });
  const socket = new WebSocket(url.replace("http", "ws"), token);
  t.after(() => socket.close());
  await new Promise((resolve) => (socket.onopen = resolve));
  const page = await open(t, url, at());
  const send = (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  send("not JSON");
  send({ Action: "SEND_MESSAGE", Content: { not: "text" }, RequestId: "1" });
  send("null");
  send({ Action: "DELETE_MESSAGE", Id: "", RequestId: "2" });
  await rowOf(page, /anna\s*not JSON\s*Refused, ERROR 400/).waitFor();
  await rowOf(page, /anna\s*\{"not":"text"\}\s*Refused, ERROR 400/).waitFor();
  await rowOf(page, /anna\s*null\s*Refused, ERROR 400/).waitFor();
  await rowOf(page, /anna\s*DELETE_MESSAGE\s*Refused, ERROR 400/).waitFor();
  send({ Action: "SEND_MESSAGE", Content: "without a RequestId" });
  await rowOf(page, "without a RequestId").waitFor();
  const { sessions } = await admin("GET", `rooms/${encodeURIComponent(arn)}`);
  await admin("POST", `sessions/${sessions[0].id}`, { expire: true });
  await rowOf(page, /anna\s*ERROR 401: the session has expired/).waitFor();
  assert.equal(await rowOf(page, "without a RequestId").count(), 1);
});

test("a panel that is loaded late does not replace the room", async (t) => {
  const { url, at } = await startRoom(t, { name: "lobby" });
  const page = await open(t, url, at());
  await page.getByRole("heading", { name: "lobby" }).waitFor();
  let load;
  const asked = new Promise((resolve) => page.route("**/panels/clock.js", (route) => {
    load = () => route.continue();
    resolve();
  }));
  await page.getByRole("navigation", { name: "Panels" }).getByRole("link", { name: "Clock" }).click();
  await asked;
  await page.goBack();
  await page.getByRole("heading", { name: "lobby" }).waitFor();
  const loaded = page.waitForResponse("**/panels/clock.js");
  await load();
  await (await loaded).finished();
  await page.evaluate(() => import("./panels/clock.js")); // it was run
  await connect(page, "anna");
});
