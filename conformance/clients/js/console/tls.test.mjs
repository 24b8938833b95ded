// Tests of the console over TLS. Chromium does not check the certificate here: tests of other clients are about that.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, expectText, newPage, start, watch } from "./console.mjs";

after(closeBrowser);

// openSecure opens the console over TLS. elsewhere receives what the page loads that is not at the same address, or not
// encrypted.
async function openSecure(t, url) {
  const page = await newPage(t, { ignoreHTTPSErrors: true });
  watch(t, page);
  const elsewhere = [];
  for (const kind of ["request", "websocket"]) {
    page.on(kind, (one) => {
      if (!one.url().replace(/^wss:/, "https:").startsWith(url + "/")) elsewhere.push(one.url());
    });
  }
  await page.goto(`${url}/`);
  return { page, elsewhere };
}

for (const auth of ["off", "signatures"]) {
  test(`over TLS, everything is at the address of the page and encrypted, with --auth ${auth}`, async (t) => {
    const { url, admin } = await start(t, "--tls", "auto", "--auth", auth);
    assert.match(url, /^https:/);
    const { page, elsewhere } = await openSecure(t, url);
    assert.equal(page.url(), `${url}/_ivschat/console/`);
    await expectText(page.getByRole("region", { name: "Lines for AWS CLI" }), url);
    await page.getByRole("button", { name: "Create a room" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("lobby");
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    const card = page.getByRole("region", { name: "People in this page" });
    await card.getByLabel("User ID").fill("anna");
    const [socket] = await Promise.all([
      page.waitForEvent("websocket"),
      card.getByRole("button", { name: "Connect", exact: true }).click(),
    ]);
    assert.equal(socket.url(), url.replace("https:", "wss:") + "/");
    await expectText(card.getByRole("listitem"), "connected");
    await page.getByLabel("Message", { exact: true }).fill("hello"); // comes back through the event stream
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expectText(page.getByRole("log"), "hello");
    await page.reload();
    await expectText(page.getByRole("log"), "hello");
    assert.deepEqual(elsewhere, []);
    assert.equal((await admin("GET", "info")).tls, true);
  });
}

test("over TLS, what is copied is encrypted and says how to trust the certificate", async (t) => {
  const { url } = await start(t, "--tls", "auto");
  const { page } = await openSecure(t, url);
  for (const language of ["AWS CLI", "JavaScript", "Go", "Python", "Terminal"]) {
    await page.getByRole("button", { name: language, exact: true }).click();
    const lines = page.getByRole("region", { name: `Lines for ${language}` });
    await expectText(lines, "ivschat-local trust");
    await expectText(lines, url);
    assert.doesNotMatch(await lines.textContent(), /http:/);
  }
  await expectText(page.locator("main"), url.replace("https:", "wss:"));

  // The emulator still speaks plain HTTP, which needs no trust.
  await page.goto(`${url.replace("https:", "http:")}/_ivschat/console/`);
  const lines = page.getByRole("region", { name: "Lines for AWS CLI" });
  await expectText(lines, url.replace("https:", "http:"));
  assert.doesNotMatch(await lines.textContent(), /trust/);
});
