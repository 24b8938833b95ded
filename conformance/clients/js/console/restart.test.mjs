// Tests of a console that stays open while the emulator is started again.

import { after, test } from "node:test";
import { closeBrowser, open, start } from "./console.mjs";

after(closeBrowser);

// setHidden does what a browser does when the user chooses another tab, or this one again.
const setHidden = (page, hidden) => page.evaluate((hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);

for (const [panel, tab] of [["calls", "in view"], ["frames", "in view"], ["calls", "hidden"], ["frames", "hidden"]]) {
  test(`${panel} go on with the first entry after a restart, in a tab that is ${tab}`, async (t) => {
    const first = await start(t);
    const { arn } = await first.call("CreateRoom", { name: "lobby" });
    for (let i = 0; i < 20; i++) await first.call("SendEvent", { roomIdentifier: arn, eventName: "before" });
    const page = await open(t, first.url, `#/${panel}`);
    const rows = (text) => page.getByRole("log").getByRole("button").filter({ hasText: text });
    await rows("before").nth(19).waitFor();
    if (tab === "hidden") await setHidden(page, true);
    await first.stop();
    if (tab !== "hidden") await page.getByText("The emulator does not answer", { exact: true }).waitFor();
    const second = await start(t, "--listen", new URL(first.url).host);
    const { arn: other } = await second.call("CreateRoom", { name: "after" });
    await second.call("SendEvent", { roomIdentifier: other, eventName: "after" });
    if (tab === "hidden") await setHidden(page, false);
    await rows("after").first().waitFor();
  });
}
