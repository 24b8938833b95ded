import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";

import { list, type RefusedError, WaitError } from "./errors";
import { type Frame, parseFrame } from "./frame";
import { refused } from "./http";
import type { Limit } from "./types";

/** How a connection has ended. Without a close frame, the code is 1006. */
export interface CloseStatus {
  code: number;
  reason: string;
}

/** A connected chat client. It keeps every frame that arrives for receive. */
export class ChatClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #timeout: number;
  readonly #frames: Frame[] = [];
  readonly #waiting = new Set<() => void>();
  #closed?: CloseStatus;

  private constructor(socket: WebSocket, timeout: number) {
    this.#socket = socket;
    this.#timeout = timeout;
    socket.on("message", (data) => {
      this.#frames.push(parseFrame(String(data)));
      this.#wake();
    });
    socket.on("close", (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  /** Connects with a chat token. Throws a RefusedError if the handshake is refused. */
  static dial(url: string, token: string, timeout: number): Promise<ChatClient> {
    return new Promise((resolve, reject) => {
      if (!/^[!-~]+$/.test(token)) {
        // The token must not reach the log.
        throw new TypeError(
          "A chat token is not empty and has no spaces or special characters, but this one, of " +
            `${token.length} characters, is none.`,
        );
      }
      const socket = new WebSocket(url, token, { handshakeTimeout: timeout });
      const client = new ChatClient(socket, timeout); // before the first frame arrives
      socket.once("unexpected-response", (_, response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        // The handshakeTimeout starts again with each part of the body.
        const timer = setTimeout(() => response.destroy(), timeout);
        response.on("error", () => {}); // close says it, too
        response.on("close", () => {
          clearTimeout(timer);
          const exception = response.headers["x-amzn-errortype"] as string | undefined;
          reject(refused("The handshake", response.statusCode ?? 0, exception, body) satisfies RefusedError);
        });
      });
      socket.on("error", (error) =>
        reject(new Error(`The connection failed: ${error.message}`, { cause: error })),
      );
      socket.once("open", () => resolve(client));
    });
  }

  /** Sends a message. Returns its RequestId. */
  send(content: string, attributes?: Record<string, string>): string {
    return this.sendAction({ Action: "SEND_MESSAGE", Content: content, Attributes: attributes });
  }

  /** Asks for the deletion of the message with this Id. Returns the RequestId. */
  deleteMessage(id: string, reason?: string): string {
    return this.sendAction({ Action: "DELETE_MESSAGE", Id: id, Reason: reason });
  }

  /** Asks for the disconnection of a user. Returns the RequestId. */
  disconnectUser(userId: string, reason?: string): string {
    return this.sendAction({ Action: "DISCONNECT_USER", UserId: userId, Reason: reason });
  }

  /** Sends any action, with a RequestId if it has none. Returns the RequestId. */
  sendAction(action: { Action: string; RequestId?: string; [member: string]: unknown }): string {
    if (this.#closed !== undefined) {
      throw new Error(`${action.Action} cannot be sent: ${describe(this.#closed)}.`);
    }
    const RequestId = action.RequestId ?? randomUUID();
    this.sendText(JSON.stringify({ ...action, RequestId }));
    return RequestId;
  }

  /** Sends a text frame unchanged, also one that is no action. */
  sendText(text: string): void {
    if (this.#closed !== undefined) {
      throw new Error(`The text cannot be sent: ${describe(this.#closed)}.`);
    }
    this.#socket.send(text);
  }

  /**
   * Waits for the first frame that matches, and skips those before it. Without match, it is the next frame. Throws an
   * error that says what arrived instead.
   */
  receive<F extends Frame>(match: (frame: Frame) => frame is F, limit?: Limit): Promise<F>;
  receive(match?: (frame: Frame) => boolean, limit?: Limit): Promise<Frame>;
  async receive(match: (frame: Frame) => boolean = () => true, limit?: Limit): Promise<Frame> {
    const skipped: Frame[] = [];
    let found: Frame | undefined;
    const timeout = limit?.timeout ?? this.#timeout;
    await this.#until(timeout, () => {
      while (found === undefined && this.#frames.length > 0) {
        const frame = this.#frames.shift()!;
        if (match(frame)) {
          found = frame;
        } else {
          skipped.push(frame);
        }
      }
      return found !== undefined || this.#closed !== undefined;
    });
    if (found === undefined) {
      const problem = this.#closed ? describe(this.#closed) : "the connection is open";
      const what = skipped.length > 0 ? "No matching frame" : "No frame";
      const time = this.#closed ? "" : ` in ${timeout} ms`;
      throw new WaitError(`${what} was received${time}, and ${problem}.${list("received instead", skipped)}`);
    }
    return found;
  }

  /** Waits for this time, in milliseconds. Throws a WaitError if a frame arrives, or if the connection has ended. */
  async receiveNothing(milliseconds = 100): Promise<void> {
    const happened = await this.#until(
      milliseconds,
      () => this.#frames.length > 0 || this.#closed !== undefined,
    );
    if (happened) {
      const what =
        this.#frames.length > 0 ? list("received", this.#frames) : ` ${describe(this.#closed!)}.`;
      throw new WaitError(`Nothing should have been received for ${milliseconds} ms.${what}`);
    }
  }

  /** Closes the connection, and waits for its end. */
  async close(): Promise<CloseStatus> {
    this.#socket.close(1000);
    try {
      return await this.closed();
    } catch (error) {
      this.drop(); // otherwise it would keep this process alive
      throw error;
    }
  }

  /** Ends the connection at once, without a close frame. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Waits for the end of the connection, and returns how it ended. Throws an error if it stays open. */
  async closed(limit?: Limit): Promise<CloseStatus> {
    const timeout = limit?.timeout ?? this.#timeout;
    if (!(await this.#until(timeout, () => this.#closed !== undefined))) {
      const frames = list("frames that were not received yet", this.#frames);
      throw new WaitError(`The connection is still open after ${timeout} ms.${frames}`);
    }
    return this.#closed!;
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Waits until the condition holds, for at most this time. Returns whether it holds. */
  #until(milliseconds: number, condition: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const done = (result: boolean) => {
        end();
        resolve(result);
      };
      const check = () => {
        try {
          if (condition()) {
            done(true);
          }
        } catch (error) {
          end(); // a match that throws fails the test that waits, and not the whole process
          reject(error);
        }
      };
      const timer = setTimeout(() => done(false), milliseconds);
      this.#waiting.add(check);
      check();
    });
  }

  #wake(): void {
    [...this.#waiting].forEach((check) => check());
  }
}

function describe({ code, reason }: CloseStatus): string {
  if (code === 1006) {
    return "the connection has ended without a close frame";
  }
  return `the connection was closed: ${code} ${reason}`.trim();
}
