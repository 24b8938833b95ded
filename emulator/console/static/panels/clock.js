// The service's clock: how it runs, buttons that move it, and what will fall due.

import { html, useState } from "../vendor/htm-preact.js";
import { admin } from "../api.js";
import { count, dateTime, difference, duration, idOf } from "../format.js";
import { readClock, serviceTime, usePoll, useTick } from "../live.js";
import { href, setParameters } from "../route.js";
import { announce, attempt, Badge, Button, ErrorBox, Field, Form, Table, User } from "../ui.js";

// The kinds of what falls due, in words.
const kinds = {
  tokenExpiration: "A chat token expires",
  sessionExpiration: "A session ends",
  chatLogDelivery: "Records of a chat log are delivered",
  loggingConfiguration: "The state of a logging configuration ends",
};

const steps = [["1 min", "1m"], ["5 min", "5m"], ["1 h", "1h"], ["1 day", "24h"]];
const scales = [1, 10, 60, 3600];

export default function Clock({ route, scope, clock: shared }) {
  const { account } = scope;
  const { kind = "" } = route.parameters;
  const key = account + " " + kind;
  const state = usePoll("clock " + account, async () => {
    const [all, own] = await Promise.all([admin("GET", "clock"), readClock(account)]);
    return { ...own, accounts: all.accounts };
  });
  const due = usePoll("due " + key, () => admin("GET", "clock/due", { account, kind, count: 100 }));
  // change moves the clock of one account, or of all, and says where it is then.
  const change = async (body, whose = account) => {
    await attempt(() => admin("POST", "clock", { account: whose }, body), ({ now, scale }) =>
      `The clock${whose && ` of ${whose}`} is at ${dateTime(now)}${scale === 0 ? " and stands still" : ""}.`);
    for (const { reload } of [state, due, shared]) reload();
  };
  const clock = state.value;
  if (!clock) return html`<h1>Clock</h1><${ErrorBox} error=${state.error} />`;
  // An account with a clock of its own is moved alone: its time is not the time of the others.
  const clockOf = (owner) => clock.accounts.find((one) => one.account === owner);
  const advanceTo = (item) => change({ to: item.time }, account || clockOf(item.account)?.account || "");
  const next = async (kind) => {
    const answer = await attempt(() => admin("GET", "clock/due", { account, kind, count: 1 }));
    if (answer?.items.length === 0) announce(nothing[kind], true);
    else if (answer) await advanceTo(answer.items[0]);
  };
  return html`
    <h1>Clock</h1>
    <${ErrorBox} error=${state.error} />
    <div class="columns">
      <${Now} clock=${clock} account=${account} change=${change} />
      <${Advance} scope=${scope} change=${change} next=${next} />
    </div>
    ${clock.accounts.length > 0 && html`<${Accounts} clock=${clock} />`}
    <section>
      <h2>What will fall due</h2>
      <div class="bar"><${Field} type="select" label="Show" value=${kind} onChange=${(kind) => setParameters({ kind })}
        options=${[["", "Everything"], ...Object.entries(kinds)]} /></div>
      <${ErrorBox} error=${due.error} />
      ${due.value && html`<${Due} due=${due.value} clock=${clock} clockOf=${clockOf}
        advanceTo=${advanceTo} scope=${scope} />`}
    </section>`;
}

const nothing = {
  tokenExpiration: "There is no chat token that will expire.",
  sessionExpiration: "There is no open session.",
};

const tick = 250; // milliseconds between two updates of a time that runs

function Pace({ clock }) {
  if (clock.frozen) return html`<${Badge} kind="warn">frozen<//>`;
  return html`<${Badge} kind=${clock.scale === 1 ? "" : "warn"}>× ${clock.scale}<//>`;
}

