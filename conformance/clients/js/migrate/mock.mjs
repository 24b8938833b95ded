// A mock as many projects have one. It sends everyone what it gets, and gives the token as the user ID.

import { once } from "node:events";
import { WebSocketServer } from "ws";

export async function startMock() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) =>
    socket.on("message", (text) => {
      const { Action, Content, Id, UserId, Reason, RequestId } = JSON.parse(text);
      const common = { Id: crypto.randomUUID(), RequestId, SendTime: new Date().toISOString() };
      const frame = {
        SEND_MESSAGE: { Type: "MESSAGE", Content, Sender: { UserId: socket.protocol } },
        DELETE_MESSAGE: { Type: "EVENT", EventName: "aws:DELETE_MESSAGE", Attributes: { MessageID: Id, Reason } },
        DISCONNECT_USER: { Type: "EVENT", EventName: "aws:DISCONNECT_USER", Attributes: { UserId, Reason } },
      }[Action];
      for (const client of server.clients) client.send(JSON.stringify({ ...common, ...frame }));
    }),
  );
  await once(server, "listening");
  return { url: `ws://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
