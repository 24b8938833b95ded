// Tests that the console can be used with the keyboard, on narrow screens, and by people who see or hear it otherwise.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, newPage, open, settled, watch } from "./console.mjs";
import { startScene } from "./scene.mjs";

after(closeBrowser);

test("no panel is wider than a screen of 320 pixels", async (t) => {
  const user = "somebody-with-a-user-id-that-is-quite-long";
  const { url, routes } = await startScene(t, { user, content: "x".repeat(300) });
  const page = await newPage(t, { viewport: { width: 320, height: 640 } });
  watch(t, page);
  for (const [name, route] of Object.entries(routes)) {
    await page.goto("about:blank");
    await page.goto(`${url}/_ivschat/console/${route}`);
    await settled(page);
    const wide = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth <= clientWidth ? [] : [...document.querySelectorAll("body *")]
        .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
        .map(({ outerHTML }) => outerHTML.slice(0, 100));
    });
    assert.deepEqual(wide, [], name);
  }
});

// controls returns the controls that somebody can use, each with its text.
const controls = (page) => page.evaluate(() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  const usable = [...all].filter((element) =>
    !element.disabled && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }));
  usable.forEach((element, n) => (element.dataset.control = String(n)));
  return usable.length;
});

test("the tab key reaches every control of every panel, in order, and the focus is visible", async (t) => {
  const { url, routes } = await startScene(t);
  const page = await newPage(t, { reducedMotion: "reduce" });
  watch(t, page);
  for (const [name, route] of Object.entries(routes)) {
    await page.goto("about:blank");
    await page.goto(`${url}/_ivschat/console/${route}`);
    await settled(page);
    const count = await controls(page);
    assert.ok(count > 10, `${name} has ${count} controls`);
    const reached = [];
    const invisible = [];
    for (let presses = 0; presses < 3 * count; presses++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const { width, height } = element.getBoundingClientRect();
        return {
          control: element.dataset.control, html: element.outerHTML.slice(0, 80),
          visible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 0 && height > 0,
        };
      });
      // A control that has come since, the page itself, or the next part of a date.
      if (focused.control === undefined || focused.control === reached.at(-1)) continue;
      if (reached.includes(focused.control)) break;
      reached.push(focused.control);
      if (!focused.visible) invisible.push(focused.html);
    }
    assert.deepEqual(invisible, [], name);
    const order = reached.map(Number);
    assert.deepEqual(order, order.toSorted((a, b) => a - b), `${name}: the order`);
    // A control that has gone since, as the panel is live, cannot be reached.
    const missing = await page.evaluate((reached) => [...document.querySelectorAll("[data-control]")]
      .filter((element) => !reached.includes(element.dataset.control) && element.checkVisibility())
      .filter((element) => element.type !== "radio") // one of a group
      .map(({ outerHTML }) => outerHTML.slice(0, 80)), reached);
    assert.deepEqual(missing, [], name);
  }
});

test("the keyboard skips to the content, opens a dialog, stays in it, and leaves it with Escape", async (t) => {
  const { url } = await startScene(t);
  const page = await open(t, url);
  const edit = page.getByRole("button", { name: "Edit lobby" });
  await edit.waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter"); // Skip to the content
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  assert.equal(new URL(page.url()).hash, "");
  await edit.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Edit the room" });
  await dialog.waitFor();
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    // Chromium lets the focus go to its own window between the last control and the first.
    const where = await page.evaluate(() =>
      document.activeElement === document.body ? "window" : document.activeElement.closest("dialog") && "dialog");
    assert.ok(["dialog", "window"].includes(where), `the focus left the dialog after ${presses + 1} presses`);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement.ariaLabel === "Edit lobby");
});

test("with reduced motion, nothing moves", async (t) => {
  const { url, routes } = await startScene(t);
  for (const [reducedMotion, moves] of [["reduce", false], ["no-preference", true]]) {
    const page = await open(t, url, routes["the chat of a room"], { reducedMotion });
    await settled(page);
    const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((element) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
      return !/^(0s(, )?)+$/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
    }).length);
    assert.equal(moving > 0, moves, `${reducedMotion}: ${moving} elements move`);
  }
});

test("a live list is read aloud only if somebody wants that, and can be paused", async (t) => {
  const scene = await startScene(t);
  const page = await open(t, scene.url, scene.routes["the chat of a room"]);
  const list = page.getByRole("log");
  await list.getByText("Hello! Where are you?").waitFor();
  assert.equal(await list.getAttribute("aria-live"), "off");
  await page.getByLabel("Read aloud").check();
  await page.waitForFunction(() => document.querySelector("[role=log]").ariaLive === "polite");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForFunction(() => document.querySelector("[role=log]").ariaLive === "off");
  await scene.say(scene.people.bert, scene.message("9", "While you were away"));
  await page.getByText("1 new").waitFor();
  assert.equal(await list.getByText("While you were away").count(), 0);
  await page.getByRole("button", { name: "Follow" }).click();
  await list.getByText("While you were away").waitFor();
});
