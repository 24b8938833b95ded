// A chat token: what it says, whether it can still be used, and a form that issues one. A token is a secret, so
// it is neither in the URL nor in a storage, and it is not announced.

import { html, useState } from "../vendor/htm-preact.js";
import { admin, aws, ownerOf } from "../api.js";
import { attributes, dateTime, duration, visible } from "../format.js";
import { usePoll } from "../live.js";
import { go, href, setParameters } from "../route.js";
import {
  announce, attempt, Badge, Button, Capabilities, CopyButton, ErrorBox, Field, Form, Pairs, RoomField, useForm,
} from "../ui.js";
import { addUser } from "./room-users.js";

export default function Token({ route, scope }) {
  const [pasted, paste] = useState("");
  const token = tokenIn(pasted);
  return html`<h1>Token</h1>
    <div class="columns">
      <section class="card" aria-labelledby="inspect">
        <h2 id="inspect">What a chat token says</h2>
        <${Field} label="Chat token" type="textarea" value=${pasted} onChange=${paste} autocomplete="off"
          hint="Of this emulator. It stays on this page, and is not used by looking at it." />
        ${token && html`<${Inspection} key=${token} token=${token} scope=${scope} />`}
      </section>
      <${Issue} room=${route.parameters.room ?? ""} scope=${scope} onIssue=${paste} />
    </div>`;
}

// tokenIn returns the token in what was pasted, which may be the reply of CreateChatToken.
function tokenIn(text) {
  const match = /"token"\s*:\s*"([^"]*)"/i.exec(text);
  return (match ? match[1] : text).replace(/\s+/g, "");
}

function Inspection({ token, scope }) {
  const { value, error, reload } = usePoll(token, async () => {
    const found = await admin("POST", "tokens/inspect", {}, { token });
    const clock = await admin("GET", "clock", { account: ownerOf(found.room).account });
    return { ...found, now: Date.parse(clock.now) };
  }, 1000);
  if (error) return html`<${ErrorBox} error=${error} />`;
  if (!value) return html`<p class="loading">Loading…</p>`;
  const { room, userId, used, expired, now, sessionExpirationTime } = value;
  const when = (at) => {
    const left = Date.parse(at) - now;
    return html`${dateTime(at)} <small>${left > 0 ? `in ${duration(left)}` : `${duration(-left)} ago`}</small>`;
  };
  const speak = () => attempt(async () => {
    const settings = { userId, capabilities: value.capabilities, attributes: value.attributes };
    await addUser(room, settings, { token, sessionExpirationTime });
    go("room", room, scope);
  }).then(reload);
  return html`<p>
      ${used && html`<${Badge} kind="warn">used<//> It has opened a connection, and cannot open another. `}
      ${expired && html`<${Badge} kind="bad">expired<//> It cannot open a connection any more.`}
      ${!used && !expired && html`<${Badge} kind="good">valid<//> It can open one connection.`}
    </p>
    <dl>
      <dt>Room</dt><dd><a class="mono" href=${href("room", room, scope)}>${room}</a></dd>
      <dt>User</dt><dd><bdi>${visible(userId)}</bdi></dd>
      <dt>Capabilities</dt><dd>${value.capabilities.join(", ") || "none: it can only receive"}</dd>
      <dt>Attributes</dt><dd>${Object.keys(value.attributes).length === 0 ? "none"
        : html`<${Pairs} of=${value.attributes} />`}</dd>
      <dt>Issued</dt><dd>${when(value.issueTime)}</dd>
      <dt>Connects until</dt><dd>${when(value.tokenExpirationTime)}</dd>
      <dt>Session ends</dt><dd>${when(sessionExpirationTime)}</dd>
    </dl>
    <div class="actions">
      <${CopyButton} text=${token} what="the chat token" />
      <${Button} kind="small" disabled=${used || expired} onClick=${speak}>Speak with it<//>
    </div>`;
}

function Issue({ room, scope, onIssue }) {
  const [form, change, field] = useForm({ userId: "anna", chosen: ["SEND_MESSAGE"], attributes: "", minutes: "60" });
  const submit = async () => {
    const arn = room.trim();
    if (!arn.startsWith("arn:")) throw new Error(`The room must be an ARN, but is: ${arn || "nothing"}`);
    const { token } = await aws("CreateChatToken", {
      roomIdentifier: arn, userId: form.userId, capabilities: form.chosen,
      attributes: attributes(form.attributes), sessionDurationInMinutes: Number(form.minutes),
    }, ownerOf(arn));
    onIssue(token);
    announce("Issued a chat token.");
  };
  return html`<section class="card" aria-labelledby="issue">
    <h2 id="issue">Issue a chat token</h2>
    <${Form} onSubmit=${submit}>
      <${RoomField} label="Room" value=${room} scope=${scope} hint="ARN"
        onChange=${(room) => setParameters({ room })} />
      ${field("userId", "User ID")}
      <${Capabilities} chosen=${form.chosen} onChange=${(chosen) => change({ chosen })} />
      ${field("attributes", "Attributes", { type: "textarea", hint: "KEY=VALUE, one in each line" })}
      ${field("minutes", "Session duration", { type: "number", hint: "1 to 180 minutes" })}
      <button class="primary" type="submit">Issue</button>
    <//>
  </section>`;
}
