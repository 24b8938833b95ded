// Reviews of messages: what was decided, and scripted answers in place of the message review handlers.

import { html } from "../vendor/htm-preact.js";
import { admin, roomPath } from "../api.js";
import { idOf, nanoseconds, visible } from "../format.js";
import { usePoll } from "../live.js";
import { href, setParameters } from "../route.js";
import { attempt, Badge, Button, ErrorBox, Field, Form, Table, Time, useForm, User } from "../ui.js";

// What a scripted answer can be: the text of the choice, the answer for the text of the user, and the label of this
// text, if there is one.
const kinds = {
  deny: ["Deny", (reason) => ({ deny: reason ? { reason } : {} }), "Reason"],
  allow: ["Allow", () => ({ allow: {} })],
  change: ["Change the message", (content) => ({ allow: { content } }), "New content"],
  error: ["The function fails", (error) => ({ error: error || "failed" }), "Error"],
  delay: ["The answer is late", (delay) => ({ delay: delay || "1s" }), "Delay"],
};

export function Reviews({ route, scope }) {
  const { account } = scope;
  const { room = "" } = route.parameters;
  const path = room ? roomPath(room) + "/reviews" : "reviews";
  const reviews = usePoll("reviews" + room, () => admin("GET", path, { account, count: 100 }));
  const row = (entry) => html`<tr key=${entry.id}>
    <td><${Time} at=${entry.time} /></td>
    <td><${Badge} kind=${entry.review.verdict === "ALLOW" ? "good" : "bad"}>${entry.review.verdict}<//></td>
    <td>${entry.review.decidedBy}
      ${entry.review.failure && html`<br /><small>${entry.review.failure}: ${visible(entry.reason ?? "")}</small>`}</td>
    <td><${User} id=${entry.userId} />: <bdi>${entry.request?.Content}</bdi></td>
    <td>${entry.response && html`<code>${visible(JSON.stringify(entry.response))}</code>`}</td>
    <td class="right">${nanoseconds(entry.durationNanoseconds)}</td>
    <td><a class="mono" href=${href("room", entry.room, scope)}>${idOf(entry.room)}</a></td>
  </tr>`;
  const items = reviews.value?.items.toReversed() ?? [];
  return html`<${Script} account=${account} room=${room} />
    <h2>Reviews</h2>
    <div class="bar"><div class="grow"><${Field} label="Only of the room" value=${room} placeholder="ARN"
      onChange=${(room) => setParameters({ room })} /></div></div>
    <${ErrorBox} error=${reviews.error} />
    ${items.length === 0 ? html`<p class="muted">No message was reviewed. A message is reviewed if its room has a
      message review handler.</p>` : html`<${Table} label="Reviews" rows=${items.map(row)}
      columns=${["Time", "Verdict", "Decided by", "Message", "Answer", ">Took", "Room"]} />`}`;
}

// again returns a scripted answer as it is sent again, with the times that are left.
const again = ({ used, times = 0, ...rest }) => ({ ...rest, times: times && times - used });

function Script({ account, room }) {
  const answers = usePoll("answers", () => admin("GET", "reviews/answers", { account }));
  const [form, , field] = useForm({ kind: "deny", text: "", userId: "", content: "", times: "" });
  const items = answers.value?.items ?? [];
  const change = async (action, done) => {
    await attempt(action, done);
    answers.reload();
  };
  const replace = (action) => async () => {
    // Those of no particular account stay as they are if one account is chosen.
    const { items } = await admin("GET", "reviews/answers", { account });
    const own = items.filter((one) => !account || one.account === account).map(again);
    return admin("PUT", "reviews", { account }, action(own));
  };
  const add = () => {
    const { userId, content, times } = form;
    const place = Object.entries({ room, userId, content }).filter(([, value]) => value);
    const answer = { ...Object.fromEntries(place), times: Number(times), ...kinds[form.kind][1](form.text) };
    return change(replace((own) => [...own, answer]), "Added a scripted answer.");
  };
  const choices = Object.entries(kinds).map(([kind, [text]]) => [kind, text]);
  const where = ({ account, room, userId, content }) => Object.entries({ account, room, userId, content })
    .filter(([, value]) => value).map(([name, value]) => html`<div>${name}: <bdi>${value}</bdi></div>`);
  const what = ({ account, room, userId, content, times, used, ...answer }) => visible(JSON.stringify(answer));
  return html`<section class="card">
    <h2>Scripted answers</h2>
    <p>The first one that applies to a message answers, in place of the message review handler of its room.</p>
    <${ErrorBox} error=${answers.error} />
    ${items.length > 0 && html`<${Table} label="The scripted answers" columns=${["Answer", "Only for", ">Used"]}
      rows=${items.map((item) => html`<tr><td><code>${what(item)}</code></td><td>${where(item)}</td>
        <td class="right">${item.used}${item.times ? ` of ${item.times}` : ""}</td></tr>`)} />
    <div class="actions"><${Button} kind="danger" onClick=${() => change(
      () => admin("DELETE", "reviews/answers", { account }), "Removed the scripted answers.")}>Remove all<//></div>`}
    <${Form} onSubmit=${add}><div class="fields">
      ${field("kind", "Answer", { type: "select", options: choices })}
      ${kinds[form.kind][2] && field("text", kinds[form.kind][2], { placeholder: form.kind === "delay" ? "1s" : "" })}
      ${field("userId", "Only for the user")}
      ${field("content", "Only for messages that match", { hint: "A regular expression, such as (?i)spam" })}
      ${field("times", "How many times", { type: "number", min: 1, placeholder: "Every time" })}
    </div><button class="primary" type="submit">Add the answer</button><//>
  </section>`;
}
