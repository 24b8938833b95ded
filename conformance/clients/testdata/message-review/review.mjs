import { createInterface } from "node:readline";

function review({ Content, Attributes, Sender }) {
  if (Content.includes("darn")) return { ReviewResult: "DENY", Attributes: { Reason: "Please do not swear." } };
  return { ReviewResult: "ALLOW", Content: Content.replaceAll("heck", "h***") };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(review(JSON.parse(line))));
}
