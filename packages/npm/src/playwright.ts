import { randomInt } from "node:crypto";

import { test as base } from "@playwright/test";

import type { Emulator } from "./emulator";
import type { StartOptions } from "./options";
import { start } from "./start";
import type { Room } from "./types";

/** What a test gets. */
export interface TestFixtures {
  /**
   * The emulator of the worker, in an account of this test alone. If the test fails, its journal is attached to the
   * report.
   */
  ivschat: Emulator;
  /** A new room in the account of the test. */
  ivschatRoom: Room;
}

/** What a worker has. */
export interface WorkerFixtures {
  /** The options of start, such as `use: { ivschatOptions: { args: ["--tls", "auto"] } }` in the configuration. */
  ivschatOptions: StartOptions;
  /** The emulator of the worker, which its tests share. Use ivschat in a test. */
  ivschatEmulator: Emulator;
}

/** Playwright's test with fixtures: `test("users chat", async ({ page, ivschat, ivschatRoom }) => { … })`. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  ivschatOptions: [{}, { scope: "worker", option: true }],

  ivschatEmulator: [
    async ({ ivschatOptions }, use) => {
      const emulator = await start(ivschatOptions);
      await use(emulator);
      await emulator.stop();
    },
    { scope: "worker" },
  ],

  ivschat: async ({ ivschatEmulator }, use, testInfo) => {
    // A random account, because several workers and runs can share an emulator with the option endpoint.
    const account = String(randomInt(10 ** 12)).padStart(12, "0");
    const emulator = ivschatEmulator.forAccount(account);
    await use(emulator);
    if (testInfo.status !== testInfo.expectedStatus) {
      const body = JSON.stringify(await emulator.journal(), null, 2);
      await testInfo.attach("ivschat-local journal", { body, contentType: "application/json" });
    }
    emulator.disconnect();
    await emulator.reset();
  },

  ivschatRoom: async ({ ivschat }, use) => {
    await use(await ivschat.room());
  },
});

export { expect } from "@playwright/test";
