// Tests of the console of a cluster, which is opened at its balancer ($URL). $NODES are the URLs of its two nodes. A
// request to $KILL kills the first one.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { call } from "../client.mjs";
import { closeBrowser, open } from "./console.mjs";

after(closeBrowser);

const { URL: balancer, NODES, KILL } = process.env;
const nodes = NODES.split(",");

const row = (page, text) => page.getByRole("log").getByRole("button").filter({ hasText: text });

test("the console of a cluster shows all nodes, and goes on at another one when its node is gone", async (t) => {
  const page = await open(t, balancer, "#/calls");
  await page.locator("[data-nodes]").filter({ hasText: /^node-[12] · 2 nodes$/ }).waitFor();
  await call(nodes[0], "CreateRoom", { name: "at-the-first" });
  await call(nodes[1], "CreateRoom", { name: "at-the-second" });
  await row(page, "at-the-second").waitFor(); // an entry that is opened pauses the list
  for (const [name, node] of [["at-the-first", "node-1"], ["at-the-second", "node-2"]]) {
    await row(page, name).click();
    const detail = page.locator(".entry").filter({ hasText: name }).locator(".detail dl");
    await detail.getByText(node, { exact: true }).waitFor();
    await row(page, name).click();
  }
  await page.getByRole("button", { name: "Follow" }).click();
  const names = (word) => Array.from({ length: 10 }, (_, i) => `${word}-${i}`);
  for (const name of names("before")) await call(nodes[0], "CreateRoom", { name });
  // A node that is killed takes along what it has not told the others yet.
  const filter = new URLSearchParams({ after: 0, count: 1, with: JSON.stringify({ name: "before-9" }) });
  assert.equal((await (await fetch(`${nodes[1]}/_ivschat/v1/calls?${filter}`)).json()).items.length, 1);
  const killed = fetch(KILL, { method: "POST" });
  for (const name of names("during")) await call(nodes[1], "CreateRoom", { name });
  await killed;
  for (const name of names("after")) await call(nodes[1], "CreateRoom", { name });
  for (const name of [...names("before"), ...names("during"), ...names("after")]) {
    await row(page, `"${name}"`).first().waitFor({ timeout: 60_000 });
    assert.equal(await row(page, `"${name}"`).count(), 1, `${name} is shown once`);
  }
});
