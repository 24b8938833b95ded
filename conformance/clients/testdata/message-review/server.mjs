import { createServer } from "node:http";
import { json } from "node:stream/consumers";

createServer(async (request, response) => {
  const { Content } = await json(request);
  response.end(JSON.stringify({ ReviewResult: "ALLOW", Content: Content.replaceAll("heck", "h***") }));
}).listen(3000, "127.0.0.1");
