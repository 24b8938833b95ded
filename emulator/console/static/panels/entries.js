// What the panels of the journal have in common: a live list of entries that can be filtered and searched
// further back, one entry by its ID, and everything about it.

import { html, useMemo, useState } from "../vendor/htm-preact.js";
import { admin, ownerOf, roomPath } from "../api.js";
import { bytes, count, dateTime, idOf, json, nanoseconds, visible } from "../format.js";
import { usePoll, useStream } from "../live.js";
import { href, setParameters } from "../route.js";
import { callSnippets, frameSnippets } from "../snippets.js";
import { attempt, Badge, Button, CopyButton, ErrorBox, Field, Json, RowList } from "../ui.js";

const windowSize = 2000; // entries that the filters look at
const shown = 300; // of the entries that match, so many are on the page
const pageSize = 1000; // entries that one request reads
const around = 250; // entries before and after an entry, in which those that belong to it are looked for
const cut = 4000; // characters of a body

// read reads a part of the journal. page has the parameters after and count.
const read = (kinds, { account, room }, page) =>
  Promise.all(kinds.map((kind) => kind === "frame" && room
    ? admin("GET", roomPath(room) + "/frames", page)
    : admin("GET", "journal", { kind, account, ...page })));

const merged = (parts) => parts.flatMap(({ items }) => items).sort((a, b) => a.id - b.id);

// panelOf returns the panel that shows an entry.
const panelOf = ({ kind }) => (kind === "call" || kind === "handshake" ? "calls" : "frames");

// useEntries returns a live window of rows, {stream, error, start}: from the entry start on, it is complete.
function useEntries({ kinds, scope, room, rowOf }) {
  const selection = { account: scope.account, room };
  const key = JSON.stringify([kinds, scope, room]);
  const state = useMemo(() => ({ from: 0 }), [key]);
  const history = async () => {
    try {
      const { items: [newest] } = await admin("GET", "journal", { count: 1 });
      const parts = await read(kinds, selection, { count: pageSize });
      // A part that is full does not have what is before its first entry.
      const full = parts.filter(({ items }) => items.length === pageSize);
      state.from = Math.max(0, ...full.map(({ items }) => items[0].id));
      return merged(parts).filter(({ id }) => id >= state.from && id <= (newest?.id ?? 0));
    } catch (error) {
      state.error = error;
      throw error;
    }
  };
  const select = (entries) => entries.filter((entry) => (!room || !entry.room || entry.room === room)
    && (!scope.region || !entry.region || entry.region === scope.region)).map(rowOf);
  const parameters = { ...selection, kind: kinds.join(",") };
  const stream = useStream(key, parameters, { limit: windowSize, history, select });
  const { hidden, items } = stream.rows;
  return { stream, selection, select, error: state.error, start: hidden > 0 ? (items[0]?.id ?? 0) : state.from };
}

// filterField is a field of a filter, whose value is in the URL.
export const filterField = (name, label, value, rest) => html`<${Field} label=${label} value=${value}
  onChange=${(changed) => setParameters({ [name]: changed })} ...${rest} />`;

// keyOf names a row. After a new start of the emulator, IDs begin at 1 again, but those of events are others.
const keyOf = (row) => row.entry.eventId ?? row.id;

