// A crowd: people from this page who chat, for somebody who needs a busy room.

import { html } from "../vendor/htm-preact.js";
import { count } from "../format.js";
import { Button, Check, ErrorBox, Form, useForm } from "../ui.js";
import { changed, useChanges, User } from "./room-users.js";

const maximumSize = 100;
const ratePerUser = 10; // what AWS allows a connection, per second
const connecting = 5; // at once

const names = ("mia noah lea ali zoe kofi ida hugo aya ravi eva luca nina omar sara yuki jan lin tom fay ben amara " +
  "max chloe").split(" ");
const openings = ["Wow,", "Honestly,", "Haha,", "Wait,", "Same here,", "No way,", "Hey all,", "I think", "Ok but"];
const subjects = ["that goal", "this stream", "the new song", "the host", "that last question", "the sound",
  "the second half", "this chat", "the camera", "the guest from Lisbon", "the next round"];
const predicates = ["was brilliant", "is better than last week", "makes my day", "came out of nowhere",
  "is a bit quiet for me", "deserves a replay", "surprised me", "is what I came for", "needs one more minute",
  "was worth the wait", "has everybody talking"];
const endings = ["!", ".", "…", "?", " 👏", " 😂", " 🔥", ", right?", ". Who agrees?", " ❤️"];
const short = ["hello everyone", "first time here", "gg", "+1", "😂😂😂", "what did I miss?", "hi from Oslo"];

const any = (list) => list[Math.floor(Math.random() * list.length)];

// sentence returns something to say.
const sentence = () =>
  Math.random() < 0.25 ? any(short) : `${any(openings)} ${any(subjects)} ${any(predicates)}${any(endings)}`;

// nameOf returns the user ID of the nth person of a crowd.
const nameOf = (n) => names[n % names.length] + (n < names.length ? "" : `-${1 + Math.floor(n / names.length)}`);

// A Crowd chats in a room at a rate, in messages per second of all together.
class Crowd {
  accepted = 0;
  refused = 0;

  constructor(room, size, rate) {
    this.rate = rate;
    this.running = true;
    this.users = Array.from({ length: size }, (_, n) =>
      new User(room, { userId: nameOf(n), capabilities: ["SEND_MESSAGE"] }));
    this.connect();
    this.next = performance.now();
    this.tick();
  }

  async connect() {
    const rest = this.users.values();
    const some = async () => {
      for (const user of rest) {
        if (!this.running) return;
        await user.connect().catch((error) => this.running && (this.error = error));
      }
    };
    await Promise.all(Array.from({ length: connecting }, some));
    this.complete = true; // nobody else will connect
    this.stopIfEmpty();
  }

  // stopIfEmpty stops the crowd once all of its connections have failed or ended.
  stopIfEmpty() {
    if (this.running && this.complete && !this.users.some(({ state }) => state === "connected")) this.stop();
  }

  tick() {
    this.stopIfEmpty();
    if (!this.running) return;
    const now = performance.now();
    // A browser calls the timers of a hidden tab once a second. What is later than that is left out.
    this.next = Math.max(this.next, now - 1000);
    for (; this.next <= now; this.next += 1000 / this.rate) this.say(now);
    this.timer = setTimeout(() => this.tick(), this.next - now);
  }

  // say lets somebody speak who has not spoken for as long as a connection must wait.
  say(now) {
    const free = this.users.filter(({ state, free = 0 }) => state === "connected" && free <= now);
    if (free.length === 0) return;
    const user = any(free);
    user.free = now + 1000 / ratePerUser;
    user.request("SEND_MESSAGE", { Content: sentence() }).then(
      () => this.accepted++,
      (error) => {
        if (!error.status) return; // the connection ended
        this.refused++;
        this.error = error;
      },
    );
  }

  stop() {
    this.running = false;
    clearTimeout(this.timer);
    for (const user of this.users) user.close("left");
  }
}

const number = { type: "number", required: true, step: "any" };
const crowds = new Map(); // by room

// CrowdCard starts and stops the crowd of a room.
export function CrowdCard({ room }) {
  useChanges();
  const [form, change, field] = useForm({ size: "20", rate: "2", faster: false });
  const crowd = crowds.get(room.arn);
  const size = Number(form.size);
  const allowed = room.maximumMessageRatePerSecond;
  const most = Math.min(ratePerUser * size, form.faster ? Infinity : allowed);
  const start = () => {
    crowds.set(room.arn, new Crowd(room.arn, size, Math.min(Number(form.rate), most)));
    changed();
  };
  const connected = crowd?.users.filter(({ state }) => state === "connected").length;
  return html`<section class="card" aria-label="A crowd"><h2>A crowd</h2>
    ${crowd?.running ? html`<${Button} onClick=${() => crowd.stop()}>Stop the crowd<//>`
      : html`<${Form} onSubmit=${start}>
      <div class="fields">
        ${field("size", "People", { ...number, min: 1, max: maximumSize, hint: `1 to ${maximumSize}` })}
        ${field("rate", "Messages per second", { ...number, min: 0.1, max: most, hint: `at most ${most}` })}
      </div>
      <${Check} label=${`Also more than the ${allowed} per second that the room allows`} checked=${form.faster}
        onChange=${(faster) => change({ faster })} />
      <p><small>Each has a connection of its own from this page, and receives every message. A connection may send
        ${" "}${ratePerUser} messages per second.
        A browser has at most 255 connections, and the others need some.</small></p>
      <button type="submit">Start the crowd</button>
    <//>`}
    ${crowd && html`<p data-crowd>${connected} of ${crowd.users.length} connected,
      ${" "}${count(crowd.accepted, "message")} accepted, ${crowd.refused.toLocaleString("en")} refused</p>
      <${ErrorBox} error=${crowd.error} />`}
  </section>`;
}
