// The chat of a room as its participants see it, with what they do not see: denied messages, and who moderated.

import { html, useEffect, useMemo, useState } from "../vendor/htm-preact.js";
import { admin, roomPath } from "../api.js";
import { useStream } from "../live.js";
import { href, setParameters } from "../route.js";
import { Button, ErrorBox, Field, RowList, Time, User } from "../ui.js";
import { CrowdCard } from "./room-crowd.js";
import { Chat } from "./room-entries.js";
import { Composer, ModerationDialog, PeopleCard } from "./room-speak.js";

const windowSize = 200; // rows
const everything = 10_000; // as much as the journal keeps of an account

// The kinds of rows that each choice shows.
const shows = {
  "": undefined,
  messages: ["message", "event"],
  moderation: ["denied", "deletion", "kick"],
};

const choices = [["", "Everything"], ["messages", "Messages and events"], ["moderation", "Moderation"]];

const isMessage = (id) => ({ frame }) => frame?.Type === "MESSAGE" && frame.Id === id;

// beginning finds where the chat begins: with the latest frames, or around a message that is older. It returns
// {after, entries}: the stream starts after an entry of the journal, or after these entries.
async function beginning(arn, message) {
  const frames = async (count) => (await admin("GET", roomPath(arn) + "/frames", { count })).items;
  const latest = await frames(windowSize);
  const after = latest.length < windowSize ? 0 : latest[0].id - 1;
  if (!message || latest.some(isMessage(message))) return { after };
  const all = await frames(everything);
  const at = all.findIndex(isMessage(message));
  return at < 0 ? { after } : { entries: all.slice(Math.max(0, at - windowSize / 3), at + windowSize / 3) };
}

// ChatTab is the tab. room is undefined if it was deleted.
export function ChatTab({ arn, room, route, scope, now }) {
  const [found, set] = useState({});
  const { message } = route.parameters;
  const isLoaded = found.after !== undefined || found.entries !== undefined;
  useEffect(() => {
    if (isLoaded && (!message || document.getElementById("message-" + message))) return undefined; // it is shown
    let current = true;
    const show = (answer) => current && set(answer);
    beginning(arn, message).then(show, (error) => show({ error }));
    return () => (current = false);
  }, [arn, message]);
  if (found.error) return html`<${ErrorBox} error=${found.error} />`;
  if (!isLoaded) return html`<p class="loading">Loading…</p>`;
  return html`<${Live} ...${{ arn, room, route, scope, now, found }} />`;
}

function Live({ arn, room, route, scope, now, found }) {
  const { message = "", show = "" } = route.parameters;
  const [dialog, open] = useState();
  const chat = useMemo(() => new Chat(), [found]);
  const history = found.entries && (() => Promise.resolve(found.entries));
  const parameters = { room: arn, after: found.after };
  const stream = useStream(found, parameters, { limit: windowSize, history, select: chat.rows });
  const { rows } = stream;
  const isThere = message !== "" && [...rows.items, ...rows.waiting].some(isMessage(message));
  useEffect(() => {
    if (!isThere) return;
    stream.hold(true);
    document.getElementById("message-" + message)?.scrollIntoView({ block: "center" });
  }, [message, isThere]);
  const render = useMemo(() => renderer(arn, scope, open), [arn, scope.account, scope.region]);
  const state = (row) => {
    if (row.kind !== "message") return 0;
    row.deletion ??= chat.deletions.get(row.frame.Id);
    return (row.deletion ? deleted : 0) + (row.frame.Id === message ? marked : 0);
  };
  return html`<div class="columns">
    <div>
      <div class="bar chat-tools">
        <${Field} label="Show" type="select" value=${show} onChange=${(show) => setParameters({ show })}
          options=${choices} />
        ${message && !isThere && rows.items.length > 0
          && html`<p role="status">The message <bdi>${message}</bdi> is not here any more.</p>`}
      </div>
      <${RowList} stream=${stream} render=${render} stateOf=${state} label="Chat"
        filter=${shows[show] && (({ kind }) => shows[show].includes(kind))}
        empty="Nothing has happened here yet." />
      ${room && html`<${Composer} arn=${arn} />`}
    </div>
    <div>
      ${room && html`<${PeopleCard} arn=${arn} now=${now} />
        <section class="card" aria-label="Moderate"><h2>Moderate</h2><div class="actions">
          <${Button} onClick=${() => open({ what: "event" })}>Send an event<//>
          <${Button} onClick=${() => open({ what: "kick" })}>Disconnect a user<//>
        </div></section>
        <${CrowdCard} room=${room} />`}
    </div>
    ${dialog && html`<${ModerationDialog} ...${dialog} arn=${arn} onClose=${() => open(undefined)} />`}
  </div>`;
}

