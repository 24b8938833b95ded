// How values are shown. Everything here is a pure function.

// time returns the time of day of a timestamp, with milliseconds.
export function time(timestamp) {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(11, 23);
}

// dateTime returns a timestamp with its date, in UTC.
export function dateTime(timestamp) {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(0, 19).replace("T", " ") + " UTC";
}

// duration returns a number of milliseconds in words, with its two largest units.
export function duration(milliseconds) {
  const sign = milliseconds < 0 ? "−" : "";
  let rest = Math.abs(milliseconds);
  if (rest < 1000) return `${sign}${Math.round(rest)} ms`;
  const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]];
  const parts = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0) parts.push(`${count} ${name}`);
    if (parts.length === 2) break;
  }
  return sign + parts.filter((part) => !part.startsWith("0 ")).join(" ");
}

// difference says how far a clock is ahead of another one. What is less than a second is the time of the request.
export const difference = (milliseconds) => (Math.abs(milliseconds) < 1000 ? "not ahead"
  : `${duration(Math.abs(milliseconds))} ${milliseconds > 0 ? "ahead" : "behind"}`);

// nanoseconds returns a number of nanoseconds as milliseconds.
export const nanoseconds = (count) => `${(count / 1e6).toFixed(count < 1e7 ? 2 : 0)} ms`;

// bytes returns a size in words.
export function bytes(count) {
  if (count < 1024) return `${count} B`;
  const units = ["KiB", "MiB", "GiB"];
  let value = count;
  let unit = -1;
  do {
    value /= 1024;
    unit++;
  } while (value >= 1024 && unit < units.length - 1);
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

// count returns a number with its noun, such as "1 room" and "2 rooms".
export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

// number returns a number with three significant digits at most.
export function number(value) {
  if (!Number.isFinite(value)) return "–";
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
  return String(+value.toPrecision(3));
}

// idOf returns the ID in an ARN.
export const idOf = (arn) => arn.slice(arn.lastIndexOf("/") + 1);

// nameOfPrincipal returns the end of the ARN of a caller, such as user/anna.
export const nameOfPrincipal = ({ principalArn }) => principalArn.split(":").slice(5).join(":");

// hue returns the hue of a user, which is always the same, for a colour of the style sheet.
export function hue(userId) {
  let hash = 0;
  for (const character of userId) hash = (hash * 31 + character.codePointAt(0)) % 8;
  return hash;
}

// visible returns a text with escapes in place of characters that cannot be seen or that change the direction of
// text. In JSON, and in strings of JavaScript and Go, the escapes mean the same characters.
export function visible(text) {
  const hidden = /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
  return text.replace(hidden, (one) => "\\u" + one.charCodeAt(0).toString(16).padStart(4, "0"));
}

// json returns a value as indented JSON.
export const json = (value) => JSON.stringify(value, null, 2);

// attributes parses lines of the form KEY=VALUE. It fails with the line that is not valid.
export function attributes(text) {
  const found = {};
  for (const line of text.split("\n").map((line) => line.trim())) {
    if (line === "") continue;
    const at = line.indexOf("=");
    if (at < 1) throw new Error(`Each line must be KEY=VALUE, but one is: ${line}`);
    found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return found;
}

// attributeText is the opposite of attributes.
export const attributeText = (found = {}) => Object.entries(found).map(([key, value]) => `${key}=${value}`).join("\n");
