// A room: what it is, its chat, and the people in it.

import { html, useState } from "../vendor/htm-preact.js";
import { admin, ownerOf, roomPath } from "../api.js";
import { idOf } from "../format.js";
import { readClock, serviceTime, usePoll } from "../live.js";
import { href } from "../route.js";
import { Badge, Button, CopyButton, ErrorBox, Pairs, Tabs } from "../ui.js";
import { ChatTab } from "./room-chat.js";
import { PeopleTab } from "./room-people.js";
import { DeleteDialog, RoomDialog } from "./rooms.js";

export default function Panel(props) {
  return html`<${Room} key=${props.route.id} ...${props} />`;
}

function Room({ route, scope, info }) {
  const arn = route.id;
  const [dialog, open] = useState();
  const { account } = ownerOf(arn);
  const { value: latest, error, reload } = usePoll(arn, () => admin("GET", roomPath(arn), { sessions: 0 }), 1000);
  const clock = usePoll("clock" + account, () => readClock(account), 2000).value;
  const now = clock && serviceTime(clock);
  const value = error?.status === 404 ? undefined : latest;
  const gone = error?.status === 404 || value?.deleted;
  const room = gone ? undefined : value;
  const { tab = "chat" } = route.parameters;
  const close = () => {
    open(undefined);
    reload();
  };
  if (!value && !gone) return error ? html`<${ErrorBox} error=${error} />` : html`<p class="loading">Loading…</p>`;
  const link = (id) => href("room", arn, { ...scope, tab: id });
  const tabs = [
    { id: "chat", text: "Chat", href: link() },
    { id: "people", text: "People", href: link("people") },
    { id: "frames", text: "Frames", href: href("frames", "", { ...scope, room: arn }) },
    { id: "calls", text: "Calls", href: href("calls", "", { ...scope, room: arn }) },
  ];
  return html`
    <div class="bar"><h1 class="grow"><bdi>${room?.name || idOf(arn)}</bdi>
        ${gone && html` <${Badge} kind="bad">deleted<//>`}</h1>
      ${room && html`<${Button} onClick=${() => open("edit")}>Edit<//>
        <${Button} kind="danger" onClick=${() => open("delete")}>Delete<//>`}
    </div>
    ${gone && html`<p role="status">There is no such room${value
      ? `: it was deleted. Its open sessions: ${value.sessionCount}.` : " (any more)."}
      ${" "}<a href=${href("rooms", "", scope)}>All rooms</a></p>`}
    <p class="mono">${arn} <${CopyButton} text=${arn} what="the ARN" /></p>
    ${room && html`<${Facts} room=${room} />`}
    <${Tabs} tabs=${tabs} current=${tab} label="Views of the room" />
    ${tab === "people" ? html`<${PeopleTab} ...${{ arn, route, now }} />`
      : html`<${ChatTab} ...${{ arn, room, route, scope, now }} />`}
    ${dialog === "edit" && html`<${RoomDialog} room=${room} scope=${scope} info=${info} onClose=${close} />`}
    ${dialog === "delete" && html`<${DeleteDialog} room=${room} onClose=${close} />`}`;
}

function Facts({ room }) {
  const { messageReviewHandler: handler, loggingConfigurationIdentifiers: logging } = room;
  const facts = {
    Members: room.sessionCount,
    Account: room.account,
    Region: room.region,
    "Message length": `at most ${room.maximumMessageLength}`,
    "Message rate": `at most ${room.maximumMessageRatePerSecond} / s`,
    Review: handler?.uri ? html`<span class="mono" title=${handler.uri}>${handler.uri.split(":").at(-1)}</span>,
      fallback ${handler.fallbackResult}` : "–",
    Logging: logging.length === 0 ? "–" : logging.map((arn) =>
      html`<div class="mono" title=${arn}>${idOf(arn)}</div>`),
    Tags: Object.keys(room.tags).length === 0 ? "–" : html`<${Pairs} of=${room.tags} />`,
  };
  return html`<dl class="facts">${Object.entries(facts).map(([name, value]) =>
    html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
