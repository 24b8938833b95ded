// Starts Vite's development server with a configuration file, which is the argument, and prints its
// URL. The server ends with the standard input.

import path from "node:path";
import { createServer } from "vite";

const configFile = path.resolve(process.argv[2]);
const server = await createServer({
  configFile,
  root: path.dirname(configFile),
  logLevel: "error",
  server: { host: "localhost", port: 0 },
});
await server.listen();
console.log(server.resolvedUrls.local[0]);
process.stdin.resume().once("end", () => server.close());
