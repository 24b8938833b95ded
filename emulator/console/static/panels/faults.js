// Faults: presets in words, any rule as JSON, the rules that can still fire, and what has fired.

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { admin } from "../api.js";
import { effectOf, frequencyOf, inputs, namesOf, presets, ruleOf } from "../faults.js";
import { count, idOf, json } from "../format.js";
import { usePoll, useStream } from "../live.js";
import { href, setParameters } from "../route.js";
import { announce, attempt, Button, ErrorBox, Field, Form, RoomField, RowList, Table, Time, User } from "../ui.js";

export default function Faults({ route, scope }) {
  const { room = "", userId = "" } = route.parameters;
  const { account, region } = scope;
  const rules = usePoll("faults" + account, () => admin("GET", "faults", { account }));
  const add = async (rule) => {
    const done = ({ items }) => `Added ${count(items.length, "fault")}.`;
    await attempt(() => admin("POST", "faults", { account }, rule), done);
    rules.reload();
  };
  return html`
    <h1>Faults</h1>
    <${Rules} rules=${rules} scope=${scope} />
    <h2 id="presets">Add a fault</h2>
    <div class="bar">
      <div class="grow"><${RoomField} label="Only in the room" value=${room} scope=${scope}
        placeholder="ARN, or nothing for every room" onChange=${(room) => setParameters({ room })} /></div>
      <${Field} label="Only for the user" value=${userId} placeholder="Every user"
        onChange=${(userId) => setParameters({ userId })} />
    </div>
    <ul class="presets" aria-labelledby="presets">
      ${presets.map((preset) => html`<${Preset} key=${preset.text} preset=${preset} add=${add}
        target=${{ room, userId, account, region }} />`)}
    </ul>
    <${Free} add=${add} target=${{ room, userId }} />
    <${Fired} account=${account} />`;
}

// Preset is a sentence with inputs in it.
function Preset({ preset, add, target }) {
  const names = namesOf(preset).filter((name) => name !== "user");
  const [values, set] = useState(() => Object.fromEntries(names.map((name) => [name, inputs[name].value])));
  const part = (name, at) => {
    if (at % 2 === 0) return name;
    if (name === "user") return target.userId ? html`<${User} id=${target.userId} />` : "everybody";
    const { label, options, value, ...rest } = inputs[name];
    const common = { "aria-label": label, value: values[name], required: true,
      onInput: ({ currentTarget }) => set({ ...values, [name]: currentTarget.value }) };
    return options ? html`<select ...${common}>${options.map((option) => html`<option
        value=${[option].flat()[0]}>${[option].flat().at(-1)}</option>`)}</select>`
      : html`<input ...${rest} ...${common} />`;
  };
  const submit = () => (preset.rule ? add(ruleOf(preset, values, target)) : breakNow(values.broken, target));
  const all = { ...values, user: target.userId || "everybody" };
  const [verb, name] = [preset.rule ? "Add" : "Do it", preset.text.replace(/\{(\w+)\}/g, (_, name) => all[name])];
  return html`<li><${Form} onSubmit=${submit}><span>${preset.text.split(/\{(\w+)\}/).map(part)}</span>
    <button class="small" type="submit" aria-label=${`${verb}: ${name}`}>${verb}</button>
  <//></li>`;
}

