// A proxy that removes a prefix of the path.

import { once } from "node:events";
import { createServer, request as send } from "node:http";

// startProxy starts a proxy that serves an emulator below a path, and returns the URL. seen receives the path and the
// status of each answer.
export async function startProxy(t, emulator, prefix, seen = () => {}) {
  const forward = ({ method, url, headers }, answer) => {
    if (!url.startsWith(prefix + "/")) return undefined;
    return send(new URL(url.slice(prefix.length), emulator), { method, headers }, answer);
  };
  const proxy = createServer((request, response) => {
    const forwarded = forward(request, (answer) => {
      seen(request.url, answer.statusCode);
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    if (!forwarded) return response.writeHead(404).end();
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    return request.pipe(forwarded);
  });
  proxy.on("upgrade", (request, socket) => {
    socket.on("error", () => {});
    const forwarded = forward(request, () => socket.destroy());
    if (!forwarded) return socket.destroy();
    forwarded.on("error", () => socket.destroy());
    forwarded.on("upgrade", (answer, upstream, head) => {
      const { rawHeaders } = answer;
      const lines = ["HTTP/1.1 101 Switching Protocols"];
      for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
      socket.write(lines.join("\r\n") + "\r\n\r\n");
      socket.write(head);
      upstream.on("error", () => socket.destroy());
      upstream.on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
      upstream.pipe(socket).pipe(upstream);
    });
    return forwarded.end();
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return `http://127.0.0.1:${proxy.address().port}${prefix}`;
}
