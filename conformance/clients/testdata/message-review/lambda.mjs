import { createInterface } from "node:readline";
import { handler } from "./handler.js"; // your Lambda function

console.log = console.info = console.error; // standard output is for answers only
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await handler(JSON.parse(line))) + "\n");
}
