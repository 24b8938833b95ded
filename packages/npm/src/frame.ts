/** The user who sent a message, as in the chat token. */
export interface Sender {
  UserId: string;
  Attributes?: Record<string, string>;
}

/** A message in a room. */
export interface MessageFrame {
  Type: "MESSAGE";
  Id: string;
  /** The one that the sender gave to the action. */
  RequestId?: string;
  Content: string;
  Attributes?: Record<string, string>;
  /** A time in ISO 8601, of the emulator's clock. */
  SendTime: string;
  Sender: Sender;
}

/** An event: one of AWS, such as aws:DELETE_MESSAGE, or one that the back end sent with SendEvent. */
export interface EventFrame {
  Type: "EVENT";
  Id: string;
  RequestId?: string;
  EventName: "aws:DELETE_MESSAGE" | "aws:DISCONNECT_USER" | (string & {});
  Attributes?: Record<string, string>;
  /** A time in ISO 8601, of the emulator's clock. */
  SendTime: string;
}

/** The answer to an action that failed. */
export interface ErrorFrame {
  Type: "ERROR";
  Id: string;
  /** The RequestId of the action that failed. */
  RequestId?: string;
  /** Such as 403, 406 or 429. */
  ErrorCode: number;
  ErrorMessage: string;
}

/** A frame that is not JSON, for instance because of a fault with `frame: "corrupt"`. */
export interface UnreadableFrame {
  Type: "UNREADABLE";
  Raw: string;
}

/** What a chat client receives. Type says which one it is. */
export type Frame = MessageFrame | EventFrame | ErrorFrame | UnreadableFrame;

/** Returns the frame with this text. */
export function parseFrame(text: string): Frame {
  try {
    return JSON.parse(text) as Frame;
  } catch {
    return { Type: "UNREADABLE", Raw: text };
  }
}
