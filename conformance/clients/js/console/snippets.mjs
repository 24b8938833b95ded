// Prints what the console copies, for the tests of it. Its input is JSON: {url, info, entries}, where entries are
// {entry, pair}. Its output is JSON: {firstSteps, entries}, where entries are lists of {name, text}.

import { text } from "node:stream/consumers";

const { url, info, entries } = JSON.parse(await text(process.stdin));
globalThis.document = { baseURI: `${url}/_ivschat/console/` };
const snippets = await import("../../../../emulator/console/static/snippets.js");
const of = ({ entry, pair }) =>
  entry.kind === "call" ? snippets.callSnippets(entry) : snippets.frameSnippets(entry, pair);
console.log(JSON.stringify({ firstSteps: snippets.firstSteps(info), entries: entries.map(of) }));
