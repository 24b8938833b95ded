// Tests of a front end with the emulator in place of a mock. Run them with ivschat-local exec. $CHROMIUM is the
// browser, and $RESULTS the directory for what Playwright writes.

export default {
  testDir: ".",
  testMatch: "*.spec.mjs",
  reporter: "line",
  outputDir: process.env.RESULTS,
  timeout: 120_000, // on a busy machine
  expect: { timeout: 60_000 },
  use: {
    // A container does not allow Chromium's sandbox.
    launchOptions: { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] },
  },
};
