// The calls of the control plane with their answers, and the handshakes that were refused, live.

import { html } from "../vendor/htm-preact.js";
import { nameOfPrincipal, nanoseconds, visible } from "../format.js";
import { Badge, Time } from "../ui.js";
import { Entries, filterField, Single, typeOf } from "./entries.js";

const kinds = ["call", "handshake"];

const operations = [
  "CreateChatToken", "CreateLoggingConfiguration", "CreateRoom", "DeleteLoggingConfiguration", "DeleteMessage",
  "DeleteRoom", "DisconnectUser", "GetLoggingConfiguration", "GetRoom", "ListLoggingConfigurations", "ListRooms",
  "ListTagsForResource", "SendEvent", "TagResource", "UntagResource", "UpdateLoggingConfiguration", "UpdateRoom",
];

const options = [["", "Everything"], ["handshake", "Refused handshakes"], ...operations.map((name) => [name, name]),
  ["unknown", "Unknown operations"]];

const statuses = [["", "All"], ["2", "Success"], ["4", "4xx"], ["5", "5xx"]];

export default function Calls({ route, scope }) {
  if (route.id) return html`<${Single} key=${route.id} id=${route.id} all="calls" scope=${scope} />`;
  return html`<${List} parameters=${route.parameters} scope=${scope} />`;
}

function List({ parameters, scope }) {
  const { room = "", operation = "", status = "", q = "" } = parameters;
  const text = q.toLowerCase();
  // A call names a room by its ARN, also in its answer.
  const matches = (row) => (operation === "" || row.type === operation) && String(row.entry.status).startsWith(status)
    && (text === "" || row.search.includes(text)) && (room === "" || row.search.includes(room.toLowerCase()));
  const shown = statuses.some(([value]) => value === status) ? statuses : [...statuses, [status, status]];
  return html`<h1>Calls</h1>
    <div class="bar filters">
      ${filterField("operation", "Operation", operation, { type: "select", options })}
      ${filterField("status", "Status", status, { type: "select", options: shown })}
      ${filterField("room", "Room", room, { type: "search", placeholder: "ARN of a room" })}
      <div class="grow">${filterField("q", "Text", q,
        { type: "search", placeholder: "Part of a request, an answer, a request ID or a reason" })}</div>
    </div>
    ${scope.account && html`<p class="muted">A refused handshake whose chat token is not valid belongs to no account.
      It is shown for all accounts.</p>`}
    <${Entries} kinds=${kinds} scope=${scope} rowOf=${rowOf} matches=${matches} Summary=${Summary}
      filterKey=${JSON.stringify([room, operation, status, q])} label="Calls" empty="No call matches." />`;
}

// rowOf returns what the filters and the list need of an entry.
function rowOf(entry) {
  const { id, request, response, exception = "", reason = "", requestId = "", room = "", userId = "", caller } = entry;
  const sent = request === undefined ? "" : JSON.stringify(request);
  const message = exception && typeof response?.message === "string" ? response.message : sent;
  const body = entry.kind === "handshake" ? reason : message;
  const search = [reason, sent, JSON.stringify(response), exception, requestId, room, userId, caller?.principalArn]
    .join(" ").toLowerCase();
  return { id, entry, type: typeOf(entry), body: visible(body.slice(0, 300)), search };
}

function Summary({ row: { entry, type, body } }) {
  const { time, status, account, region, exception, durationNanoseconds, caller } = entry;
  const space = " "; // a template drops line breaks
  return html`<${Time} at=${time} /> <${Badge} kind=${status < 400 ? "good" : "bad"}>${status}<//>${space}
    <strong>${type === "handshake" ? "Handshake refused" : type}</strong>${space}
    ${exception && html`<span class="bad">${exception}</span>`}${space}
    ${durationNanoseconds !== undefined && html`<small>${nanoseconds(durationNanoseconds)}</small>`}${space}
    ${account && html`<small class="mono">${account} · ${region}</small>`}${space}
    ${caller && html`<small class="mono">${nameOfPrincipal(caller)}</small>`}${space}
    <bdi class="mono line">${body}</bdi>`;
}
