// Charts: what the emulator has done in the last two minutes, from its metrics.

import { html, useRef } from "../vendor/htm-preact.js";
import { adminText } from "../api.js";
import { number, time } from "../format.js";
import { usePoll } from "../live.js";
import { errorKinds, measure, parse } from "../metrics.js";
import { setParameters } from "../route.js";
import { Button, ErrorBox, Table } from "../ui.js";

const span = 120_000; // milliseconds
const interval = 1000;

// The charts: the title, the unit, and the series with their names.
const charts = [
  ["Frames from clients", "per second", { messages: "frames" }],
  ["Frames to clients", "per second", { deliveries: "frames" }],
  ["Connections", "open", { connections: "connections" }],
  ["Errors", "per second",
    Object.fromEntries(Object.entries(errorKinds).map(([kind, text]) => ["error-" + kind, text]))],
  ["Latency of calls and reviews", "ms", { p50: "calls, p50", p99: "calls, p99", reviews: "reviews, p99" }],
];

// What was measured. It is kept while another panel is open.
let points = [];
let last; // {samples, at} of the latest answer

async function load() {
  const samples = parse(await adminText("metrics"));
  const at = performance.now();
  // After a pause, a rate would be the average of a long time.
  const recent = last && at - last.at < 5 * interval ? last.samples : undefined;
  points = points.filter((point) => point.at > at - span);
  points.push({ at, time: Date.now(), ...measure(recent, samples, (at - last?.at) / 1000) });
  last = { samples, at };
  return points;
}

export default function Charts({ route }) {
  const { view, paused } = route.parameters;
  const poll = usePoll("charts", load, interval);
  const shown = useRef([]);
  if (!paused || shown.current.length === 0) shown.current = poll.value ?? [];
  const toggle = (name, on, text) => html`<${Button} aria-pressed=${String(Boolean(on))}
    onClick=${() => setParameters({ [name]: on ? "" : "1" })}>${text}<//>`;
  return html`<h1>Charts</h1>
    <p class="muted">The last two minutes of all accounts, while this page is open.</p>
    <div class="actions">${toggle("paused", paused, "Pause")} ${toggle("view", view, "Table")}</div>
    <${ErrorBox} error=${poll.error} />
    ${view ? html`<${Numbers} points=${shown.current} />` : html`<div class="cards">
      ${charts.map(([title, unit, series]) => html`<${Chart} key=${title} title=${title} unit=${unit} series=${series}
        points=${shown.current} />`)}</div>`}`;
}

// roundUp returns the next number of 1, 2, 5, 10, 20, 50 and so on.
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((step) => step * power >= value);
}

function Chart({ title, unit, series, points }) {
  const names = Object.keys(series);
  const now = points.at(-1) ?? {};
  const maximum = Math.max(...points.flatMap((point) => names.map((name) => point[name] ?? 0)), 0);
  const top = maximum > 0 ? roundUp(maximum) : 1;
  const path = (name) => points.map((point, at) => {
    if (point[name] === undefined) return "";
    const begins = points[at - 1]?.[name] === undefined;
    const [x, y] = [240 - (240 * (now.at - point.at)) / span, 60 - (58 * point[name]) / top];
    return `${begins ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}${begins ? "h0" : ""}`; // h0: one value is a dot
  }).join("");
  return html`<figure class="card chart">
    <figcaption><h2>${title}</h2>
      ${names.map((name, at) => html`<div class="hue-${at}"><strong data-value=${name}>${number(now[name])}</strong>
        ${names.length > 1 && ` ${series[name]}`} <small>${unit}</small></div>`)}
    </figcaption>
    <svg viewBox="0 0 240 60" preserveAspectRatio="none" aria-hidden="true">
      ${names.map((name, at) => html`<path class="hue-${at}" d=${path(name)} />`)}
    </svg>
    <small class="axis"><span>2 min ago</span><span>top: ${number(top)} ${unit}</span><span>now</span></small>
  </figure>`;
}

// Numbers is the same as a table.
function Numbers({ points }) {
  const columns = charts.flatMap(([title, unit, series]) => Object.entries(series)
    .map(([name, text]) => [name, `>${Object.keys(series).length > 1 ? text : title} (${unit})`]));
  const row = (point) => html`<tr key=${point.at}><td><time>${time(point.time)}</time></td>
    ${columns.map(([name]) => html`<td class="right">${number(point[name])}</td>`)}</tr>`;
  return html`<${Table} label="Measurements" columns=${["Time", ...columns.map(([, text]) => text)]}
    rows=${points.toReversed().map(row)} />`;
}