// The state of a row.
const deleted = 1;
const marked = 2;

// The attributes of a message, a user or an event.
const pairs = (attributes) =>
  Object.entries(attributes ?? {}).map(([key, value]) => html` <bdi class="pair">${key}=${value}</bdi>`);

const because = (reason) => reason && html`: <bdi>${reason}</bdi>`;

// Why a connection ended, in words. Other reasons are sentences already.
const ends = {
  disconnected: "its user was disconnected",
  expired: "the session has expired",
  left: "the client left",
  "too slow": "the client reads too slowly",
  shutdown: "the emulator stops",
  restored: "a snapshot was restored",
};

// What a client asked for, as a text.
function wanted({ Action, Content, Id, UserId }) {
  if (Action === "DELETE_MESSAGE" || Action === "DISCONNECT_USER") return `${Action} ${Id ?? UserId}`;
  return typeof Content === "string" ? Content : JSON.stringify(Content);
}

// renderer returns the function that renders the rows of a room. Its links keep the scope. open opens a dialog.
function renderer(arn, scope, open) {
  const linkTo = (id) => href("room", arn, { ...scope, message: id });
  const user = (id) => html`<${User} id=${id} />`;
  const contents = {
    message: ({ frame, review, deletion }, state) => {
      const { Id, Content, Attributes, Sender } = frame;
      const said = html`<bdi class="said">${Content}</bdi>${pairs(Attributes)}`;
      return html`${user(Sender.UserId)}${pairs(Sender.Attributes)}
        ${" "}${state & deleted ? html`<del>${said}</del>` : said}
        ${" "}<a href=${linkTo(Id)} aria-label=${`Link to message ${Id}`}>#</a>
        ${state & deleted ? html`<div class="note">Deleted by ${moderator(deletion)}</div>`
          : html` <button type="button" class="small" aria-label=${`Delete message ${Id}`}
            onClick=${() => open({ what: "delete", target: Id })}>Delete</button>`}
        ${review && html`<div class="note">${review.before
          ? html`Changed by the review. Sent: <bdi>${review.before.Content}</bdi>${pairs(review.before.Attributes)}`
          : html`The review failed (${review.failure}${because(review.reason)}). Fallback: ALLOW.`}</div>`}`;
    },
    event: ({ frame }) => html`Event <bdi>${frame.EventName}</bdi>${pairs(frame.Attributes)}`,
    deletion: (row) => html`Message <a href=${linkTo(row.target)}>${row.target}</a> deleted by ${moderator(row)}`,
    kick: (row) => html`${user(row.target)} disconnected by ${moderator(row)}`,
    denied: ({ userId, frame, request }) => html`${user(userId)}
      ${" "}${request && html`<bdi class="said">${wanted(request)}</bdi>`}
      <div class="note bad">${request && (frame.ErrorCode === 406 ? "Denied, " : "Refused, ")}ERROR ${frame.ErrorCode}: <bdi>${frame.ErrorMessage}</bdi></div>`,
    connect: ({ userId }) => html`${user(userId)} connected`,
    disconnect: ({ userId, reason }) => html`Connection of ${user(userId)} ended${because(ends[reason] ?? reason)}`,
    fault: ({ userId, entry }) =>
      html`Fault ${entry.rule} fired at ${entry.operation}${userId && html` of ${user(userId)}`}`,
  };
  const moderator = ({ by, way, reason }) =>
    html`${by === undefined ? "AWS’s operation" : html`${user(by)},`} ${way}${because(reason)}`;
  return (row, state) => html`<div class="chat ${row.kind} ${state & marked ? "marked" : ""}"
    id=${row.kind === "message" ? "message-" + row.frame.Id : undefined}>
    <a class="at" href=${href("frames", row.id, { ...scope, room: arn })}><${Time} at=${row.time} /></a>
    ${" "}${contents[row.kind](row, state)}
  </div>`;
}
