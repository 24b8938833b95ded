// The page: navigation, the choice of account and region, the clock in the header, and the current panel.

import { html, render, useEffect, useErrorBoundary, useLayoutEffect, useState } from "./vendor/htm-preact.js";
import { access, admin } from "./api.js";
import { count, dateTime, difference, nameOfPrincipal, visible } from "./format.js";
import { readClock, serviceTime, usePoll, useTick } from "./live.js";
import { href, setParameters, useRoute } from "./route.js";
import { Announcements, Badge, Field } from "./ui.js";

// The panels. A panel that opens a single thing, such as a room, is not in the navigation.
const panels = {
  rooms: { text: "Rooms", load: () => import("./panels/rooms.js") },
  room: { parent: "rooms", load: () => import("./panels/room.js") },
  frames: { text: "Frames", load: () => import("./panels/frames.js") },
  calls: { text: "Calls", load: () => import("./panels/calls.js") },
  clock: { text: "Clock", load: () => import("./panels/clock.js") },
  faults: { text: "Faults", load: () => import("./panels/faults.js") },
  token: { text: "Token", load: () => import("./panels/token.js") },
  state: { text: "State", load: () => import("./panels/state.js") },
  charts: { text: "Charts", load: () => import("./panels/charts.js") },
};

// usePanel returns the component of a panel, or undefined while it is loaded.
function usePanel(name) {
  const [loaded, setLoaded] = useState({});
  useLayoutEffect(() => {
    let current = true; // an earlier panel can take longer than the one after it
    const show = (Panel) => current && setLoaded({ name, Panel });
    panels[name].load().then(
      (module) => show(module.default),
      (error) => show(() => html`<p class="error-box">${error.message}</p>`),
    );
    return () => (current = false);
  }, [name]);
  return loaded.name === name ? loaded.Panel : undefined;
}

// Guarded shows an error of a panel in place of the panel.
function Guarded({ children }) {
  const [error, reset] = useErrorBoundary();
  if (!error) return children;
  return html`<p class="error-box" role="alert">This panel failed: ${error.message}</p>
    <button type="button" onClick=${reset}>Show it again</button>`;
}

// ClockView shows the service's time, which runs between two answers of the emulator.
function ClockView({ clock }) {
  useTick(1000);
  if (!clock) return null;
  const now = serviceTime(clock);
  const ahead = now - Date.now();
  return html`<a class="clock" href=${href("clock")} title="The service's time">
    <time>${dateTime(now)}</time>
    ${clock.frozen && html` <${Badge} kind="warn">frozen<//>`}
    ${!clock.frozen && clock.scale !== 1 && html` <${Badge} kind="warn">× ${clock.scale}<//>`}
    ${Math.abs(ahead) > 2000 && html` <${Badge}>${difference(ahead)}<//>`}
  </a>`;
}

// NodeView shows which node of a cluster has answered, and how many there are.
const NodeView = ({ node, nodes }) => nodes && html`<small class="muted" data-nodes
  title=${nodes.map(({ name }) => visible(name)).join(", ")}>${visible(node)} · ${count(nodes.length, "node")}</small>`;

// readInfo returns the emulator's info. If signatures are verified, it also has the callers, and the account is that of
// the first one.
async function readInfo() {
  const info = await admin("GET", "info");
  if (info.auth === "off") return info;
  const { items: callers } = await admin("GET", "callers");
  return { ...info, callers, account: callers[0].account };
}

// Scope chooses whose resources the panels show and, if signatures are verified, as whom the page calls operations.
// The account is then that of the caller.
function Scope({ scope, accounts, regions, callers }) {
  const choice = (name, options, other) => html`<${Field} type="select" label=${name} value=${scope[name.toLowerCase()]}
    onChange=${(value) => setParameters({ ...other, [name.toLowerCase()]: value })}
    options=${options} />`;
  const all = (values, text) => [["", text], ...values.map((value) => [value, value])];
  const names = callers?.map((one) =>
    [one.accessKeyId, `${nameOfPrincipal(one)} · ${one.accessKeyId}`]);
  return html`<div class="scope">
    ${callers && choice("As", [["", "First caller"], ...names])}
    ${choice("Account", all(accounts, "All accounts"), { as: "" })}
    ${choice("Region", all(regions, "All regions"))}
  </div>`;
}

// known returns what is listed and what is chosen, each once.
const known = (values, chosen) => [...new Set([...values, chosen].filter(Boolean))].sort();

function App() {
  const route = useRoute();
  const { region = "" } = route.parameters;
  const info = usePoll("info", readInfo, 5000);
  const { auth = "off", tls = false, callers } = info.value ?? {};
  const caller = callers?.find(({ accessKeyId }) => accessKeyId === route.parameters.as);
  const account = caller?.account ?? route.parameters.account ?? "";
  const scope = { account, region, as: callers && (caller?.accessKeyId ?? "") };
  Object.assign(access, { auth, tls, callers: callers ?? [], as: scope.as });
  const name = Object.hasOwn(panels, route.panel) ? route.panel : "rooms";
  const shown = panels[name].parent ?? name; // in the navigation
  const Panel = usePanel(name);
  const clock = usePoll("clock" + account, () => readClock(account), 2000);
  useEffect(() => {
    document.title = `${panels[shown].text} · ivschat-local`;
    // In a narrow window, the navigation is one row, and has to scroll to the panel.
    const link = document.querySelector("nav.panels [aria-current]");
    link.parentElement.scrollLeft = link.offsetLeft - (link.parentElement.clientWidth - link.offsetWidth) / 2;
  }, [shown]);
  const owners = info.value?.owners ?? [];
  const accounts = known([info.value?.account, ...owners.concat(callers ?? []).map((one) => one.account)], account);
  const regions = known([info.value?.region, ...owners.map((one) => one.region)], region);
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header class="top">
      <a class="brand" href=${href("rooms", "", scope)}>
        <img src="icon.svg" alt="" width="24" height="24" />ivschat-local</a>
      <${ClockView} clock=${clock.value} />
      <${NodeView} ...${info.value} />
      ${info.error && html`<${Badge} kind="bad">The emulator does not answer<//>`}
      <${Scope} scope=${scope} accounts=${accounts} regions=${regions} callers=${callers} />
    </header>
    <nav class="panels" aria-label="Panels">
      ${Object.entries(panels).filter(([, { text }]) => text).map(([id, { text }]) => html`<a
        href=${href(id, "", scope)} aria-current=${id === shown ? "page" : undefined}>${text}</a>`)}
    </nav>
    <main id="main" tabindex="-1">
      ${Panel && info.value
        ? html`<${Guarded} key=${name}><${Panel} route=${route} scope=${scope} info=${info.value} clock=${clock} /><//>`
        : html`<p class="loading">${info.error ? info.error.message : "Loading…"}</p>`}
    </main>
    <footer>
      ${info.value && html`ivschat-local ${info.value.version} · <a href="../v1/openapi.json">admin API</a>`}
    </footer>
    <${Announcements} />`;
}

// skip moves the focus to the content. The hash is the route, so the link cannot do it.
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

const app = document.getElementById("app");
app.replaceChildren();
render(html`<${App} />`, app);
