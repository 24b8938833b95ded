// The state of the emulator: snapshot, seed and reset, and in tabs of their own, reviews and chat logs.

import { html, useState } from "../vendor/htm-preact.js";
import { admin, query, root } from "../api.js";
import { bytes } from "../format.js";
import { href } from "../route.js";
import { announce, Button, Confirm, ErrorBox, Field, Form, Tabs } from "../ui.js";
import { ChatLogs } from "./logs.js";
import { Reviews } from "./reviews.js";

const maximumSnapshot = 256 << 20; // bytes
const maximumSeed = 1 << 20;

const tabs = [["", "Snapshot, seed, reset"], ["reviews", "Reviews"], ["logs", "Chat logs"]];

export default function State({ route, scope, info, clock }) {
  const { tab = "", room } = route.parameters;
  const links = tabs.map(([id, text]) => ({ id, text, href: href("state", "", { ...scope, tab: id, room }) }));
  const account = scope.account;
  return html`<h1>State</h1>
    <${Tabs} tabs=${links} current=${tab} label="Parts of the state" />
    ${tab === "reviews" && html`<${Reviews} key=${account} route=${route} scope=${scope} />`}
    ${tab === "logs" && html`<${ChatLogs} key=${JSON.stringify(scope)} route=${route} scope=${scope} info=${info} />`}
    ${tab === "" && html`<div class="cards">
      <${Snapshot} account=${account} /><${Seed} account=${account} />
      <${Reset} account=${account} info=${info} clock=${clock} />
    </div>`}`;
}

// whose says what a change is about.
const whose = (account) => (account ? `of account ${account}` : "of all accounts");

// FileField is a field for a file. If it has more than maximum bytes, onFile is not called.
function FileField({ label, accept, maximum, onFile }) {
  const [error, fail] = useState();
  const choose = ({ currentTarget }) => {
    const [file] = currentTarget.files;
    const tooLarge = file?.size > maximum;
    fail(tooLarge ? new Error(`${file.name} has ${bytes(file.size)}. The maximum is ${bytes(maximum)}.`) : undefined);
    if (file && !tooLarge) onFile(file);
    currentTarget.value = ""; // so that the same file can be chosen again
  };
  return html`<label class="field"><strong>${label}</strong>
      <input type="file" accept=${accept} onChange=${choose} /></label>
    <${ErrorBox} error=${error} />`;
}

function Snapshot({ account }) {
  const [file, choose] = useState();
  const name = ({ currentTarget }) => {
    const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    currentTarget.download = `ivschat-${account && account + "-"}${time}.json`;
  };
  return html`<section class="card" aria-labelledby="snapshot">
    <h2 id="snapshot">Snapshot</h2>
    <p>All rooms, logging configurations and tags ${whose(account)}, as a JSON document.</p>
    <p><a href=${new URL("_ivschat/v1/snapshot" + query({ account }), root)} download onClick=${name}>Download
      a snapshot</a></p>
    <${FileField} label="Restore a snapshot" accept=".json" maximum=${maximumSnapshot} onFile=${choose} />
    ${file && html`<${Confirm} title="Restore the snapshot?" action="Restore" done="Restored the snapshot."
      run=${() => admin("PUT", "snapshot", { account }, file)} onClose=${() => choose()}>
      <p><bdi>${file.name}</bdi> (${bytes(file.size)}) replaces all rooms and logging configurations
        ${whose(account)}. What it does not have is removed, and all clients are disconnected. This cannot be
        undone.</p>
    <//>`}
  </section>`;
}

function Seed({ account }) {
  const [text, setText] = useState("rooms:\n  - name: lobby\n");
  const submit = async () => {
    await admin("POST", "seed", { account }, text);
    announce("Added what the document has.");
  };
  return html`<section class="card" aria-labelledby="seed">
    <h2 id="seed">Seed</h2>
    <p>Adds rooms and logging configurations, and updates those with the same ID. Nothing is removed. JSON or YAML, as
      the <a href=${new URL("_ivschat/v1/seed.schema.json", root)}>JSON Schema</a> says.</p>
    <${FileField} label="Read a file into the text" accept=".json,.yaml,.yml" maximum=${maximumSeed}
      onFile=${async (file) => setText(await file.text())} />
    <${Form} onSubmit=${submit}>
      <${Field} type="textarea" label="Document" rows="8" required value=${text} onChange=${setText} />
      <button class="primary" type="submit">Add</button>
    <//>
  </section>`;
}

function Reset({ account, info, clock }) {
  const [to, choose] = useState();
  const words = { empty: "empty", seed: "the seed" };
  return html`<section class="card" aria-labelledby="reset">
    <h2 id="reset">Reset</h2>
    <p>Removes rooms, logging configurations, sessions, faults, scripted answers and the journal ${whose(account)}, and
      sets the clock back.</p>
    <div class="actions">
      <${Button} kind="danger" onClick=${() => choose("empty")}>Reset to empty<//>
      ${info.seeded && html`<${Button} kind="danger" onClick=${() => choose("seed")}>Reset to the seed<//>`}
    </div>
    ${to && html`<${Confirm} title=${`Reset to ${words[to]}?`} action="Reset" done=${`Reset to ${words[to]}.`}
      run=${() => admin("POST", "reset", { account }, { to }).then(clock.reload)} onClose=${() => choose()}>
      <p>Everything ${whose(account)} is removed${to === "seed" && ", except for what the seed has"}, and all clients
        are disconnected. This cannot be undone. Download a snapshot first if you may need it again.</p>
    <//>`}
  </section>`;
}
