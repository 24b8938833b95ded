module.exports = { testEnvironment: "node", testMatch: ["**/*.jest.cjs"], testTimeout: 60_000 };
