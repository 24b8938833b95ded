// Chat logs: what became of the records, the records of a room, and the logging configurations.

import { html } from "../vendor/htm-preact.js";
import { admin, aws } from "../api.js";
import { idOf, number, visible } from "../format.js";
import { usePoll } from "../live.js";
import { href, setParameters } from "../route.js";
import { attempt, Badge, Button, ErrorBox, Form, Json, Table, Time, useForm } from "../ui.js";

// The kinds of destinations: the member of destinationConfiguration, its member with the name, and the text.
const destinations = [
  ["s3", "bucketName", "S3 bucket"],
  ["cloudWatchLogs", "logGroupName", "CloudWatch Logs group"],
  ["firehose", "deliveryStreamName", "Firehose delivery stream"],
];

export function ChatLogs({ route, scope, info }) {
  const { room = "" } = route.parameters;
  const { account } = scope;
  const logs = usePoll("logs", () => admin("GET", "chat-logs", { account }));
  const flush = async () => {
    await attempt(() => admin("POST", "chat-logs/flush", { account }), "Delivered what was spooled, or it has failed.");
    logs.reload();
  };
  const items = logs.value?.items ?? [];
  const row = ({ rooms, ...log }) => html`<tr key=${log.loggingConfiguration + log.name}>
      <td class="mono">${idOf(log.loggingConfiguration)}<br />${log.kind}: <bdi>${log.name}</bdi></td>
      <td class="right">${number(log.spooled)}</td><td class="right">${number(log.delivered)}</td>
      <td class="right">${number(log.dropped)}</td>
      <td>${log.lastDelivery && html`<${Time} at=${log.lastDelivery.time} /> <code>${log.lastDelivery.where}</code>`}
        ${log.lastError && html`<div class="bad"><${Time} at=${log.lastError.time} /> ${log.lastError.reason}:
          ${log.lastError.message} (${log.lastError.attempts}×)</div>`}</td>
      <td>${rooms.slice(0, 20).map((one) => html`<div><a class="mono" href=${href("state", "", { ...scope, tab: "logs",
        room: one.room })} aria-label=${`Records of ${idOf(one.room)}`}>${idOf(one.room)}</a></div>`)}
        ${rooms.length > 20 && `and ${rooms.length - 20} others`}</td>
    </tr>`;
  return html`<h2>Chat logs</h2>
    <${ErrorBox} error=${logs.error} />
    ${items.length === 0 ? html`<p class="muted">There are no records. They need a room with logging.</p>`
      : html`<${Table} label="Chat logs" rows=${items.map(row)}
        columns=${["Logging configuration", ">Spooled", ">Delivered", ">Lost", "Last", "Records"]} />`}
    <div class="actions"><${Button} onClick=${flush}>Deliver now<//></div>
    ${room && html`<${Records} key=${room} room=${room} />`}
    <${Configurations} scope=${scope} info=${info} />`;
}

function Records({ room }) {
  const records = usePoll(room, () => admin("GET", "chat-logs/records", { room, count: 100 }));
  return html`<section class="card">
    <h2>Latest records of <code>${idOf(room)}</code></h2>
    <${Button} kind="small" onClick=${() => setParameters({ room: "" })}>Hide<//>
    <${ErrorBox} error=${records.error} />
    ${records.value && html`<${Json} label="Records" value=${records.value.items.toReversed()
      .map(({ log }) => visible(JSON.stringify(log.record))).join("\n") || "None."} />`}
  </section>`;
}

// Configurations are those of one account in one region. They are not polled, because each request would be a call
// in the journal.
function Configurations({ scope, info }) {
  const owner = { account: scope.account || info.account, region: scope.region || info.region };
  const [form, , field] = useForm({ name: "", kind: "s3", destination: "" });
  const list = usePoll("configurations", async () => {
    const found = [];
    let nextToken;
    do {
      const page = await aws("ListLoggingConfigurations", { maxResults: 50, nextToken }, owner);
      found.push(...page.loggingConfigurations);
      nextToken = page.nextToken;
    } while (nextToken);
    return found;
  }, 0);
  const change = async (operation, input, done) => {
    await attempt(() => aws(operation, input, owner), done);
    list.reload();
  };
  const create = () => {
    const [kind, member] = destinations.find(([kind]) => kind === form.kind);
    const input = { name: form.name, destinationConfiguration: { [kind]: { [member]: form.destination } } };
    return change("CreateLoggingConfiguration", input, "Created the logging configuration.");
  };
  const row = ({ arn, name, state, destinationConfiguration }) => html`<tr key=${arn}>
    <td><bdi>${name || idOf(arn)}</bdi><br /><small class="mono">${arn}</small></td>
    <td><${Badge} kind=${state === "ACTIVE" ? "good" : "warn"}>${state}<//></td>
    <td class="mono">
      ${Object.entries(destinationConfiguration).map(([kind, one]) => `${kind}: ${Object.values(one)}`)}</td>
    <td><${Button} kind="small danger" aria-label=${`Delete ${name || idOf(arn)}`} onClick=${() => change(
      "DeleteLoggingConfiguration", { identifier: arn }, "Deleted the logging configuration.")}>Delete<//></td>
  </tr>`;
  return html`<section>
    <h2>Logging configurations of account ${owner.account} in ${owner.region}</h2>
    <${ErrorBox} error=${list.error} />
    ${list.value?.length > 0 && html`<${Table} label="Logging configurations"
      columns=${["Name", "State", "Destination", ""]} rows=${list.value.map(row)} />`}
    <div class="actions"><${Button} onClick=${list.reload}>Reload<//></div>
    <${Form} class="card" onSubmit=${create}><div class="fields">
      ${field("name", "Name")}
      ${field("kind", "Destination", { type: "select", options: destinations.map(([kind, , text]) => [kind, text]) })}
      ${field("destination", "Name of the destination", { required: true })}
    </div><button class="primary" type="submit">Create</button><//>
  </section>`;
}
