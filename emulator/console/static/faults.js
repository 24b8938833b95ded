// Faults in words. Everything here is a pure function.

const operations = ["CreateChatToken", "CreateRoom", "GetRoom", "ListRooms", "UpdateRoom", "DeleteRoom", "SendEvent",
  "DeleteMessage", "DisconnectUser", "TagResource", "CreateLoggingConfiguration"];

// Their requests name no room, so a rule for them cannot either.
const withoutRoom = ["CreateRoom", "ListRooms", "CreateLoggingConfiguration"];

const frames = { drop: "lost", duplicate: "sent twice", reorder: "sent after the next frame", corrupt: "cut in half" };

const broken = {
  reset: "reset, without a close frame", close: "closed with 1001", silence: "silent", expire: "expired",
};

// inputs are the parts of a preset that the user can change: the label, the first value, and the options or the type.
export const inputs = {
  operation: { label: "Operation", value: "CreateChatToken", options: operations },
  times: { label: "How many times", value: "1", type: "number", min: 1 },
  percent: { label: "Percent", value: "10", type: "number", min: 0.1, max: 100, step: "any" },
  delay: { label: "Delay", value: "2s" },
  status: { label: "Status", value: "500", type: "number", min: 200, max: 599 },
  code: { label: "Close code", value: "1011", type: "number", min: 1000, max: 4999 },
  refusal: { label: "Exception", value: "ServiceUnavailable",
    options: ["ServiceUnavailable", "ThrottlingException", "NotAuthorized", "AccessDeniedException"] },
  frame: { label: "What happens", value: "duplicate", options: Object.entries(frames) },
  broken: { label: "What happens", value: "reset", options: Object.entries(broken) },
};

// presets are faults that happen in real life. In the text, {user} is the chosen user, and every other name is one of
// inputs. rule returns the rule for the values. A preset without a rule is done at once, to the open sessions.
export const presets = [
  { text: "The next {times} calls of CreateChatToken for {user} fail with PendingVerification",
    rule: ({ times }) => ({ operation: "CreateChatToken", times, exception: "PendingVerification" }) },
  { text: "The next {times} calls of {operation} are throttled",
    rule: ({ operation, times }) => ({ operation, times, exception: "ThrottlingException" }) },
  { text: "The next {times} calls of {operation} are answered with status {status}",
    rule: ({ operation, times, status }) => ({ operation, times, status }) },
  { text: "Every call of {operation} takes {delay} longer", rule: ({ operation, delay }) => ({ operation, delay }) },
  { text: "The connection breaks during the next {times} calls of {operation}",
    rule: ({ operation, times }) => ({ operation, times, reset: true }) },
  { text: "The next {times} handshakes of {user} are refused with {refusal}",
    rule: ({ times, refusal }) => ({ operation: "CONNECT", times, exception: refusal }) },
  { text: "Now, the connections of {user} are {broken}" },
  { text: "The connection of {user} is closed with {code} at the next {times} messages to it",
    rule: ({ times, code }) => ({ operation: "MESSAGE", times, close: code }) },
  { text: "The connection of {user} is silent from the next message on",
    rule: () => ({ operation: "MESSAGE", times: 1, silence: true }) },
  { text: "{percent} % of the messages to {user} are lost",
    rule: ({ percent }) => ({ operation: "MESSAGE", probability: percent / 100, frame: "drop" }) },
  { text: "{percent} % of the messages to {user} are {frame}",
    rule: ({ percent, frame }) => ({ operation: "MESSAGE", probability: percent / 100, frame }) },
  { text: "Messages to {user} arrive {delay} late", rule: ({ delay }) => ({ operation: "MESSAGE", delay }) },
  { text: "{percent} % of what {user} sends is refused with 429",
    rule: ({ percent }) => ({ operation: "SEND_MESSAGE", probability: percent / 100, error: 429 }) },
  { text: "The next {times} messages that {user} sends get lost, without an answer",
    rule: ({ times }) => ({ operation: "SEND_MESSAGE", times, frame: "drop" }) },
  { text: "The next {times} reviews of messages of {user} have no answer in time",
    rule: ({ times }) => ({ operation: "REVIEW", times, frame: "drop" }) },
  { text: "The next {times} new logging configurations end in CREATE_FAILED",
    rule: ({ times }) => ({ operation: "CreateLoggingConfiguration", times, fail: true }) },
];

// namesOf returns the names in the text of a preset.
export const namesOf = ({ text }) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

// ruleOf returns the rule of a preset. texts are the values of its inputs, as the user wrote them.
export function ruleOf(preset, texts, { room, userId }) {
  const typed = ([name, text]) => [name, inputs[name].type === "number" ? Number(text) : text];
  const rule = preset.rule(Object.fromEntries(Object.entries(texts).map(typed)));
  if (room && !withoutRoom.includes(rule.operation)) rule.room = room;
  if (userId && namesOf(preset).includes("user")) rule.userId = userId;
  return rule;
}

const effects = [
  ["exception", (name) => `fails with ${name}`],
  ["status", (status) => `answered with status ${status}`],
  ["error", (code) => `answered with ERROR ${code}`],
  ["close", (code) => `closes the connection with ${code}`],
  ["reset", () => "resets the connection"],
  ["silence", () => "makes the connection silent"],
  ["frame", (effect) => frames[effect]],
  ["fail", () => "ends in a failed state"],
];

// effectOf returns what a rule does, in words.
export function effectOf(rule) {
  const [name, text] = effects.find(([name]) => rule[name] !== undefined) ?? [];
  const words = name === undefined ? [] : [text(rule[name])];
  if (rule.delay) words.unshift(`${rule.delay} later`);
  return words.join(", ");
}

// frequencyOf returns how often a rule fires, in words.
export function frequencyOf({ times, every, probability }) {
  const words = [];
  if (every > 1) words.push(`once in ${every} times`);
  if (probability) words.push(`${+(probability * 100).toPrecision(3)} % of the time`);
  if (times) words.push(`at most ${times}×`);
  return words.join(", ") || "every time";
}
