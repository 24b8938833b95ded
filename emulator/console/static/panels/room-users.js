// The people who take part from this page. They stay connected when another panel is shown, until the page is closed.

import { useEffect, useReducer } from "../vendor/htm-preact.js";
import { aws, connect, Failure, ownerOf } from "../api.js";

const maximumPending = 100; // of a user
const page = Math.random().toString(36).slice(2, 8);
const listeners = new Set();
let requests = 0;
let ids = 0;
let timer;

// changed updates the components that show people. Changes that follow each other are one update.
export function changed() {
  timer ??= setTimeout(() => {
    timer = undefined;
    for (const listener of listeners) listener();
  }, 50);
}

// useChanges renders a component again when people have changed.
export function useChanges() {
  const [, update] = useReducer((n) => n + 1, 0);
  useEffect(() => {
    listeners.add(update);
    return () => listeners.delete(update);
  }, []);
}

// closeText says with which code a connection was closed. A browser says 1006 if there was no close frame.
const closeText = (code, reason) =>
  code === 1006 ? "dropped without a close frame (1006)" : `closed with ${code}${reason && ` ${reason}`}`;

// A User is a chat connection. settings are {userId, capabilities, attributes, sessionDurationInMinutes}.
export class User {
  state = "new"; // then connecting, connected, closed
  pending = new Map(); // requests without an answer, by RequestId

  constructor(room, settings) {
    this.id = String(++ids);
    this.room = room;
    this.settings = settings;
  }

  get userId() {
    return this.settings.userId;
  }

  // connect connects with the output of CreateChatToken, which it calls if there is none. It fails if the operation
  // or the handshake fails.
  async connect(issued) {
    this.state = "connecting";
    this.problem = this.reason = undefined;
    changed();
    try {
      const input = { roomIdentifier: this.room, ...this.settings };
      const { token, sessionExpirationTime } = issued ?? await aws("CreateChatToken", input, ownerOf(this.room));
      if (this.state === "closed") return; // meanwhile
      this.expires = sessionExpirationTime;
      await this.open(connect(token));
    } catch (error) {
      if (this.state !== "closed") this.close(error.message);
      throw error;
    }
  }

  open(socket) {
    this.socket = socket;
    return new Promise((resolve, reject) => {
      socket.onopen = () => {
        this.state = "connected";
        changed();
        resolve();
      };
      socket.onmessage = ({ data }) => this.receive(data);
      socket.onclose = ({ code, reason }) => {
        if (this.state === "connected") this.close(closeText(code, reason));
        reject(new Failure("The handshake was refused. The panel Calls shows why.", 0));
      };
    });
  }

  receive(data) {
    if (this.pending.size === 0) return; // a crowd receives much
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return; // a fault corrupted it
    }
    const waiting = this.pending.get(frame.RequestId);
    this.pending.delete(frame.RequestId);
    if (frame.Type !== "ERROR") waiting?.resolve(frame);
    else waiting?.reject(new Failure(frame.ErrorMessage, frame.ErrorCode, `ERROR ${frame.ErrorCode}`));
    if (waiting) changed();
  }

  // request sends a request and returns the frame that answers it. It fails with the ERROR. If a fault takes the
  // answers away, the oldest requests fail once there are many.
  request(Action, members) {
    if (this.state !== "connected") return Promise.reject(new Failure(`${this.userId} is not connected.`, 0));
    const RequestId = `${page}-${++requests}`;
    this.socket.send(JSON.stringify({ Action, RequestId, ...members }));
    changed();
    if (this.pending.size === maximumPending) {
      const [[oldest, { reject }]] = this.pending;
      this.pending.delete(oldest);
      reject(new Failure("There was no answer.", 0));
    }
    return new Promise((resolve, reject) => this.pending.set(RequestId, { resolve, reject }));
  }

  // say sends a message. What goes wrong is then the user's problem.
  async say(Content, Attributes) {
    try {
      this.problem = undefined;
      await this.request("SEND_MESSAGE", { Content, Attributes });
    } catch (error) {
      const said = Content.length > 100 ? Content.slice(0, 100) + "…" : Content;
      this.problem = `${error.exception ?? "Error"}: ${error.message} (${said})`;
      changed();
    }
  }

  // close ends the connection, for a reason that is shown.
  close(reason) {
    this.state = "closed";
    this.reason = reason;
    this.socket?.close();
    for (const { reject } of this.pending.values()) reject(new Failure("The connection ended before the answer.", 0));
    this.pending.clear();
    changed();
  }
}

let users = [];

// usersIn returns the people of this page in a room. Those of a crowd are not among them.
export const usersIn = (room) => users.filter((user) => user.room === room);

// connectedIn returns those of them who are connected.
export const connectedIn = (room) => usersIn(room).filter(({ state }) => state === "connected");

// addUser lets somebody take part. issued is the output of CreateChatToken, if it was called. It fails if the
// operation or the handshake fails.
export async function addUser(room, settings, issued) {
  const user = new User(room, settings);
  users.push(user);
  try {
    await user.connect(issued);
  } catch (error) {
    removeUser(user);
    throw error;
  }
}

// removeUser ends the connection of somebody, who is then not shown any more.
export function removeUser(user) {
  user.close("left");
  users = users.filter((other) => other !== user);
}
