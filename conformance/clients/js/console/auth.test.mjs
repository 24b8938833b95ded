// Tests of the console of an emulator that verifies signatures.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, expectText, open, start } from "./console.mjs";

after(closeBrowser);

test("with signatures, the page creates, changes and deletes a room, and people chat", async (t) => {
  const { url, admin } = await start(t, "--auth", "signatures");
  const page = await open(t, url);
  await page.getByRole("button", { name: "Create a room" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("lobby");
  await dialog.getByLabel("Tags").fill("team=a b\nstage=ä");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "lobby" }).waitFor();

  const card = page.getByRole("region", { name: "People in this page" });
  await card.getByLabel("User ID").fill("anna");
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await expectText(card.getByRole("listitem"), "connected");

  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Tags").fill("team=ö =+@");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const { items: [room] } = await admin("GET", "rooms");
  assert.deepEqual(room.tags, { team: "ö =+@" });
  const { items: calls } = await admin("GET", "calls");
  assert.deepEqual(calls.map(({ operation, status }) => `${status} ${operation}`), [
    "200 CreateRoom", "200 CreateChatToken", "200 UpdateRoom", "200 UntagResource", "200 TagResource",
  ]);
});