// Entries is the list. rowOf makes a row, {id, entry, …}, of an entry, matches selects rows, and filterKey says
// which. Summary shows a row in one line.
export function Entries({ kinds, scope, room, rowOf, matches, filterKey, Summary, label, empty }) {
  const { stream, selection, select, error, start } = useEntries({ kinds, scope, room, rowOf });
  const [opened, setOpened] = useState(new Set());
  const [found, setFound] = useState();
  const older = found?.key === filterKey && found.rowsOf === stream.rows && stream.held ? found : undefined;
  const from = older?.from ?? start;
  const live = useMemo(() => ({}), []); // what the rows use, which are rendered once
  live.scope = scope;
  live.toggle = (key) => {
    stream.hold(true); // what the user opens stays where it is
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  };
  const render = useMemo(() => (row, open) => html`<div class="entry">
    <button type="button" aria-expanded=${String(open)} onClick=${() => live.toggle(keyOf(row))}>
      <${Summary} row=${row} /></button>
    ${open && html`<${Detail} entry=${row.entry} scope=${live.scope} />`}
  </div>`, [Summary]);
  const search = () => attempt(async () => {
    stream.hold(true);
    let [next, rows] = [from, []];
    // Pages without anything that matches are skipped, but not for ever.
    for (let pages = 0; next > 1 && rows.length < 50 && pages < 20; pages++) {
      const after = Math.max(0, next - 1 - pageSize);
      const parts = await read(kinds, selection, { after, count: pageSize, timeout: "0s" });
      const items = merged(parts).filter(({ id }) => id < next);
      rows = select(items).filter(matches).concat(rows);
      next = items.length === 0 && parts.some(({ missed }) => missed > 0) ? 0 : after + 1;
    }
    setFound({ key: filterKey, rowsOf: stream.rows, from: next, rows: rows.concat(older?.rows ?? []) });
    return rows.length;
  }, (number) => `Found ${number} more.`);
  return html`<${ErrorBox} error=${error} />
    <${RowList} stream=${stream} render=${render} keyOf=${keyOf} stateOf=${(row) => opened.has(keyOf(row))}
      filter=${matches} before=${older?.rows} most=${older ? windowSize : shown} label=${label}
      empty=${stream.rows.items.length === 0 && from <= 1 ? `No ${label.toLowerCase()} yet.` : empty} />
    <p class="muted" data-reach>${from > 1
      ? html`The filters search the entries from #${from} on.
        <${Button} kind="small" onClick=${search}>Search further back<//>`
      : "The filters search everything that the journal has."}</p>`;
}

const nouns = { frame: "Frame", call: "Call", handshake: "Refused handshake" };

// Single shows one entry. all is the panel that lists others.
export function Single({ id, all, scope }) {
  const loaded = usePoll(id, async () => {
    if (!/^[1-9]\d{0,15}$/.test(id)) throw new Error(`The ID of an entry is a number, but this is: ${id}`);
    const { items: [entry] } = await admin("GET", "journal", { after: id - 1, count: 1, timeout: "0s" });
    if (entry?.id === Number(id)) return entry;
    const { items: [newest] } = await admin("GET", "journal", { count: 1 });
    const last = newest?.id ?? 0;
    throw new Error(id > last
      ? `The journal has no entry #${id} yet: the latest is #${last}. Perhaps the emulator was started again.`
      : `The journal does not have the entry #${id} any more: it keeps the latest ones, and a reset removes all.`);
  }, 0);
  const entry = loaded.value;
  return html`<h1>${nouns[entry?.kind] ?? "Entry"} #${id}${" "}
      ${entry && html`<${Badge}>${typeText(entry)}<//>`}</h1>
    <p><a href=${href(all, "", scope)}>All ${all}</a></p>
    <${ErrorBox} error=${loaded.error} />
    ${entry && html`<div class="card"><${Detail} key=${id} entry=${entry} scope=${scope} /></div>`}`;
}

// Detail shows everything about an entry.
function Detail({ entry, scope }) {
  const related = usePoll(`related ${entry.id}`, () => relatedTo(entry), 0).value ?? [];
  const pair = pairOf(entry, related);
  const copies = entry.kind === "call" ? callSnippets(entry) : frameSnippets(entry, pair);
  const fact = (name, value) => value !== undefined && value !== "" && html`<dt>${name}</dt><dd>${value}</dd>`;
  const link = (other) => href(panelOf(other), String(other.id), scope);
  return html`<div class="detail">
    <dl>
      ${fact("Time", html`${dateTime(entry.time)} <small class="mono">${entry.time}</small>`)}
      ${fact("Room", entry.room && html`<a class="mono" href=${href("room", entry.room, scope)}>${entry.room}</a>`)}
      ${fact("Node", entry.node && visible(entry.node))}
      ${!entry.room && fact("Account", entry.account && `${entry.account} · ${entry.region}`)}
      ${fact("Direction", directionOf(entry))}
      ${entry.direction ? fact("Cause", entry.operation) : fact("Operation", entry.operation)}
      ${!entry.direction && fact("User", entry.userId && html`<bdi>${visible(entry.userId)}</bdi>`)}
      ${fact("Status", entry.status)}
      ${fact("Duration", entry.durationNanoseconds && nanoseconds(entry.durationNanoseconds))}
      ${fact("Request ID", entry.requestId && html`<span class="mono">${visible(entry.requestId)}</span>`)}
      ${fact("Exception", entry.exception)}
      ${fact("Caller", entry.caller && html`<span class="mono">${entry.caller.principalArn}</span>${" "}
        <small class="mono">${entry.caller.accessKeyId}</small>`)}
      ${fact("Decision", entry.caller?.permissions?.map((one) =>
        html`<${Permission} account=${entry.account} ...${one} />`))}
      ${fact("Reason", entry.reason && visible(entry.reason))}
      ${related.length > 0 && fact("Related", related.slice(0, 8).map((other) => html`
        <div><a href=${link(other)}>#${other.id}</a> ${titleOf(other)}</div>`))}
    </dl>
    ${"frame" in entry && html`<${Body} value=${entry.frame} label="Frame" />`}
    ${entry.text !== undefined && html`<${Body} value=${entry.text} label="Frame" />
      ${entry.text.includes("\ufffd") && html`<p class="muted">� stands for bytes that are not UTF-8.</p>`}`}
    <${Missing} size=${entry.frameBytes} what="This frame" />
    ${"request" in entry && html`<h2>Request</h2><${Body} value=${entry.request} label="Request" />`}
    <${Missing} size=${entry.requestBytes} what="The request" />
    ${"response" in entry && html`<h2>Response</h2><${Body} value=${entry.response} label="Response" />`}
    <${Missing} size=${entry.responseBytes} what="The response" />
    <div class="actions">
      ${copies.length > 0 && html`<span class="muted">Copy as</span>`}
      ${copies.map(({ name, text }) =>
        html`<${CopyButton} text=${text} label=${name} what=${`#${entry.id} as ${name}`} />`)}
      <a href=${link(entry)}>Link to #${entry.id}</a>
    </div>
  </div>`;
}

// Permission shows a permission that a call needed, and which statement of a policy decided.
const Permission = ({ account, action, resource, effect, policy, statement, sid, line }) => html`<div>
  <${Badge} kind=${effect === "allowed" ? "good" : "bad"}>${effect}<//> <code>${action}</code> on${" "}
  <code>${visible(resource)}</code>${" "}
  ${policy ? html`by statement ${statement}${sid && ` (${sid})`} of the policy ${policy}, in line ${line}`
    : (ownerOf(resource).account ?? account) === account ? "because no statement allows it"
      : "because it belongs to another account"}</div>`;

const Missing = ({ size, what }) =>
  size > 0 && html`<p class="muted">${what} has ${bytes(size)}. The journal does not keep it.</p>`;

// Body shows a value as JSON, or a text, in which nothing is invisible. A long one is cut.
function Body({ value, label }) {
  const [all, showAll] = useState(false);
  const text = visible(typeof value === "string" && label === "Frame" ? value : json(value));
  if (all || text.length <= cut) return html`<${Json} value=${text} label=${label} />`;
  return html`<${Json} value=${text.slice(0, cut) + "…"} label=${label} />
    <${Button} kind="small" onClick=${() => showAll(true)}>Show all ${count(text.length, "character")}<//>`;
}

// directionOf says from whom to whom a frame went.
function directionOf({ direction, userId, recipients }) {
  const user = userId && html`<bdi>${visible(userId)}</bdi>`;
  if (direction === "in") return html`from ${user} to the service`;
  return direction && html`from the service to ${user || count(recipients ?? 0, "connection")}`;
}

// typeOf returns the type of a frame, its action, or what else an entry is.
export function typeOf({ kind, frame, text, frameBytes, operation }) {
  if (kind !== "frame") return kind === "call" ? operation : kind;
  const name = frame?.Type ?? frame?.Action;
  if (typeof name === "string" && name !== "") return name;
  return text !== undefined ? "not JSON" : frameBytes > 0 ? "not kept" : "no Action";
}

// typeText is typeOf to be shown: clients choose it.
export const typeText = (entry) => visible(typeOf(entry)).slice(0, 40);

const titleOf = (entry) => html`${entry.kind === "frame" ? (entry.direction ?? "") : entry.kind}${" "}
  <${Badge}>${typeText(entry)}<//> ${entry.userId && html`<bdi>${visible(entry.userId)}</bdi>`}`;

// keysOf returns the IDs by which an entry is known to others.
function keysOf({ kind, frame, requestId, request, response }) {
  const values = kind === "review" ? [requestId, request?.MessageId]
    : kind === "call" ? [response?.id]
      : [frame?.RequestId, frame?.Id, frame?.Attributes?.MessageId];
  return values.filter((value) => typeof value === "string" && value !== "");
}

// relatedTo returns the entries that belong to an entry, the nearest first: the answer to a request, the call that
// caused an event, the review of a message, the deletion of a message.
async function relatedTo(entry) {
  if (!["frame", "call", "review"].includes(entry.kind) || !entry.account) return [];
  const page = { account: entry.account, after: Math.max(0, entry.id - around), count: 2 * around, timeout: "0s" };
  const { items } = await admin("GET", "journal", page);
  const keys = keysOf(entry);
  const distance = ({ id }) => Math.abs(id - entry.id);
  return items.filter((other) => other.id !== entry.id && (!other.room || !entry.room || other.room === entry.room)
    && (keysOf(other).some((key) => keys.includes(key)) || isNextError(entry, other) || isNextError(other, entry)))
    .sort((a, b) => distance(a) - distance(b));
}

// isNextError reports whether an error follows a request that has no RequestId.
const isNextError = (request, error) => error.id === request.id + 1 && request.direction === "in"
  && !request.frame?.RequestId && error.frame?.Type === "ERROR" && error.userId === request.userId;

// pairOf returns the answer to a request, or the request of an answer.
function pairOf(entry, related) {
  const sameID = (a, b) => a.frame?.RequestId && a.frame.RequestId === b.frame?.RequestId;
  const isPair = (request, answer) => request.direction === "in" && answer.direction === "out"
    && answer.id > request.id && (isNextError(request, answer) || sameID(request, answer))
    && (answer.userId === undefined || answer.userId === request.userId);
  return related.find((other) => isPair(entry, other) || isPair(other, entry));
}

// roomText is the name of a room where there is little space.
export const roomText = (arn) => (arn ? idOf(arn) : "");
