// Tests of the console of an emulator that verifies signatures.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

// writeCredentials writes a credentials file with anna, who may do everything, ben, who may only read and cannot
// delete, and carl of another account with a temporary key. It returns the path.
async function writeCredentials(t) {
  const dir = await mkdtemp(join(tmpdir(), "console-"));
  t.after(() => rm(dir, { recursive: true }));
  const path = join(dir, "credentials.yaml");
  await writeFile(path, `
- accessKeyId: AKIAANNA000000000001
  secretAccessKey: secret-of-anna
  principalArn: arn:aws:iam::111122223333:user/anna
  account: "111122223333"
  policies: [IVSFullAccess]
- accessKeyId: AKIABEN0000000000002
  secretAccessKey: secret-of-ben
  principalArn: arn:aws:iam::111122223333:user/ben
  account: "111122223333"
  policies:
    - IVSReadOnlyAccess
    - Statement:
        Sid: NeverDelete
        Effect: Deny
        Action: ivschat:Delete*
        Resource: "*"
- accessKeyId: ASIACARL000000000003
  secretAccessKey: secret-of-carl
  sessionToken: token-of-carl
  principalArn: arn:aws:sts::444455556666:assumed-role/ops/carl
  account: "444455556666"
  expiration: "2099-01-01T00:00:00Z"
  policies: [IVSFullAccess]
`);
  return path;
}

test("in a small window, a dialog scrolls to the reason of a refusal", async (t) => {
  const { url } = await start(t, "--auth", "iam", "--credentials", await writeCredentials(t));
  const page = await open(t, url);
  await page.setViewportSize({ width: 390, height: 600 });
  await page.getByLabel("As", { exact: true }).selectOption({ label: "user/ben · AKIABEN0000000000002" });
  await page.getByRole("button", { name: "Create a room" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  const refusal = page.getByRole("dialog").getByRole("alert");
  await refusal.waitFor();
  await page.waitForFunction((box) => box.getBoundingClientRect().bottom <= innerHeight, await refusal.elementHandle());
});

test("the user chooses the caller, who must have the permissions", async (t) => {
  const { url, admin } = await start(t, "--auth", "iam", "--credentials", await writeCredentials(t));
  const page = await open(t, url);
  const create = async (name) => {
    await page.getByRole("button", { name: "Create a room" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill(name);
    assert.equal(await page.getByRole("dialog").getByLabel("Account").count(), 0);
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  };
  const calls = async () => (await admin("GET", "calls")).items.map(({ status, operation, account, caller }) =>
    `${status} ${operation} ${account} ${caller.accessKeyId}`);

  // As nobody in particular, it is the first caller, here of all.
  await create("lobby");
  await page.getByRole("heading", { name: "lobby" }).waitFor();
  assert.deepEqual(await calls(), ["200 CreateRoom 111122223333 AKIAANNA000000000001"]);

  await page.getByRole("link", { name: "Rooms", exact: true }).click();
  await page.getByLabel("As", { exact: true }).selectOption("user/ben · AKIABEN0000000000002");
  assert.match(page.url(), /[?&]as=AKIABEN0000000000002/);
  assert.equal(await page.getByLabel("Account").inputValue(), "111122223333");
  await page.reload();
  await create("stage");
  const refusal = page.getByRole("dialog").getByRole("alert");
  await expectText(refusal, "AccessDeniedException: User: arn:aws:iam::111122223333:user/ben is not authorized to "
    + "perform: ivschat:CreateRoom");

  // The call has the decision, and the link keeps the caller.
  await refusal.getByRole("link", { name: "Show the call" }).click();
  const row = page.getByRole("log").getByRole("button");
  await expectText(row, /403 CreateRoom AccessDeniedException .* user\/ben/);
  assert.equal(await row.count(), 1);
  await row.click();
  await expectText(page.locator(".detail"), "implicitDeny ivschat:CreateRoom on "
    + "arn:aws:ivschat:us-east-1:111122223333:room/* because no statement allows it");
  assert.equal(await page.getByLabel("As", { exact: true }).inputValue(), "AKIABEN0000000000002");

  // A statement that denies decides, and it is named.
  await page.getByRole("link", { name: "Rooms", exact: true }).click();
  await page.getByRole("button", { name: "Delete lobby" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Show the call" }).click();
  await row.click();
  await expectText(page.locator(".detail"), /Caller\s*arn:aws:iam::111122223333:user\/ben AKIABEN0000000000002/);
  await expectText(page.locator(".detail"), /explicitDeny ivschat:DeleteRoom .* by statement 1 \(NeverDelete\) of the/);

  // A caller of another account, with a session token.
  await page.getByLabel("As", { exact: true }).selectOption("ASIACARL000000000003");
  await page.getByRole("link", { name: "Rooms", exact: true }).click();
  assert.equal(await page.getByLabel("Account").inputValue(), "444455556666");
  await page.getByRole("link", { name: "lobby" }).waitFor({ state: "detached" });
  await create("elsewhere");
  await page.getByRole("heading", { name: "elsewhere" }).waitFor();
  assert.equal((await calls()).at(-1), "200 CreateRoom 444455556666 ASIACARL000000000003");

  // With another account, it is the first caller of this account.
  await page.getByLabel("Account").selectOption("111122223333");
  assert.doesNotMatch(page.url(), /as=/);
  await page.getByRole("link", { name: "Rooms", exact: true }).click();
  await create("again");
  await page.getByRole("heading", { name: "again" }).waitFor();
  assert.equal((await calls()).at(-1), "200 CreateRoom 111122223333 AKIAANNA000000000001");
});

test("what is copied takes its credentials from the environment, and no page has a secret", async (t) => {
  const { url, admin } = await start(t, "--auth", "iam", "--credentials", await writeCredentials(t));
  const page = await open(t, url, "#/rooms?as=AKIABEN0000000000002", { permissions: ["clipboard-read", "clipboard-write"] });
  const received = [];
  page.on("response", (response) => {
    const streamed = response.headers()["content-type"]?.startsWith("text/event-stream");
    if (!streamed) received.push(response.text().catch(() => ""));
  });
  for (const language of ["AWS CLI", "JavaScript", "Go", "Python", "Terminal"]) {
    await page.getByRole("button", { name: language, exact: true }).click();
    const lines = page.getByRole("region", { name: `Lines for ${language}` });
    await expectText(lines, "Set AWS_ACCESS_KEY_ID to AKIABEN0000000000002");
    assert.doesNotMatch(await lines.textContent(), /AWS_ACCESS_KEY_ID=|local"|"111122223333"/);
  }
  await page.getByRole("button", { name: "Create a room" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Show the call" }).click();
  await page.getByRole("log").getByRole("button").click();
  await page.locator(".detail").getByRole("button", { name: "curl" }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), new RegExp(
    "^# Set AWS_ACCESS_KEY_ID to AKIABEN0000000000002, .*\n"
    + "curl -X POST --aws-sigv4 aws:amz:us-east-1:ivschat --user \"\\$AWS_ACCESS_KEY_ID:\\$AWS_SECRET_ACCESS_KEY\" ",
  ));
  const { items } = await admin("GET", "callers");
  const texts = [JSON.stringify(items), await page.content(), ...(await Promise.all(received))];
  assert.ok(texts.length > 5);
  for (const text of texts) assert.doesNotMatch(text, /secret-of-|token-of-/);
});
