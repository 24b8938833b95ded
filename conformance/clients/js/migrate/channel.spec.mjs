import { expect, test } from "@playwright/test";
import { advance, answerTokenRequests, createRoom } from "./chat.mjs";
import { configure, serve } from "./frontend.mjs";

let frontend;
test.beforeAll(async () => (frontend = await serve()));
test.afterAll(() => frontend.close());

const viewer = { capabilities: ["SEND_MESSAGE"], attributes: { displayName: "John" } };
const moderator = { capabilities: ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"] };

// join opens the chat of a room for a user, and returns the page and the function that bans the user.
async function join(context, room, userId, rights) {
  const page = await context.newPage();
  const ban = await answerTokenRequests(page, room, userId, rights);
  await configure(page, userId);
  await page.goto(frontend.url);
  await expect(page.getByPlaceholder("Say something")).toBeEnabled();
  return { page, ban };
}

// say sends a message from a page.
async function say(page, text) {
  await page.getByPlaceholder("Say something").fill(text);
  await page.getByPlaceholder("Say something").press("Enter");
}

test("a viewer sends a message, and everyone receives it", async ({ context }) => {
  const room = await createRoom();
  const [john, maria] = [
    await join(context, room, "john", viewer), await join(context, room, "maria", moderator),
  ];
  await say(john.page, "Hello world!");
  for (const { page } of [john, maria]) {
    await expect(page.getByText("John: Hello world!")).toBeVisible();
  }
});

test("a viewer cannot delete a message", async ({ context }) => {
  const room = await createRoom();
  const john = await join(context, room, "john", viewer);
  await say(john.page, "Hello world!");
  await john.page.getByRole("button", { name: "Delete" }).click();
  await expect(john.page.getByRole("alert")).toHaveText("You are not allowed to do this");
  await expect(john.page.getByText("Hello world!")).toBeVisible();
});

test("a moderator deletes a message", async ({ context }) => {
  const room = await createRoom();
  const [john, maria] = [
    await join(context, room, "john", viewer), await join(context, room, "maria", moderator),
  ];
  await say(john.page, "Hello world!");
  await maria.page.getByRole("button", { name: "Delete" }).click();
  await expect(john.page.getByRole("alert")).toHaveText("Your message was removed");
  for (const { page } of [john, maria]) {
    await expect(page.getByText("Hello world!")).toBeHidden();
  }
});

test("a moderator bans a viewer", async ({ context }) => {
  const room = await createRoom();
  const [john, maria] = [
    await join(context, room, "john", viewer), await join(context, room, "maria", moderator),
  ];
  await say(john.page, "Hello world!");
  await maria.page.getByRole("button", { name: "Ban" }).click();
  await expect(john.page.getByRole("alert")).toHaveText("You have been banned");
  await expect(john.page.getByPlaceholder("You are banned from this channel")).toBeDisabled();
  await expect(maria.page.getByText("Hello world!")).toBeHidden();
});

test("the back end bans a viewer, who cannot come back", async ({ context }) => {
  const room = await createRoom();
  const john = await join(context, room, "john", viewer);
  await john.ban("Kicked by moderator");
  await expect(john.page.getByRole("alert")).toHaveText("You have been banned");
  await john.page.reload();
  await expect(john.page.getByPlaceholder("You are banned from this channel")).toBeDisabled();
});

test("a viewer who sends too fast is told so", async ({ context }) => {
  const room = await createRoom({ maximumMessageRatePerSecond: 1 });
  const john = await join(context, room, "john", viewer);
  await john.page.evaluate(() => {
    for (let i = 0; i < 5; i++) {
      document.querySelector("#text").value = `message ${i}`;
      document.querySelector("#form").requestSubmit();
    }
  });
  await expect(john.page.getByRole("alert")).toHaveText("You are sending messages too fast");
});

test("a viewer stays in the chat when the session ends", async ({ context }) => {
  const room = await createRoom();
  const john = await join(context, room, "john", viewer);
  const again = john.page.waitForResponse("**/channel/chatToken/create");
  await advance("61m");
  await again;
  const maria = await join(context, room, "maria", moderator);
  await say(maria.page, "Are you still there?");
  await expect(john.page.getByText("Are you still there?")).toBeVisible();
});
