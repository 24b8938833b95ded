// A chat server with Bun's built-in WebSocket server. It serves the same as chat in plain_test.go: rooms,
// without any rules. A chat token is the ID of its room. Each room is a topic, to which Bun publishes.

const rooms = new Set(["lobby"]); // the lobby is for connections with other tokens

const json = (value) => Response.json(value);

const operations = {
  CreateRoom() {
    const id = `room${String(rooms.size).padStart(8, "0")}`;
    rooms.add(id);
    return json({ arn: `arn:aws:ivschat:us-east-1:000000000000:room/${id}` });
  },
  CreateChatToken: ({ roomIdentifier }) => json({ token: roomOf(roomIdentifier) }),
  DeleteRoom: () => new Response(),
  SendEvent({ roomIdentifier, eventName, attributes }) {
    publish(roomOf(roomIdentifier), {
      Type: "EVENT", Id: "abcdefghijkl", RequestId: "", EventName: eventName,
      Attributes: attributes, SendTime: new Date(),
    });
    return json({ id: "abcdefghijkl" });
  },
};

const roomOf = (arn) => arn.slice(arn.lastIndexOf("/") + 1);

const publish = (room, frame) => server.publish(room, JSON.stringify(frame));

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request, server) {
    const token = request.headers.get("sec-websocket-protocol");
    if (token !== null) {
      const room = rooms.has(token) ? token : "lobby";
      const headers = { "Sec-WebSocket-Protocol": token };
      return server.upgrade(request, { headers, data: room }) ? undefined : new Response("", { status: 400 });
    }
    const operation = operations[new URL(request.url).pathname.slice(1)];
    return operation === undefined ? new Response("", { status: 404 }) : operation(await request.json());
  },
  websocket: {
    perMessageDeflate: false,
    open(ws) {
      ws.subscribe(ws.data);
    },
    message(ws, text) {
      const action = JSON.parse(text);
      publish(ws.data, {
        Type: "MESSAGE", Id: "abcdefghijkl", RequestId: action.RequestId ?? "",
        Attributes: action.Attributes ?? null, Content: action.Content, SendTime: new Date(),
        Sender: { UserId: "viewer", Attributes: {} },
      });
    },
  },
});

// As servePeer in peer_test.go: it prints the URL, and for each line of the input the CPU time so far.
console.log(`http://127.0.0.1:${server.port}`);
for await (const line of console) {
  if (line === "collect") {
    Bun.gc(true);
  }
  const { user, system } = process.cpuUsage();
  console.log((user + system) * 1000);
}
process.exit();