function Now({ clock, account, change }) {
  useTick(tick);
  const [scale, setScale] = useState("");
  const now = serviceTime(clock);
  return html`<section class="card" aria-labelledby="now">
    <h2 id="now">${account ? html`Account <bdi>${account}</bdi>` : "All accounts"}</h2>
    <dl>
      <dt>Service</dt><dd><time data-service>${dateTime(now)}</time> <${Pace} clock=${clock} /></dd>
      <dt>Machine</dt><dd><time>${dateTime(Date.now())}</time></dd>
      <dt>Difference</dt><dd data-ahead>${difference(now - Date.now())}</dd>
    </dl>
    ${clock.warning && html`<p class="warn"><strong>Warning:</strong> ${clock.warning}</p>`}
    <div class="actions" role="group" aria-label="Pace">
      ${clock.frozen ? html`<${Button} onClick=${() => change({ freeze: false })}>Resume<//>`
        : html`<${Button} onClick=${() => change({ freeze: true })}>Freeze<//>`}
      ${scales.map((value) => html`<${Button} aria-pressed=${String(clock.scale === value)}
        onClick=${() => change({ scale: value })}>× ${value}<//>`)}
    </div>
    <${Form} class="bar" onSubmit=${() => change({ scale: Number(scale) })}>
      <${Field} label="Other scale" type="number" min="0" max="86400" step="any" required value=${scale}
        onChange=${setScale} />
      <button type="submit">Set the scale</button>
    <//>
  </section>`;
}

function Advance({ scope, change, next }) {
  const [by, setBy] = useState("");
  const [to, setTo] = useState("");
  // A browser leaves out the seconds if they are 0.
  const time = to.length === 16 ? to + ":00Z" : to + "Z";
  return html`<section class="card" aria-labelledby="advance">
    <h2 id="advance">Advance</h2>
    <p>The clock cannot go back. Only a <a href=${href("state", "", scope)}>reset</a> sets it to the machine's time
      again, and that also removes rooms and sessions.</p>
    <div class="actions">
      ${steps.map(([text, advance]) => html`<${Button} onClick=${() => change({ advance })}>+ ${text}<//>`)}
      <${Button} onClick=${() => next("tokenExpiration")}>To the next token expiry<//>
      <${Button} onClick=${() => next("sessionExpiration")}>To the next session end<//>
    </div>
    <${Form} class="bar" onSubmit=${() => change({ advance: by.trim() })}>
      <${Field} label="Duration" value=${by} onChange=${setBy} placeholder="61m, 1h30m, 48h" required />
      <button type="submit">Advance by</button>
    <//>
    <${Form} class="bar" onSubmit=${() => change({ to: time })}>
      <${Field} label="Time (UTC)" type="datetime-local" step="1" value=${to} onChange=${setTo} required />
      <button type="submit">Advance to</button>
    <//>
  </section>`;
}

function Accounts({ clock }) {
  useTick(tick);
  return html`<section>
    <h2>Accounts with clocks of their own</h2>
    <p class="muted">A change for all accounts moves these, too.</p>
    <${Table} label="Accounts with clocks of their own" columns=${["Account", "Time", "Difference", "Pace"]}
      rows=${clock.accounts.map((one) => html`<tr key=${one.account}>
        <td class="nowrap"><a href=${href("clock", "", { account: one.account })}>${one.account}</a></td>
        <td class="nowrap">${dateTime(serviceTime(one, clock.received))}</td>
        <td>${difference(serviceTime(one, clock.received) - Date.now())}</td>
        <td><${Pace} clock=${one} /></td>
      </tr>`)} />
  </section>`;
}

function Due({ due, clock, clockOf, advanceTo, scope }) {
  useTick(tick);
  if (due.items.length === 0) return html`<p class="muted">Nothing.</p>`;
  const left = (item) => Date.parse(item.time) - serviceTime(clockOf(item.account) ?? clock, clock.received);
  const row = (item) => html`<tr key=${[item.kind, item.time, item.session, item.userId, item.room].join()}>
    <td>${kinds[item.kind] ?? item.kind}${item.userId && html`: <${User} id=${item.userId} />`}</td>
    <td class="mono">
      ${item.room && html`<a href=${href("room", item.room, { ...scope, tab: "people" })}>${idOf(item.room)}</a>`}
      ${item.loggingConfiguration && html`<div>${idOf(item.loggingConfiguration)}</div>`}</td>
    <td class="mono nowrap">${item.account}</td>
    <td class="nowrap"><time datetime=${item.time} title=${item.time}>${dateTime(item.time)}</time></td>
    <td class="right">${duration(Math.max(0, left(item)))}</td>
    <td><${Button} kind="small" onClick=${() => advanceTo(item)}
      aria-label=${`Advance to it: ${kinds[item.kind]} ${item.userId ?? ""}`}>Advance to it<//></td>
  </tr>`;
  return html`<${Table} label="What will fall due" columns=${["What", "Of", "Account", "When", ">Left", ""]}
    rows=${due.items.map(row)} />
    ${due.total > due.items.length && html`<p class="muted">${count(due.total - due.items.length, "later one")} not
      shown.</p>`}`;
}
