import { defineConfig } from "@playwright/test";

export default defineConfig({
  testMatch: process.env.FAILING ? "failing.spec.ts" : ["chat.spec.ts", "fixtures.spec.ts"],
  reporter: process.env.FAILING ? "json" : "line",
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 60_000 },
  use: {
    launchOptions: { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] },
  },
});
