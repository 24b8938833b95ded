// Prints what the console copies, for the tests of it. Its input is JSON: {url, info, entries, access}, where entries
// are {entry, pair}. Its output is JSON: {firstSteps, entries}, where entries are lists of {name, text}.

import { text } from "node:stream/consumers";

const { url, info, entries, access } = JSON.parse(await text(process.stdin));
globalThis.document = { baseURI: `${url}/_ivschat/console/` };
const snippets = await import("../../../../emulator/console/static/snippets.js");
Object.assign((await import("../../../../emulator/console/static/api.js")).access, access);
const of = ({ entry, pair }) =>
  entry.kind === "call" ? snippets.callSnippets(entry) : snippets.frameSnippets(entry, pair);
console.log(JSON.stringify({ firstSteps: snippets.firstSteps(info), entries: entries.map(of) }));
