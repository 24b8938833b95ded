// Tests of the console behind a proxy that serves the emulator below a path: one of this test, or the one at
// $PAGE, such as nginx. At $SIGNED_PAGE, it is one of an emulator that verifies signatures.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { call as callAt } from "../client.mjs";
import { closeBrowser, expectText, newPage, start, watch } from "./console.mjs";
import { startProxy } from "./proxy.mjs";

after(closeBrowser);

test("behind a path prefix, everything works at the address of the page", async (t) => {
  const url = process.env.PAGE ?? (await startProxy(t, (await start(t)).url, "/tools/ivschat"));
  const { arn } = await callAt(url, "CreateRoom", { name: "prefixed" });
  const page = await newPage(t);
  watch(t, page);
  const elsewhere = [];
  for (const kind of ["request", "websocket"]) {
    page.on(kind, (one) => {
      if (!one.url().replace(/^ws/, "http").startsWith(url)) elsewhere.push(one.url());
    });
  }
  await page.goto(`${url}/`); // sends the browser to the console
  assert.equal(page.url(), `${url}/_ivschat/console/`);
  await page.getByRole("link", { name: "prefixed" }).click();

  // A person of the page sends a message, which comes back through the event stream.
  const card = page.getByRole("region", { name: "People in this page" });
  await card.getByLabel("User ID").fill("anna");
  await card.getByRole("button", { name: "Connect", exact: true }).click();
  await expectText(card.getByRole("listitem"), "connected");
  await page.getByLabel("Message", { exact: true }).fill("hello");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expectText(page.getByRole("log"), "hello");

  // A link to what is shown works, also after a reload.
  await page.reload();
  await expectText(page.getByRole("log"), "hello");
  assert.equal(page.url(), `${url}/_ivschat/console/#/room/${encodeURIComponent(arn)}`);

  await page.getByRole("link", { name: "Clock" }).click();
  await page.getByRole("heading", { name: "Clock" }).waitFor();
  assert.deepEqual(elsewhere, []);
});

test("behind a path prefix, the page signs what the emulator receives", async (t) => {
  const url = process.env.SIGNED_PAGE
    ?? (await startProxy(t, (await start(t, "--auth", "signatures")).url, "/tools/ivschat"));
  const page = await newPage(t);
  watch(t, page);
  await page.goto(`${url}/`);
  await page.getByRole("button", { name: "Create a room" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("prefixed");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "prefixed" }).waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Tags").fill("a b=c"); // in the path, there is an ARN
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const { items: [room] } = await (await fetch(`${url}/_ivschat/v1/rooms`)).json();
  assert.deepEqual(room.tags, { "a b": "c" });
});

test("behind a proxy, an event reaches the page at once", async (t) => {
  const url = process.env.PAGE ?? (await startProxy(t, (await start(t)).url, "/tools/ivschat"));
  const page = await newPage(t);
  await page.goto(`${url}/_ivschat/console/`);
  const operation = await page.evaluate(() =>
    new Promise((resolve) => {
      const root = new URL("../../", document.baseURI);
      const events = new EventSource(new URL("_ivschat/v1/events", root));
      events.addEventListener("call", ({ data }) => resolve(JSON.parse(data).operation));
      // One event is much less than what a proxy keeps back.
      events.onopen = () => fetch(new URL("ListRooms", root), { method: "POST", body: "{}" });
    }),
  );
  assert.equal(operation, "ListRooms");
});
