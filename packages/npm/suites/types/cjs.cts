// Is compiled, not run: what an editor knows of the package in CommonJS.
import local = require("ivschat-local");
import playwright = require("ivschat-local/playwright");

export async function client(): Promise<string> {
  const emulator: local.Emulator = await local.start();
  const room: local.Room = await emulator.room();
  playwright.test("fixtures", async ({ ivschat }) =>
    playwright.expect(ivschat.version).toBe(emulator.version),
  );
  return room.arn;
}
