// The front end of the tests, served from files. That of your application is built and served as before.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

// serve serves the front end at a free port. It returns its URL, and the function that ends it.
export async function serve() {
  const server = createServer(async ({ url }, response) => {
    const file = url === "/" ? "page.html" : path.join("..", url);
    const body = await readFile(path.join(here, file)).catch(() => undefined);
    const type = url === "/" ? "text/html" : "text/javascript";
    response.writeHead(body ? 200 : 404, { "Content-Type": type }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

// configure gives the front end its settings, which a build may have in it: the user, and the URL of the mock, which
// is now that of the emulator.
export async function configure(page, userId) {
  const config = { chatUrl: process.env.IVSCHAT_MESSAGING_URL, userId };
  await page.route("**/config.json", (route) => route.fulfill({ json: config }));
}
