import { test as base } from "@playwright/test";

import type { Emulator } from "./emulator";
import type { StartOptions } from "./options";
import { start } from "./start";
import type { Room } from "./types";

/** What a test gets. */
export interface TestFixtures {
  /**
   * A client of the worker's emulator that works in an account of this test alone. When the test has failed, its
   * journal is attached to the report.
   */
  emulator: Emulator;
  /** A new room in the account of the test. */
  room: Room;
}

/** What a worker has. */
export interface WorkerFixtures {
  /** Options of start for the emulator of each worker: `use: { emulatorOptions: { args: [...] } }` in the configuration. */
  emulatorOptions: StartOptions;
  /** The emulator of the worker, which its tests share. */
  workerEmulator: Emulator;
}

let accounts = 0;

/** The test of Playwright with fixtures: `test("…", async ({ page, emulator, room }) => { … })`. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  emulatorOptions: [{}, { scope: "worker", option: true }],

  workerEmulator: [
    async ({ emulatorOptions }, use) => {
      const emulator = await start(emulatorOptions);
      await use(emulator);
      await emulator.stop();
    },
    { scope: "worker" },
  ],

  emulator: async ({ workerEmulator }, use, testInfo) => {
    // The index of the worker is in the account, too, because workers can share an emulator with the option endpoint.
    const account = `${10_000 + testInfo.workerIndex}`.slice(-5) + `${10_000_000 + ++accounts}`.slice(-7);
    const emulator = workerEmulator.forAccount(account);
    await use(emulator);
    if (testInfo.status !== testInfo.expectedStatus) {
      const body = JSON.stringify(await emulator.journal(), null, 2);
      await testInfo.attach("ivschat-local journal", { body, contentType: "application/json" });
    }
    await emulator.reset();
    emulator.disconnect();
  },

  room: async ({ emulator }, use) => {
    await use(await emulator.room());
  },
});

export { expect } from "@playwright/test";
