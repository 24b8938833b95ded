// A small chat that gives every panel of the console something to show.

import { once } from "node:events";
import WebSocket from "ws";
import { start } from "./console.mjs";

// The words of an ordinary chat. Tests replace some of them.
const ordinary = {
  user: "anna",
  attribute: "Anna Berg",
  content: "Good evening from Lisbon!",
  event: "poll-started",
  tag: "stage",
  deleteReason: "Off topic",
  kickReason: "Please come back tomorrow",
  reviewReason: "No links, please",
  faultText: "The lobby is full",
};

// startScene starts an emulator in which a chat has taken place. The words say what was said by whom, see ordinary.
// It returns the emulator, the ARN of the room, and routes, the route of every view by a name.
export async function startScene(t, words = {}) {
  const { user, attribute, content, event, tag, deleteReason, kickReason, reviewReason, faultText } = {
    ...ordinary, ...words,
  };
  const emulator = await start(t);
  const { call, admin } = emulator;
  const logging = await call("CreateLoggingConfiguration", {
    name: "logs", destinationConfiguration: { s3: { bucketName: "chat-logs" } }, tags: { about: tag },
  });
  const { arn } = await call("CreateRoom", {
    name: "lobby",
    tags: { about: tag },
    loggingConfigurationIdentifiers: [logging.arn],
    messageReviewHandler: { uri: "arn:aws:lambda:us-east-1:000000000000:function:review", fallbackResult: "ALLOW" },
  });
  await call("CreateRoom", { name: "stage", maximumMessageRatePerSecond: 100 });
  await admin("PUT", "reviews", [
    { content: "link", times: 1, deny: { reason: reviewReason } },
    { content: "change", times: 1, allow: { content, attributes: { mood: attribute } } },
    { content: "later", userId: user, times: 5, error: faultText },
    { allow: {} },
  ]);
  const people = {};
  for (const userId of [user, "bert", "chloe"]) {
    const { token } = await call("CreateChatToken", {
      roomIdentifier: arn, userId, attributes: { displayName: attribute },
      capabilities: ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"],
    });
    people[userId] = new WebSocket(emulator.url.replace("http", "ws"), token);
    people[userId].on("error", () => {}); // the emulator stops before the client
    await once(people[userId], "open");
  }
  t.after(() => Object.values(people).forEach((socket) => socket.terminate()));
  // say sends a frame and returns what comes back for it.
  const say = async (socket, frame) => {
    const answers = [];
    const receive = (data) => answers.push(JSON.parse(data));
    socket.on("message", receive);
    socket.send(JSON.stringify(frame));
    while (!answers.some((answer) => answer.RequestId === frame.RequestId)) await once(socket, "message");
    socket.off("message", receive);
    return answers.find((answer) => answer.RequestId === frame.RequestId);
  };
  const Attributes = { mood: attribute };
  const message = (RequestId, Content) => ({ Action: "SEND_MESSAGE", RequestId, Content, Attributes });
  const first = await say(people[user], message("1", content));
  await say(people.bert, message("2", "Hello! Where are you?"));
  await say(people.bert, message("3", "Have a look at this link"));
  await say(people.bert, message("4", "change this"));
  const fault = (rule) => admin("POST", "faults", rule);
  await fault({ operation: "SEND_MESSAGE", userId: "bert", times: 1, error: 500, message: faultText });
  await say(people.bert, message("5", "Anybody here?"));
  await fault({ operation: "CreateChatToken", every: 3, exception: "PendingVerification", message: faultText });
  await fault({ operation: "MESSAGE", userId: user, every: 50, frame: "drop" });
  await call("SendEvent", { roomIdentifier: arn, eventName: event, attributes: { question: content } });
  const deletion = { Action: "DELETE_MESSAGE", RequestId: "6", Id: first.Id, Reason: deleteReason };
  await say(people.bert, deletion);
  const gone = once(people.chloe, "close");
  await call("DisconnectUser", { roomIdentifier: arn, userId: "chloe", reason: kickReason });
  await gone;
  new WebSocket(emulator.url.replace("http", "ws"), "not-a-token").on("error", () => {});
  let refused = { items: [] };
  while (refused.items.length === 0) refused = await admin("GET", "handshakes");
  const { token } = await call("CreateChatToken", {
    roomIdentifier: arn, userId: user, attributes: { displayName: attribute }, capabilities: ["SEND_MESSAGE"],
  });
  const { items } = await admin("GET", "journal");
  const idOf = (kind) => items.findLast((entry) => entry.kind === kind).id;
  const room = encodeURIComponent(arn);
  const routes = {
    "the rooms": "#/rooms",
    "the chat of a room": `#/room/${room}`,
    "the people in a room": `#/room/${room}?tab=people`,
    "the frames": "#/frames",
    "a frame": `#/frames/${idOf("frame")}`,
    "the calls": "#/calls",
    "a call": `#/calls/${idOf("call")}`,
    "a refused handshake": `#/calls/${idOf("handshake")}`,
    "the clock": "#/clock",
    "the faults": "#/faults",
    "a token": "#/token",
    "the state": "#/state",
    "the reviews": "#/state?tab=reviews",
    "the chat logs": "#/state?tab=logs",
    "the charts": "#/charts",
  };
  return { ...emulator, arn, token, routes, people, say, message };
}
