// Tests of the console's list of rooms.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import WebSocket from "ws";
import { closeBrowser, open, start } from "./console.mjs";

after(closeBrowser);

test("an empty emulator shows what to do first, and a room that is created there opens", async (t) => {
  const { url, call } = await start(t);
  const page = await open(t, url);
  await page.getByRole("heading", { name: "This emulator has no rooms yet" }).waitFor();
  for (const language of ["AWS CLI", "JavaScript", "Go", "Python"]) {
    await page.getByRole("button", { name: language, exact: true }).click();
    assert.match(await page.getByRole("region", { name: `Lines for ${language}` }).innerText(), new RegExp(url));
  }
  await page.getByRole("button", { name: "Create a room" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("lobby");
  await dialog.getByLabel("Region").fill("eu-west-1");
  await dialog.getByLabel("Maximum message length").fill("17");
  await dialog.getByLabel("Fallback result").selectOption("DENY");
  await dialog.getByLabel("Message review handler").fill("arn:aws:lambda:eu-west-1:000000000000:function:review");
  await dialog.getByLabel("Tags").fill("stage=test\nteam=chat");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.waitForURL(/#\/room\//);
  const scope = "000000000000/20260101/eu-west-1/ivschat/aws4_request";
  const Authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`;
  const { rooms } = await call("ListRooms", {}, { Authorization });
  const [{ name, tags, messageReviewHandler }] = rooms;
  assert.deepEqual([name, tags, messageReviewHandler], [
    "lobby",
    { stage: "test", team: "chat" },
    { uri: "arn:aws:lambda:eu-west-1:000000000000:function:review", fallbackResult: "DENY" },
  ]);
});

test("the list is live, can be searched, and shows members and messages", async (t) => {
  const { url, call } = await start(t);
  const page = await open(t, url);
  await page.getByRole("heading", { name: "This emulator has no rooms yet" }).waitFor();
  const lobby = await call("CreateRoom", { name: "lobby", tags: { team: "support" } });
  await call("CreateRoom", { name: "stage" });
  await page.getByRole("link", { name: "stage" }).waitFor();
  await page.getByLabel("Search").fill("SUPPORT");
  await page.getByRole("link", { name: "stage" }).waitFor({ state: "detached" });
  assert.match(page.url(), /search=SUPPORT/);
  const capabilities = ["SEND_MESSAGE"];
  const { token } = await call("CreateChatToken", { roomIdentifier: lobby.arn, userId: "anna", capabilities });
  const socket = new WebSocket(url.replace("http", "ws"), token);
  t.after(() => socket.close());
  await new Promise((resolve) => (socket.onopen = resolve));
  socket.send(JSON.stringify({ Action: "SEND_MESSAGE", Content: "hello" }));
  const row = page.getByRole("row", { name: /lobby/ });
  await row.getByRole("cell", { name: "1", exact: true }).nth(1).waitFor(); // members, then messages in all
  await page.getByLabel("Search").fill("nothing");
  await page.getByText("No room matches.").waitFor();
});

test("a room is edited and deleted", async (t) => {
  const { url, call } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby", tags: { a: "1", b: "2" } });
  const page = await open(t, url);
  await page.getByRole("button", { name: "Edit lobby" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Maximum message rate").fill("1000");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").filter({ hasText: "ValidationException" }).waitFor();
  await dialog.getByLabel("Maximum message rate").fill("100");
  await dialog.getByLabel("Tags").fill("b=3");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const { maximumMessageRatePerSecond, tags } = await call("GetRoom", { identifier: arn });
  assert.deepEqual([maximumMessageRatePerSecond, tags], [100, { b: "3" }]);
  await page.getByRole("button", { name: "Delete lobby" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "This emulator has no rooms yet" }).waitFor();
});

test("a dialog says why a room cannot be deleted", async (t) => {
  const { url, call } = await start(t);
  const { arn } = await call("CreateRoom", { name: "lobby" });
  const page = await open(t, url);
  await page.getByRole("button", { name: "Delete lobby" }).click();
  await fetch(`${url}/DeleteRoom`, { method: "POST", body: JSON.stringify({ identifier: arn }) });
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("alert").filter({ hasText: "ResourceNotFoundException" }).waitFor();
});