// breakNow ends or breaks the open sessions of a room or of all rooms, of a user or of everybody.
async function breakNow(how, { room, userId, account, region }) {
  await attempt(async () => {
    const { items } = await admin("GET", "rooms", { account, region });
    const sessions = items.filter(({ arn }) => !room || arn === room).flatMap((one) => one.sessions);
    const chosen = sessions.filter((session) => !userId || session.userId === userId);
    let done = 0;
    const worker = async () => {
      for (let session = chosen.pop(); session; session = chosen.pop()) {
        const end = admin("POST", `sessions/${session.id}`, {}, { [how]: how === "close" ? 1001 : true });
        await end.then(() => done++, (error) => { if (error.status !== 404) throw error; });
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    announce(done > 0 ? `Done to ${count(done, "session")}.` : "There is no such session.", done === 0);
  });
}

function Rules({ rules, scope }) {
  const { account } = scope;
  const items = rules.value?.items ?? [];
  const remove = async (path, parameters, done) => {
    await attempt(() => admin("DELETE", path, parameters), done);
    rules.reload();
  };
  const row = (rule) => html`<tr key=${rule.id}>
    <td class="right">${rule.id}</td>
    <td>${rule.operation}: ${effectOf(rule)}</td>
    <td>${rule.userId && html`<${User} id=${rule.userId} /> `}${rule.capability && ` with ${rule.capability} `}
      ${rule.room && html`<a class="mono" href=${href("room", rule.room, scope)}>${idOf(rule.room)}</a>`}
      ${rule.account}</td>
    <td>${frequencyOf(rule)}</td>
    <td class="right" data-fired>${rule.fired ?? 0}</td>
    <td><${Button} kind="small danger" aria-label=${`Remove fault ${rule.id}`}
      onClick=${() => remove(`faults/${rule.id}`, {}, `Removed the fault ${rule.id}.`)}>Remove<//></td>
  </tr>`;
  return html`<section>
    <h2>Faults that can still fire</h2>
    <${ErrorBox} error=${rules.error} />
    ${items.length === 0 ? html`<p class="muted">None.</p>` : html`<${Table} label="Faults that can still fire"
      columns=${[">ID", "What", "Only for", "How often", ">Fired", ""]} rows=${items.map(row)} />
    <div class="actions"><${Button} kind="danger" onClick=${() => remove("faults", { account }, "Removed the faults.")}>
      ${account ? `Remove all of account ${account}` : "Remove all"}<//></div>`}
  </section>`;
}

// Free takes any rule, or an array of rules. The examples and the members are those of the OpenAPI document.
function Free({ add, target }) {
  const { room, userId } = target;
  const place = { room: room || undefined, userId: userId || undefined };
  const [text, setText] = useState(json({ operation: "MESSAGE", ...place, times: 1, frame: "drop" }));
  const [document, setDocument] = useState();
  useEffect(() => {
    admin("GET", "openapi.json").then(setDocument, () => {}); // without it, there are no examples
  }, []);
  const examples = document?.paths["/faults"].post.requestBody.content["application/json"].examples ?? {};
  const members = document?.components.schemas.Fault.properties ?? {};
  const choose = (name) => {
    if (examples[name]) setText(json(examples[name].value));
  };
  return html`<section class="card" aria-labelledby="free">
    <h2 id="free">Any fault</h2>
    <${Form} onSubmit=${() => add(text)}>
      <${Field} type="select" label="Example" value="" onChange=${choose}
        options=${[["", "Choose one"], ...Object.entries(examples).map(([name, { summary }]) => [name, summary])]} />
      <${Field} type="textarea" label="Rule as JSON, or an array of rules" rows="8" required value=${text}
        onChange=${setText} />
      <button type="submit" class="primary">Add the fault</button>
    <//>
    <details><summary>Members of a rule</summary><dl>
      ${Object.entries(members).map(([name, { description }]) => html`<dt>${name}</dt><dd>${description}</dd>`)}
    </dl></details>
  </section>`;
}

const firing = (entry) => html`<div><${Time} at=${entry.time} /> ${entry.operation} ${entry.userId && html`<${User}
  id=${entry.userId} />`} <span class="muted">fault ${entry.rule}</span></div>`;

function Fired({ account }) {
  const stream = useStream("fired" + account, { kind: "fault", account, after: 0 }); // from the first one on
  return html`<h2>What has fired</h2>
    <${RowList} stream=${stream} render=${firing} label="What has fired" empty="No fault has fired." />`;
}
