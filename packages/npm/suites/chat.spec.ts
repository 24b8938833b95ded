import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Browser, Page } from "@playwright/test";
import type { Capability, Emulator, Room } from "ivschat-local";
import { expect, test } from "ivschat-local/playwright";

// In your project, this is your development server.
const server = createServer((_, response) => {
  response.setHeader("Content-Type", "text/html").end(readFileSync("chat.html"));
});
test.beforeAll(() => new Promise<void>((resolve) => server.listen(0, "localhost", resolve)));
test.afterAll(() => server.close());

test("two users chat, and one deletes a message", async ({ browser, ivschat, ivschatRoom }) => {
  const anna = await open(browser, ivschat, ivschatRoom, "anna", ["SEND_MESSAGE"]);
  const ben = await open(browser, ivschat, ivschatRoom, "ben", ["DELETE_MESSAGE"]);

  await anna.getByRole("textbox").fill("hello");
  await anna.keyboard.press("Enter");
  await expect(ben.getByText("anna: hello")).toBeVisible();

  await ben.getByText("anna: hello").click(); // deletes it
  await expect(anna.getByText("anna: hello")).toBeHidden();
});

test("a page says that its session has ended", async ({ browser, ivschat, ivschatRoom }) => {
  const anna = await open(browser, ivschat, ivschatRoom, "anna", []);

  await ivschat.advance("61m");

  await expect(anna.getByText("The session has ended")).toBeVisible();
});

/** Opens a page of its own for a user, and waits until it has connected. */
async function open(
  browser: Browser,
  emulator: Emulator,
  room: Room,
  user: string,
  capabilities: Capability[],
): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  const token = await emulator.token(room, user, { capabilities });
  const chat = encodeURIComponent(JSON.stringify([emulator.messagingUrl, token]));
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/#${chat}`);
  await expect(page.getByText("Connected")).toBeVisible();
  return page;
}
