// The parts that all panels use.

import { Component, html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";
import { capabilities } from "./api.js";
import { hue, idOf, json, time, visible } from "./format.js";
import { useRooms } from "./live.js";
import { href, parse } from "./route.js";

// announce tells users of screen readers, and shows for a moment, what an action did.
export function announce(text, failed = false) {
  dispatchEvent(new CustomEvent("announce", { detail: { text, failed } }));
}

// Announcements shows what announce is called with.
export function Announcements() {
  const [shown, show] = useState({ text: "" });
  useEffect(() => {
    let timer;
    const receive = ({ detail }) => {
      show(detail);
      clearTimeout(timer);
      timer = setTimeout(() => show({ text: "" }), detail.failed ? 10_000 : 4000);
    };
    addEventListener("announce", receive);
    return () => removeEventListener("announce", receive);
  }, []);
  const kind = shown.failed ? "failed" : "done";
  return html`<div class="announcement ${shown.text && kind}" role="status" aria-live="polite">${shown.text}</div>`;
}

// attempt runs an action of the user and announces its outcome. done is the text for a success.
export async function attempt(action, done) {
  try {
    const result = await action();
    if (done) announce(typeof done === "function" ? done(result) : done);
    return result;
  } catch (error) {
    announce(failureText(error), true);
    return undefined;
  }
}

// failureText returns the text of an error, with the name of the exception.
const failureText = (error) => (error.exception ? `${error.exception}: ${error.message}` : error.message);

// Button is a button. While its action, which may return a promise, runs, it does nothing. It is not disabled
// then, because a browser takes the focus away from a button that is.
export function Button({ onClick, children, kind = "", ...rest }) {
  const [busy, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => () => (alive.current = false), []);
  const click = async (event) => {
    if (busy) return;
    const action = onClick?.(event);
    if (!action?.then) return;
    setBusy(true);
    try {
      await action;
    } finally {
      if (alive.current) setBusy(false);
    }
  };
  const disabled = busy ? "true" : undefined;
  return html`<button type="button" class=${kind} aria-disabled=${disabled} onClick=${click} ...${rest}>
    ${children}
  </button>`;
}

// CopyButton copies a text, or what text() returns, to the clipboard.
export function CopyButton({ text, label = "Copy", what = "the text" }) {
  const copy = async () => {
    const value = typeof text === "function" ? text() : text;
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Browsers allow the clipboard only to pages of https and of this machine.
      const area = document.createElement("textarea");
      area.value = value;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    announce(`Copied ${what}.`);
  };
  return html`<${Button} kind="small" onClick=${copy} aria-label=${`${label}: ${what}`}>${label}<//>`;
}

// Field is an input with its label. Its value is given to onChange. type can be an input's type, or textarea
// or select, whose options are [value, text] pairs or texts.
export function Field({ label, hint, type = "text", value, onChange, options, error, ...rest }) {
  const id = useId();
  const common = {
    id, value, onInput: (event) => onChange(event.currentTarget.value), "aria-invalid": error ? "true" : undefined,
    "aria-describedby": hint || error ? id + "-hint" : undefined, ...rest,
  };
  let input = html`<input type=${type} autocomplete="off" spellcheck="false" ...${common} />`;
  if (type === "textarea") input = html`<textarea rows="3" spellcheck="false" ...${common}></textarea>`;
  if (type === "select") {
    input = html`<select ...${common}>
      ${options.map((option) => {
        const [key, text] = Array.isArray(option) ? option : [option, option];
        return html`<option value=${key} selected=${key === value}>${text}</option>`;
      })}
    </select>`;
  }
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${input}
    ${(error || hint) && html`<small id=${id + "-hint"} class=${error ? "error" : ""}>${error || hint}</small>`}
  </div>`;
}

// Check is a checkbox with its label.
export function Check({ label, checked, onChange, ...rest }) {
  return html`<label class="check">
    <input type="checkbox" checked=${checked} onChange=${(event) => onChange(event.currentTarget.checked)} ...${rest} />
    ${label}
  </label>`;
}

// Capabilities chooses among the capabilities of a chat token.
export function Capabilities({ chosen, onChange }) {
  const toggle = (name) => (on) =>
    onChange(capabilities.filter((one) => (one === name ? on : chosen.includes(one))));
  return html`<div class="actions" role="group" aria-label="Capabilities">${capabilities.map((name) =>
    html`<${Check} label=${name} checked=${chosen.includes(name)} onChange=${toggle(name)} />`)}</div>`;
}

// RoomField is a field for the ARN of a room, which suggests rooms of the scope. What else it has is as in Field.
export function RoomField({ scope, ...rest }) {
  const id = useId();
  const rooms = (useRooms(scope).value?.items ?? []).filter(({ deleted }) => !deleted);
  return html`<${Field} list=${id} ...${rest} />
    <datalist id=${id}>${rooms.map(({ arn, name }) => html`<option value=${arn}>${name || idOf(arn)}</option>`)}
    </datalist>`;
}

let ids = 0;

// useId returns an ID for an element.
function useId() {
  const ref = useRef();
  ref.current ??= `id${++ids}`;
  return ref.current;
}

// Form submits without leaving the page. It shows what onSubmit, which may return a promise, fails with.
export function Form({ onSubmit, children, ...rest }) {
  const [error, fail] = useState();
  const submit = async (event) => {
    event.preventDefault();
    try {
      await onSubmit(event);
      fail(undefined);
    } catch (error) {
      fail(error);
    }
  };
  return html`<form onSubmit=${submit} ...${rest}>${children}<${ErrorBox} error=${error} /></form>`;
}

// useForm returns the values of a form, a function that changes some, and one that makes the field of a value. The
// latter takes a name, a label, and what else a Field has.
export function useForm(initial) {
  const [values, set] = useState(initial);
  const change = (changes) => set((before) => ({ ...before, ...changes }));
  const field = (name, label, rest) => html`<${Field} label=${label} value=${values[name]}
    onChange=${(value) => change({ [name]: value })} ...${rest} />`;
  return [values, change, field];
}

// Dialog is a modal dialog. Escape and its close button call onClose. Then the focus goes back to where it was.
export function Dialog({ title, onClose, children }) {
  const ref = useRef();
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      ref.closing = true;
      dialog.close(); // nothing else can have the focus before
      (before?.isConnected ? before : document.getElementById("main")).focus();
    };
  }, []);
  return html`<dialog ref=${ref} aria-labelledby=${id} onClose=${() => ref.closing || onClose()}>
    <header>
      <h2 id=${id}>${title}</h2>
      <button type="button" class="small" aria-label="Close" onClick=${() => ref.current.close()}>✕</button>
    </header>
    ${children}
  </dialog>`;
}

// Confirm asks before an action that cannot be undone, and shows its error. done is the text for a success.
export function Confirm({ title, action, run, done, onClose, children }) {
  const [error, fail] = useState();
  const confirm = async () => {
    try {
      await run();
      announce(done);
      onClose();
    } catch (error) {
      fail(error);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>${children}
    <${ErrorBox} error=${error} />
    <div class="actions"><${Button} kind="danger" onClick=${confirm}>${action}<//>
      <${Button} onClick=${onClose}>Cancel<//></div>
  <//>`;
}

// ErrorBox shows an error. If permissions refuse a call, it links to the call, which has the decision. A dialog scrolls
// to it, because it is often below what a small window shows.
export function ErrorBox({ error }) {
  const box = useRef();
  useEffect(() => {
    if (box.current?.closest("dialog")) box.current.scrollIntoView({ block: "nearest" });
  }, [error]);
  if (!error) return null;
  const denied = error.exception === "AccessDeniedException" && error.requestId;
  const { account, region, as } = parse(location.hash).parameters;
  return html`<p class="error-box" role="alert" ref=${box}>${failureText(error)}
    ${denied && html` <a href=${href("calls", "", { account, region, as, q: denied })}>Show the call</a>`}</p>`;
}

// Badge is a short word about something. kind is good, bad, warn or nothing.
export const Badge = ({ kind = "", children }) => html`<span class="badge ${kind}">${children}</span>`;

// User is a user ID in the colour of the user.
export const User = ({ id }) => html`<span class="user hue-${hue(id)}"><bdi>${id}</bdi></span>`;

// Time is a time of day, with the whole timestamp as its title.
export const Time = ({ at }) => html`<time datetime=${at} title=${at}>${time(at)}</time>`;

// Json shows a value as JSON.
export const Json = ({ value, label = "JSON" }) => html`<pre class="json" tabindex="0" role="region"
  aria-label=${label}>${typeof value === "string" ? value : json(value)}</pre>`;

// Pairs shows tags or attributes, each in a line.
export const Pairs = ({ of }) => html`${Object.entries(of).map(([key, value]) =>
  html`<div class="mono"><bdi>${visible(key)}</bdi>=<bdi>${visible(value)}</bdi></div>`)}`;

// Table is a table that scrolls sideways if it is too wide. columns are its headings: one of numbers begins with >,
// and that of buttons is "". rows are tr elements.
export function Table({ label, columns, rows }) {
  const heading = (text) => html`<th class=${text[0] === ">" ? "right" : ""}>
    ${text ? text.replace(">", "") : html`<span class="hidden">Actions</span>`}</th>`;
  return html`<div class="table" tabindex="0" role="region" aria-label=${label}>
    <table><thead><tr>${columns.map(heading)}</tr></thead><tbody>${rows}</tbody></table>
  </div>`;
}

// Tabs are links to views of one thing. tabs are {id, text, href}.
export const Tabs = ({ tabs, current, label }) => html`<nav class="tabs" aria-label=${label}>
  ${tabs.map(
    ({ id, text, href }) => html`<a href=${href} aria-current=${id === current ? "page" : undefined}>${text}</a>`,
  )}
</nav>`;

// A Row renders its item once, and again only if the item or its changing state is another one. So a new row
// costs little in a long list.
class Row extends Component {
  shouldComponentUpdate(next) {
    return next.item !== this.props.item || next.state !== this.props.state || next.render !== this.props.render;
  }

  render({ item, state, render }) {
    return render(item, state);
  }
}

// RowList is a live list. rows, open and held are from useStream. render makes the element of an item, and
// should be the same function each time; it also gets what stateOf returns for the item. keyOf names an item. At
// its end, the list follows new rows. When the user scrolls up, it holds them back, so that nothing moves. filter
// selects items. Of these, the latest most are shown, after the items before, which the stream does not have.
export function RowList(properties) {
  const { stream, render, keyOf = (item) => item.eventId ?? item.id, stateOf, label, empty } = properties;
  const { filter, before = [], most = Infinity } = properties;
  const ref = useRef();
  const { rows, held, hold } = stream;
  const [quiet, setQuiet] = useState(false);
  const selected = filter ? rows.items.filter(filter) : rows.items;
  const cut = Math.max(0, selected.length - most);
  const items = before.concat(cut > 0 ? selected.slice(cut) : selected);
  const top = useRef(0); // where the list has scrolled to
  useLayoutEffect(() => {
    if (rows.held) return;
    ref.current.scrollTop = ref.current.scrollHeight;
    top.current = ref.current.scrollTop;
  });
  const scroll = ({ currentTarget: list }) => {
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 24;
    // Rows that become taller also move the end away, but then the list has not moved.
    if (!atEnd && list.scrollTop < top.current && !rows.held) hold(true);
    top.current = list.scrollTop;
  };
  const numbers = [
    [held && rows.waiting.length, "new"], [rows.hidden + cut, "not shown"],
    [rows.items.length - selected.length, "filtered out"],
  ].filter(([number]) => number > 0).map(([number, text]) => `${number.toLocaleString("en")} ${text}`);
  return html`<div class="row-list">
    <div class="row-tools">
      <${Button} kind="small" aria-pressed=${String(held)} onClick=${() => hold(!held)}>${held ? "Follow" : "Pause"}<//>
      <${Check} label="Read aloud" checked=${!quiet && rows.aloud === true}
        onChange=${(aloud) => { rows.aloud = aloud; setQuiet(!aloud); }} />
      <span class="muted" data-counts>${numbers.join(" · ")}</span>
      ${!stream.open && html`<${Badge} kind="warn">connecting…<//>`}
    </div>
    <div class="rows" ref=${ref} onScroll=${scroll} tabindex="0" role="log" aria-label=${label}
      aria-live=${rows.aloud && !held ? "polite" : "off"}>
      ${items.length === 0 ? html`<p class="muted">${empty}</p>` : items.map(
        (item) => html`<${Row} key=${keyOf(item)} item=${item} state=${stateOf?.(item)} render=${render} />`,
      )}
    </div>
  </div>`;
}
