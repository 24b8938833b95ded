// Taking part in a room from this page: who is connected, what they say, and moderation.

import { html } from "../vendor/htm-preact.js";
import { aws, ownerOf } from "../api.js";
import { attributes, duration } from "../format.js";
import { announce, attempt, Badge, Button, Capabilities, Dialog, Form, useForm, User } from "../ui.js";
import { addUser, connectedIn, removeUser, useChanges, usersIn } from "./room-users.js";

const pairs = "KEY=VALUE, one in each line";

// parsed returns the attributes in a text, or undefined if there are none.
const parsed = (text) => (text.trim() === "" ? undefined : attributes(text));

// timeLeft returns how long it is until a time of the service, or "".
export const timeLeft = (at, now) => (at && now !== undefined ? duration(Math.max(0, Date.parse(at) - now)) : "");

const leave = ({ state }) => (state === "closed" ? "Remove" : "Leave");

// PeopleCard shows the people of this page in a room, and connects more. now is the service's time.
export function PeopleCard({ arn, now }) {
  useChanges();
  const one = (user) => html`<li key=${user.id}>
    <${User} id=${user.userId} /> <${Badge} kind=${user.state === "connected" ? "good" : ""}>${user.state}<//>
    ${user.state === "connected" && html` <small>expires in ${timeLeft(user.expires, now)}</small>`}
    ${user.pending.size > 0 && html` <small>${user.pending.size} unanswered</small>`}
    ${user.reason && html` <small>${user.reason}</small>`}
    ${user.problem && html`<div class="bad" role="alert"><bdi>${user.problem}</bdi></div>`}
    <span class="actions">
      ${user.state === "closed" && html`<${Button} kind="small" onClick=${() => attempt(() => user.connect())}
        aria-label=${`Connect again: ${user.userId}`}>Connect again<//>`}
      <${Button} kind="small" aria-label=${`${leave(user)} ${user.userId}`} onClick=${() => removeUser(user)}>
        ${leave(user)}<//>
    </span></li>`;
  return html`<section class="card" aria-label="People in this page"><h2>People in this page</h2>
    <ul class="people">${usersIn(arn).map(one)}</ul>
    <${ConnectForm} arn=${arn} />
  </section>`;
}

function ConnectForm({ arn }) {
  const [form, change, field] = useForm({ userId: "anna", minutes: "60", attributes: "", chosen: ["SEND_MESSAGE"] });
  const submit = async () => {
    const settings = { userId: form.userId, capabilities: form.chosen, attributes: parsed(form.attributes) };
    await addUser(arn, { ...settings, sessionDurationInMinutes: Number(form.minutes) });
    announce(`${form.userId} is connected.`);
  };
  return html`<${Form} onSubmit=${submit} aria-label="Connect somebody">
    ${field("userId", "User ID", { required: true })}
    <${Capabilities} chosen=${form.chosen} onChange=${(chosen) => change({ chosen })} />
    <details><summary>Attributes and session length</summary>
      ${field("attributes", "Attributes of the user", { type: "textarea", hint: pairs })}
      ${field("minutes", "Session length", { type: "number", hint: "1 to 180 minutes" })}
    </details>
    <button type="submit">Connect</button>
  <//>`;
}

// Composer sends messages of the people of this page.
export function Composer({ arn }) {
  useChanges();
  const users = connectedIn(arn);
  const [form, change, field] = useForm({ who: "", text: "", attributes: "" });
  const user = users.find(({ id }) => id === form.who) ?? users[0];
  const submit = () => {
    user.say(form.text, parsed(form.attributes));
    change({ text: "" });
  };
  if (!user) return html`<p class="muted">To take part, connect somebody in “People in this page”.</p>`;
  const options = users.map(({ id, userId }) => [id, userId]);
  return html`<${Form} onSubmit=${submit} aria-label="Send a message">
    <div class="bar">
      ${field("who", "Speak as", { type: "select", value: user.id, options })}
      <div class="grow">${field("text", "Message")}</div>
      <button class="primary" type="submit">Send</button>
    </div>
    <details><summary>Attributes of the message</summary>
      ${field("attributes", "Attributes", { type: "textarea", hint: pairs })}</details>
  <//>`;
}

// What a ModerationDialog can do. input makes the input of the operation, and request the members of the request of
// a client, if a client can do it.
const moderations = {
  delete: {
    title: "Delete a message", operation: "DeleteMessage", action: "DELETE_MESSAGE", label: "Message ID",
    input: (id, { reason }) => ({ id, reason }), request: (Id, Reason) => ({ Id, Reason }),
  },
  kick: {
    title: "Disconnect a user", operation: "DisconnectUser", action: "DISCONNECT_USER", label: "User ID",
    input: (userId, { reason }) => ({ userId, reason }), request: (UserId, Reason) => ({ UserId, Reason }),
  },
  event: {
    title: "Send an event", operation: "SendEvent", label: "Event name",
    input: (eventName, { attributes }) => ({ eventName, attributes: parsed(attributes) }),
  },
};

// ModerationDialog deletes a message, disconnects a user or sends an event, as what says. target is the message's ID
// or the user's, if it is known. An operation of AWS does it, or somebody of this page.
export function ModerationDialog({ what, target = "", arn, onClose }) {
  const { title, operation, action, label, input, request } = moderations[what];
  const users = action ? connectedIn(arn) : [];
  const [form, , field] = useForm({ target, reason: "", attributes: "", by: "" });
  const submit = async () => {
    const user = users.find(({ id }) => id === form.by);
    const reason = form.reason || undefined;
    if (user) await user.request(action, request(form.target, reason));
    else if (form.by) throw new Error("This user is not connected any more.");
    else await aws(operation, { roomIdentifier: arn, ...input(form.target, { ...form, reason }) }, ownerOf(arn));
    announce(`${title}: done.`);
    onClose();
  };
  const ways = [["", `AWS's operation ${operation}`], ...users.map(({ id, userId, settings }) =>
    [id, settings.capabilities.includes(action) ? userId : `${userId}, who does not have ${action}`])];
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <${Form} onSubmit=${submit}>
      ${field("target", label, { required: true, autofocus: target === "" })}
      ${action ? field("reason", "Reason", { autofocus: target !== "" })
        : field("attributes", "Attributes", { type: "textarea", hint: pairs })}
      ${users.length > 0 && field("by", "By", { type: "select", options: ways })}
      <div class="actions"><button class="primary" type="submit">${title}</button>
        <${Button} onClick=${onClose}>Cancel<//></div>
    <//>
  <//>`;
}
