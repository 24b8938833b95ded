// Tests that what people say and what they are called stays text in the console.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, newPage, settled, watch } from "./console.mjs";
import { startScene } from "./scene.mjs";

after(closeBrowser);

// payload is HTML that would set the title of the page and load an image of another host, in many ways.
const payload = (n) => [
  `<img src=x onerror="globalThis.hacked=1">`,
  `<script>globalThis.hacked=2</script>`,
  `<img src="http://evil.test/${n}.png"><link rel="stylesheet" href="http://evil.test/${n}.css">`,
  `javascript:globalThis.hacked=3`,
  `"><svg onload="globalThis.hacked=4">`,
  `</textarea></title></style><iframe srcdoc="<script>parent.hacked=5</script>">`,
  `\${globalThis.hacked=6}`,
][n % 7];

// What looks like something else: bidirectional overrides, characters without width, control characters, and a
// long text without spaces.
const confusing = [
  "\u202Eevil\u2066\u200B\u200D\uFEFF\u0000\u0007\u001B[31m\u0085\u2028",
  "🎉".repeat(500),
  "W".repeat(400),
  "constructor",
  "__proto__",
  "\u0645\u0631\u062D\u0628\u0627 <b>\u0628\u0643</b>",
];

// words are the words of a scene, of which each has one of some texts.
function words(texts) {
  const names = [
    "user", "attribute", "content", "event", "tag", "deleteReason", "kickReason", "reviewReason", "faultText",
  ];
  const cut = (text, name) => [...text].slice(0, limits[name]).join("");
  return Object.fromEntries(names.map((name, n) => [name, cut(texts[n % texts.length], name)]));
}

// How many characters are allowed.
const limits = { user: 128, attribute: 200, content: 500, event: 100, kickReason: 100, reviewReason: 200 };

// The panels that show nothing that somebody said.
const silent = ["the clock", "the state", "the charts", "the chat logs", "a refused handshake"];

// checkPanels visits every panel, waits until it shows one of the words, and checks that nothing of what is shown
// is more than text.
async function checkPanels(t, scene, words, options) {
  const { url, routes } = scene;
  const page = await newPage(t, options);
  watch(t, page);
  const elsewhere = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) elsewhere.push(request.url());
  });
  page.on("dialog", (dialog) => elsewhere.push(dialog.message()));
  for (const [name, route] of Object.entries(routes)) {
    await page.goto(`${url}/_ivschat/console/${route}`);
    await page.locator("main h1, main .error-box").first().waitFor().catch(() => assert.fail(`${name} shows nothing`));
    if (name === "a token") await page.getByRole("textbox", { name: "Chat token" }).fill(scene.token);
    if (words && !silent.includes(name)) {
      await page.waitForFunction((words) => {
        const { textContent } = document.querySelector("main");
        return words.some((word) => textContent.includes(word));
      }, words).catch(({ message }) => assert.fail(`${name} shows none of the words: ${message}`));
    }
    await settled(page);
    const found = await page.evaluate((url) => ({
      hacked: globalThis.hacked,
      elements: document.querySelectorAll("main img, main script, main iframe, main link, main svg[onload]").length,
      links: [...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href"))
        .filter((href) => !/^(#|\.\.\/v1\/)/.test(href) && !href.startsWith(`${url}/_ivschat/v1/`)),
      tooWide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      failed: document.body.innerText.includes("This panel failed"),
    }), url);
    assert.deepEqual(found, { hacked: undefined, elements: 0, links: [], tooWide: 0, failed: false }, name);
  }
  assert.deepEqual(elsewhere, []);
}

for (const [name, texts] of [
  ["HTML and scripts", Array.from({ length: 7 }, (_, n) => payload(n))],
  ["confusing characters and long words", confusing],
]) {
  for (const width of [1280, 390]) {
    test(`${name} are shown as text, ${width} pixels wide`, async (t) => {
      const chosen = words(texts);
      chosen.tag = texts.map((text) => text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "").slice(0, 256)).find(Boolean);
      chosen.kickReason = chosen.kickReason.replaceAll("\u0000", "");
      const scene = await startScene(t, chosen);
      const page = await newPage(t);
      await page.goto(`${scene.url}/_ivschat/console/${scene.routes["the chat of a room"]}`);
      // The text is there, character by character.
      const sent = page.getByRole("log").locator(".said", { hasText: chosen.content.slice(0, 20) });
      await sent.first().waitFor();
      assert.ok((await sent.allTextContents()).includes(chosen.content));
      const parts = Object.values(chosen).flatMap((word) => word.match(/[\p{L}🎉]{4,9}/gu) ?? []);
      await checkPanels(t, scene, parts, { viewport: { width, height: 800 } });
    });
  }
}

test("what is in the hash of the address is text, too", async (t) => {
  const scene = await startScene(t);
  const text = `<img src=x onerror="globalThis.hacked=1">javascript:globalThis.hacked=2`;
  const names = ["search", "room", "user", "userId", "q", "tab", "kind", "account", "region", "message", "show",
    "direction", "operation", "status", "id", "token", "__proto__", "constructor"];
  const parameters = new URLSearchParams(names.map((name) => [name, text]));
  const panels = ["rooms", "room", "frames", "calls", "clock", "faults", "token", "state", "charts"];
  const hashes = panels.flatMap((panel) => [
    `#/${panel}/${encodeURIComponent(text)}?${parameters}`,
    `#/${panel}?${parameters}`,
    `#/${panel}/%E0%A4%A?q=%E0%A4%A`,
  ]);
  const long = `#/${"x".repeat(10_000)}`;
  hashes.push("#/__proto__", "#/constructor/toString", "#//////", long, "#javascript:alert(1)", "#?#?");
  const routes = Object.fromEntries(hashes.map((hash) => [hash.slice(0, 60), hash]));
  await checkPanels(t, { ...scene, routes }, undefined);
});
