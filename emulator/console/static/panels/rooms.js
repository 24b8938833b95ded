// The rooms: a live list, and dialogs that create, change and delete rooms.

import { html, useState } from "../vendor/htm-preact.js";
import { admin, aws, ownerOf, setTags } from "../api.js";
import { attributes, attributeText, count, idOf, number } from "../format.js";
import { usePoll } from "../live.js";
import { go, href, setParameters } from "../route.js";
import { Badge, Button, Confirm, Dialog, ErrorBox, Field, Form, Pairs, Table, useForm } from "../ui.js";
import { FirstSteps } from "./first.js";

const maximumRooms = 200;

export default function Rooms({ route, scope, info }) {
  const { search = "" } = route.parameters;
  const [dialog, open] = useState();
  const { account, region } = scope;
  const key = JSON.stringify([account, region, search]);
  const [previous] = useState({});
  const rooms = usePoll(key, async () => {
    const answer = await admin("GET", "rooms", { account, region, search, count: maximumRooms, sessions: 0 });
    return withRates(answer, previous);
  }, 1000);
  const { items = [], total = 0 } = rooms.value ?? {};
  const close = () => {
    open(undefined);
    rooms.reload();
  };
  return html`
    <h1>Rooms</h1>
    <div class="bar">
      <div class="grow"><${Field} label="Search" type="search" value=${search} placeholder="Name, ARN or tag"
        onChange=${(value) => setParameters({ search: value })} /></div>
      <${Button} kind="primary" onClick=${() => open({ create: true })}>Create a room<//>
    </div>
    <${ErrorBox} error=${rooms.error} />
    ${rooms.value && items.length === 0 && (search || (account && !scope.as) || region
      ? html`<p class="muted">No room matches. <a href=${href("rooms")}>Show all rooms</a></p>`
      : html`<${FirstSteps} info=${info} />`)}
    ${items.length > 0 && html`<${List} rooms=${items} scope=${scope} open=${open} />
      <p class="muted">${count(total, "room")}${
        total > items.length && `, ${total - items.length} not shown: search for them`}</p>`}
    ${dialog?.create && html`<${RoomDialog} scope=${scope} info=${info} onClose=${close} />`}
    ${dialog?.edit && html`<${RoomDialog} room=${dialog.edit} scope=${scope} info=${info} onClose=${close} />`}
    ${dialog?.remove && html`<${DeleteDialog} room=${dialog.remove} onClose=${close} />`}`;
}

// withRates adds to each room how many messages per second it has had since the answer before.
function withRates(answer, previous) {
  const now = performance.now();
  const seconds = (now - previous.time) / 1000;
  const messages = new Map(answer.items.map(({ arn, messages }) => [arn, messages]));
  const items = answer.items.map((room) => {
    const before = previous.messages?.get(room.arn);
    return { ...room, rate: before === undefined ? 0 : Math.max(0, room.messages - before) / seconds };
  });
  Object.assign(previous, { time: now, messages });
  return { ...answer, items };
}

// nameOf returns how people call a room.
const nameOf = ({ name, arn }) => name || idOf(arn);

// Review shows what the message review handler of a room is.
const Review = ({ handler }) => (handler
  ? html`<span title=${handler.uri}>${handler.uri ? "Lambda" : "fallback"} ${handler.fallbackResult}</span>` : "–");

