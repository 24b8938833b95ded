// The frames: everything that clients send and receive, as JSON, live.

import { html } from "../vendor/htm-preact.js";
import { idOf, visible } from "../format.js";
import { useRooms } from "../live.js";
import { Badge, Time, User } from "../ui.js";
import { Entries, filterField, roomText, Single, typeOf, typeText } from "./entries.js";

const kinds = ["frame", "connect", "disconnect"];

// The values of the filter by kind. The types of frames and the actions have AWS's names.
const filters = [
  ["", "Everything"], ["MESSAGE", "Messages"], ["EVENT", "Events"], ["ERROR", "Errors"],
  ["SEND_MESSAGE", "Requests: SEND_MESSAGE"], ["DELETE_MESSAGE", "Requests: DELETE_MESSAGE"],
  ["DISCONNECT_USER", "Requests: DISCONNECT_USER"], ["other", "Other requests"], ["connection", "Connections"],
];

export default function Frames({ route, scope }) {
  if (route.id) return html`<${Single} key=${route.id} id=${route.id} all="frames" scope=${scope} />`;
  return html`<${List} parameters=${route.parameters} scope=${scope} />`;
}

function List({ parameters, scope }) {
  const { room = "", kind = "", user = "", q = "", direction = "" } = parameters;
  const rooms = useRooms(scope);
  const known = (rooms.value?.items ?? []).map(({ arn, name }) => [arn, name || idOf(arn)]);
  if (room && !known.some(([arn]) => arn === room)) known.push([room, idOf(room)]);
  const text = q.toLowerCase();
  const matches = (row) => (kind === "" || row.kind === kind) && (direction === "" || row.entry.direction === direction)
    && (user === "" || row.users.some((one) => one.includes(user))) && (text === "" || row.search.includes(text));
  return html`<h1>Frames</h1>
    <div class="bar filters">
      ${filterField("room", "Room", room, { type: "select", options: [["", "All rooms"], ...known] })}
      ${filterField("kind", "Kind", kind, { type: "select", options: filters })}
      ${filterField("direction", "Direction", direction,
        { type: "select", options: [["", "Both"], ["in", "From clients"], ["out", "To clients"]] })}
      ${filterField("user", "User", user, { type: "search", placeholder: "Part of a user ID" })}
      <div class="grow">${filterField("q", "Text", q, { type: "search", placeholder: "Part of a frame" })}</div>
    </div>
    <${Entries} kinds=${kinds} scope=${scope} room=${room} rowOf=${rowOf} matches=${matches} Summary=${Summary}
      filterKey=${JSON.stringify([kind, user, q, direction])} label="Frames" empty="No frame matches." />`;
}

// rowOf returns what the filters and the list need of an entry.
function rowOf(entry) {
  const { id, frame, text, userId, reason = "" } = entry;
  const type = typeOf(entry);
  const body = entry.kind !== "frame" ? reason : text ?? ("frame" in entry ? JSON.stringify(frame) : "");
  const users = [userId, frame?.Sender?.UserId, frame?.EventName === "aws:DISCONNECT_USER" && frame.Attributes?.UserId];
  return {
    id, entry, type, body: visible(body.slice(0, 300)), search: body.toLowerCase(),
    kind: entry.kind !== "frame" ? "connection" : filters.some(([name]) => name === type) ? type : "other",
    users: users.filter((user) => typeof user === "string"),
  };
}

const badges = { ERROR: "bad", MESSAGE: "good", EVENT: "warn" };

function Summary({ row: { entry, type, body, users } }) {
  const { time, direction, recipients, room } = entry;
  const space = " "; // a template drops line breaks
  return html`<${Time} at=${time} /> <span class="mono muted">${direction ?? "–"}</span>${space}
    <${Badge} kind=${badges[type]}>${typeText(entry)}<//>${space}
    ${users.length > 0 && html`<${User} id=${visible(users[0])} />`}${space}
    ${recipients !== undefined && html`<small>to ${recipients}</small>`}${space}
    <small class="mono">${roomText(room)}</small>${space}
    <bdi class="mono line">${body}</bdi>`;
}
