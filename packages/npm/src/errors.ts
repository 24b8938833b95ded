/** The emulator, or AWS's API at the emulator, has refused a request or a handshake. */
export class RefusedError extends Error {
  override name = "RefusedError";

  constructor(
    message: string,
    /** The HTTP status. */
    readonly status: number,
    /** The exception of AWS's API, such as ValidationException, if there is one. */
    readonly exception?: string,
  ) {
    super(message);
  }
}

/** Something did not happen in time, or something happened that should not. The message says what happened instead. */
export class WaitError extends Error {
  override name = "WaitError";
}

const shownLines = 10;
const shownCharacters = 300;

/** Shows the latest values, each on its own line. Returns "" if there is none. */
export function list(heading: string, values: unknown[]): string {
  if (values.length === 0) {
    return "";
  }
  const earlier = values.length > shownLines ? [`(${values.length - shownLines} earlier ones)`] : [];
  const texts = values.slice(-shownLines).map((value) => short(JSON.stringify(value)));
  return `\n${heading}:${[...earlier, ...texts].map((line) => `\n  ${line}`).join("")}`;
}

/** Returns the beginning of a text. */
export function short(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
