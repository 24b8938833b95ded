import { RefusedError, short } from "./errors";

/** A request to the emulator. */
export interface Request {
  method: "GET" | "POST" | "PUT" | "DELETE";
  url: string;
  headers?: Record<string, string>;
  /** A text, or a value that is sent as JSON. */
  body?: unknown;
  /** In milliseconds. */
  timeout: number;
}

/**
 * Sends a request and returns the answer, which is JSON or empty. Throws a RefusedError if the status is not one of
 * success.
 */
export async function send<T>(request: Request): Promise<T> {
  const { method, url, headers, body, timeout } = request;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(timeout),
    });
    text = await response.text();
  } catch (error) {
    throw new Error(`${method} ${url} failed: ${reason(error as Error, timeout)}`, { cause: error });
  }
  if (!response.ok) {
    const exception = response.headers.get("x-amzn-errortype");
    throw refused(`${method} ${decodeURIComponent(new URL(url).pathname)}`, response.status, exception, text);
  }
  try {
    return (text === "" ? undefined : JSON.parse(text)) as T;
  } catch (error) {
    throw new Error(`${method} ${url} was not answered by ivschat-local, but with ${short(text)}`, { cause: error });
  }
}

/** Returns the error of an answer that is a refusal. The body may be JSON with a message, or any text. */
export function refused(
  what: string,
  status: number,
  exception: string | null | undefined,
  body: string,
): RefusedError {
  let message = body;
  try {
    message = JSON.parse(body).message ?? body;
  } catch {
    // It is a text.
  }
  const answer = exception ? `${status} ${exception}` : `${status}`;
  return new RefusedError(`${what} was refused with ${answer}: ${message}`, status, exception ?? undefined);
}

function reason(error: Error, timeout: number): string {
  if (error.name === "TimeoutError") {
    return `there was no answer in ${timeout} ms`;
  }
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.message || cause?.code || error.message;
}
