import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import type { ReviewHandler } from "./options";
import type { ReviewEvent } from "./types";

/** A server for a function that reviews messages. */
export interface Handler {
  /** Its URL. */
  target: string;
  close: () => void;
}

/** Starts a server that answers reviews with the function. It does not keep this process alive. */
export async function serveReviews(review: ReviewHandler): Promise<Handler> {
  const server = createServer(async (request, response) => {
    try {
      const event = JSON.parse(await textOf(request)) as ReviewEvent;
      const answer = JSON.stringify(await review(event));
      response.end(answer);
    } catch (error) {
      // The emulator logs the body of a failure.
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  server.on("connection", (socket) => socket.unref());
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { target: `http://127.0.0.1:${port}`, close };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString();
}
