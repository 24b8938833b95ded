import { type Emulator, start } from "ivschat-local";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await start();
});
afterAll(() => emulator.stop());
beforeEach(() => emulator.reset());

test("a session ends after an hour", async () => {
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna");

  await emulator.advance("61m");

  expect(await anna.receive()).toMatchObject({ Type: "ERROR", ErrorCode: 401 });
  await anna.closed();
});
