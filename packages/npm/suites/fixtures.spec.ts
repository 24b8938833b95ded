import { expect, test } from "ivschat-local/playwright";

test.describe.configure({ mode: "serial" }); // so that one worker runs both tests
test.use({ ivschatOptions: { randomSeed: 7 } });

let account: string | undefined;

test("a test has a room in an account of its own", async ({ ivschat, ivschatRoom }) => {
  account = ivschat.account;
  expect(ivschatRoom.arn).toContain(`:${account}:`);
  expect(ivschat.randomSeed).toBe(7);
});

test("the next test sees nothing of it", async ({ ivschat, ivschatEmulator, ivschatRoom }) => {
  expect(ivschat.account).not.toBe(account);
  const { rooms } = await ivschatEmulator.snapshot();
  expect(rooms.map(({ id }) => id)).toEqual([ivschatRoom.id]);
});
