// The people in a room: its open sessions, and what can be done to each.

import { html, useRef, useState } from "../vendor/htm-preact.js";
import { admin, roomPath } from "../api.js";
import { count, dateTime } from "../format.js";
import { usePoll } from "../live.js";
import { setParameters } from "../route.js";
import { attempt, Button, ErrorBox, Field, Pairs, Table, User } from "../ui.js";
import { ModerationDialog, timeLeft } from "./room-speak.js";

const maximumSessions = 200;

// What can be done to a session: a text, the request of the admin API, and what it does.
const ends = [
  ["Expire", { expire: true }, "Ends the session as at its sessionExpirationTime"],
  ["Drop", { reset: true }, "Resets the TCP connection, without a close frame"],
  ["Silence", { silence: true }, "The connection stays open, but nothing is read or written any more"],
];

// PeopleTab is the tab. now is the service's time.
export function PeopleTab({ arn, route, now }) {
  const { userId = "" } = route.parameters;
  const [kicked, kick] = useState();
  const answer = usePoll(arn + userId, () =>
    admin("GET", roomPath(arn), { sessions: maximumSessions, userId: userId || undefined }), 1000);
  const shown = useRef({}); // while another search runs, too
  const { sessions = [], sessionCount = 0 } = (shown.current = answer.value ?? shown.current);
  const end = (session, text, body) => attempt(async () => {
    await admin("POST", `sessions/${session.id}`, {}, body);
    answer.reload();
  }, `${text}: ${session.userId}`);
  const row = (session) => html`<tr key=${session.id}>
    <td><${User} id=${session.userId} /><br /><small class="mono">${session.clientIp}${
      session.node && ` at ${session.node}`}</small></td>
    <td>${session.capabilities.map((name) => html`<div class="mono capability">${name}</div>`)}</td>
    <td><${Pairs} of=${session.attributes} /></td>
    <td>${dateTime(session.connectTime)}</td>
    <td class="right">${timeLeft(session.sessionExpirationTime, now)}</td>
    <td class="right">${session.framesIn} / ${session.framesOut}</td>
    <td class="right">${session.queued}</td>
    <td><div class="actions">
      <${Button} kind="small" onClick=${() => kick(session.userId)} aria-label=${`Kick ${session.userId}`}>Kick<//>
      ${ends.map(([text, body, title]) => html`<${Button} kind="small" title=${title}
        aria-label=${`${text} ${session.userId}`} onClick=${() => end(session, text, body)}>${text}<//>`)}
    </div></td>
  </tr>`;
  return html`<div class="bar"><div class="grow"><${Field} label="User ID" type="search" value=${userId}
      onChange=${(userId) => setParameters({ userId })} /></div></div>
    <${ErrorBox} error=${answer.error} />
    ${sessions.length > 0 && html`<${Table} label="Sessions" rows=${sessions.map(row)} columns=${[
      "User", "Capabilities", "Attributes", "Connected", ">Time left", ">Frames in / out", ">Queued", ""]} />`}
    ${sessions.length === 0 && answer.value
      && html`<p class="muted">Nobody is connected${userId && " with this user ID"}.</p>`}
    <p class="muted" data-total>${count(sessionCount, "open session")}${
      sessionCount > sessions.length && `, ${sessions.length} shown`}</p>
    ${kicked !== undefined && html`<${ModerationDialog} what="kick" target=${kicked} arn=${arn}
      onClose=${() => kick(undefined)} />`}`;
}
