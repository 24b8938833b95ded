// Tests of the accessibility of the console with axe-core.

import assert from "node:assert/strict";
import axe from "axe-core";
import { after, test } from "node:test";
import { closeBrowser, newPage, settled, start, watch } from "./console.mjs";
import { startScene } from "./scene.mjs";

after(closeBrowser);

// violations returns what axe-core finds in a page, in one line for each rule.
async function violations(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ""}`).join("\n    ")}`);
}

for (const width of [1280, 390]) {
  test(`axe-core finds nothing, ${width} pixels wide, in light and dark`, async (t) => {
    const { url, routes, token } = await startScene(t);
    // The source of axe-core would violate the policy of the page.
    const page = await newPage(t, { bypassCSP: true, viewport: { width, height: 800 }, reducedMotion: "reduce" });
    watch(t, page);
    const found = [];
    for (const [name, route] of Object.entries(routes)) {
      await page.goto("about:blank");
      await page.goto(`${url}/_ivschat/console/${route}`);
      await settled(page);
      if (name === "a token") {
        await page.getByRole("textbox", { name: "Chat token" }).fill(token);
        await page.getByText("It can open one connection.").waitFor();
      }
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        for (const violation of await violations(page)) found.push(`${name}, ${colorScheme}: ${violation}`);
      }
    }
    assert.deepEqual(found, [], found.join("\n"));
  });
}

test("axe-core finds nothing in a dialog, in an error of a form, and in an empty emulator", async (t) => {
  const { url } = await start(t);
  const page = await newPage(t, { bypassCSP: true, reducedMotion: "reduce" });
  watch(t, page);
  await page.goto(`${url}/_ivschat/console/`);
  await page.getByRole("heading", { name: "This emulator has no rooms yet" }).waitFor();
  const found = await violations(page);
  await page.getByRole("button", { name: "Create a room" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("not a name");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.getByRole("alert").waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page)));
  }
  assert.deepEqual(found, [], found.join("\n"));
});

test("axe-core finds nothing in the choice of a caller, and in a call with a decision", async (t) => {
  const { url } = await start(t, "--auth", "iam");
  const page = await newPage(t, { bypassCSP: true, reducedMotion: "reduce" });
  watch(t, page);
  await page.goto(`${url}/_ivschat/console/`);
  await page.getByRole("button", { name: "Create a room" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByRole("link", { name: "Calls", exact: true }).first().click();
  await page.getByRole("log").getByRole("button").click();
  await page.getByText("allowed", { exact: true }).waitFor();
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page)));
  }
  assert.deepEqual(found, [], found.join("\n"));
});