function List({ rooms, scope, open }) {
  const row = (room) => html`<tr key=${room.arn}>
    <td><a href=${href("room", room.arn, scope)}><bdi>${nameOf(room)}</bdi></a>
      ${room.deleted && html` <${Badge} kind="bad">deleted<//>`}
      <br /><small class="mono">${room.account} · ${room.region} · ${room.id}</small></td>
    <td class="right">${number(room.sessionCount)}</td>
    <td class="right">${number(room.rate)} / s</td>
    <td class="right">${number(room.messages)}</td>
    <td><${Review} handler=${room.messageReviewHandler} /></td>
    <td>${room.loggingConfigurationIdentifiers.length || "–"}</td>
    <td><${Pairs} of=${room.tags} /></td>
    <td>${!room.deleted && html`<div class="actions">
      <${Button} kind="small" onClick=${() => open({ edit: room })} aria-label=${`Edit ${nameOf(room)}`}>Edit<//>
      <${Button} kind="small danger" onClick=${() => open({ remove: room })}
        aria-label=${`Delete ${nameOf(room)}`}>Delete<//>
    </div>`}</td>
  </tr>`;
  return html`<${Table} label="Rooms" rows=${rooms.map(row)}
    columns=${["Room", ">Members", ">Messages", ">In all", "Review", "Logging", "Tags", ""]} />`;
}

// RoomDialog creates a room, or changes one.
export function RoomDialog({ room, scope, info, onClose }) {
  const [form, , field] = useForm({
    account: scope.account || info.account,
    region: scope.region || info.region,
    name: room?.name ?? "",
    maximumMessageLength: String(room?.maximumMessageLength ?? 500),
    maximumMessageRatePerSecond: String(room?.maximumMessageRatePerSecond ?? 10),
    uri: room?.messageReviewHandler?.uri ?? "",
    fallbackResult: room?.messageReviewHandler?.fallbackResult ?? "ALLOW",
    logging: (room?.loggingConfigurationIdentifiers ?? []).join("\n"),
    tags: attributeText(room?.tags),
  });
  const submit = async () => {
    const owner = room ? ownerOf(room.arn) : { account: form.account, region: form.region };
    const tags = attributes(form.tags);
    const handler = form.uri || room?.messageReviewHandler
      ? { messageReviewHandler: { uri: form.uri.trim(), fallbackResult: form.fallbackResult } } : {};
    const input = {
      name: form.name,
      maximumMessageLength: Number(form.maximumMessageLength),
      maximumMessageRatePerSecond: Number(form.maximumMessageRatePerSecond),
      loggingConfigurationIdentifiers: form.logging.split(/\s+/).filter(Boolean),
      ...handler,
    };
    if (room) {
      await aws("UpdateRoom", { identifier: room.arn, ...input }, owner);
      await setTags(room.arn, room.tags, tags, owner);
      onClose();
    } else {
      const created = await aws("CreateRoom", { ...input, tags }, owner);
      onClose();
      go("room", created.arn, scope);
    }
  };
  return html`<${Dialog} title=${room ? "Edit the room" : "Create a room"} onClose=${onClose}>
    <${Form} onSubmit=${submit}>
      ${field("name", "Name", { autofocus: true, hint: "Letters, digits, - and _, at most 128" })}
      <div class="fields">
        ${!room && !info.callers && field("account", "Account", { hint: "12 digits" })}
        ${!room && field("region", "Region")}
        ${field("maximumMessageLength", "Maximum message length", { type: "number", hint: "1 to 500 characters" })}
        ${field("maximumMessageRatePerSecond", "Maximum message rate", { type: "number", hint: "1 to 100 per second" })}
        ${field("uri", "Message review handler", { hint: "ARN of a Lambda function, or nothing" })}
        ${field("fallbackResult", "Fallback result", { type: "select", options: ["ALLOW", "DENY"] })}
      </div>
      ${field("logging", "Logging configurations",
        { type: "textarea", hint: "ARNs or IDs, one in each line, at most 3" })}
      ${field("tags", "Tags", { type: "textarea", hint: "KEY=VALUE, one in each line" })}
      <div class="actions"><button class="primary" type="submit">${room ? "Save" : "Create"}</button>
        <${Button} onClick=${onClose}>Cancel<//></div>
    <//>
  <//>`;
}

// DeleteDialog asks whether to delete a room.
export function DeleteDialog({ room, onClose }) {
  const remove = () => aws("DeleteRoom", { identifier: room.arn }, ownerOf(room.arn));
  return html`<${Confirm} title="Delete the room?" action="Delete" run=${remove}
    done=${`Deleted the room ${nameOf(room)}.`} onClose=${onClose}>
    <p>The room <bdi>${nameOf(room)}</bdi> has ${count(room.sessionCount, "open session")}. They stay open, as on
      AWS.</p>
    <p class="mono">${room.arn}</p>
  <//>`;
}
