import type { Frame } from "./frame";
import type { components, paths } from "./openapi";

type Schemas = components["schemas"];

/** A capability of a chat token. Without one, a user can only read. */
export type Capability = "SEND_MESSAGE" | "DELETE_MESSAGE" | "DISCONNECT_USER";

/** An operation of AWS's API, such as CreateChatToken. */
export type Operation = NonNullable<NonNullable<paths["/calls"]["get"]["parameters"]["query"]>["operation"]>;

/** A duration: a number of milliseconds, or a text such as "90s", "61m" or "1h30m". */
export type Duration = number | string;

type Rule = Schemas["Fault"];
type Place = Pick<Rule, "account" | "room" | "userId" | "capability">;
type HowOften = Pick<Rule, "times" | "every" | "probability" | "seed" | "delay">;
type Exception = Pick<Rule, "exception" | "message" | "resourceId" | "limit" | "reason" | "fieldList">;
type Answer = Pick<Rule, "status" | "body" | "contentType" | "bare">;
type LoggingOperation =
  "CreateLoggingConfiguration" | "UpdateLoggingConfiguration" | "DeleteLoggingConfiguration";

/** A fault in an operation of AWS's API. */
export type OperationFault = { operation: Exclude<Operation, LoggingOperation> } & Omit<Place, "capability"> &
  HowOften &
  Exception &
  Answer &
  Pick<Rule, "reset">;

/** A fault in an operation whose end can fail, too. */
export type LoggingOperationFault = { operation: LoggingOperation } & Pick<Place, "account" | "room"> &
  HowOften &
  Exception &
  Answer &
  Pick<Rule, "reset" | "fail">;

/** A fault in the WebSocket handshake. */
export type HandshakeFault = { operation: "CONNECT" } & Place &
  HowOften &
  Pick<Exception, "exception" | "message"> &
  Answer &
  Pick<Rule, "reset">;

/** A fault in an action of a chat client. */
export type ActionFault = { operation: Capability; frame?: "drop" } & Place &
  HowOften &
  Pick<Rule, "error" | "message" | "close" | "reset" | "silence">;

/** A fault in a frame on its way to a chat client. */
export type FrameFault = { operation: "MESSAGE" | "EVENT" | "ERROR" } & Place &
  HowOften &
  Pick<Rule, "frame" | "close" | "reset" | "silence">;

/** A fault in the review of a message. */
export type ReviewFault = { operation: "REVIEW"; frame?: "drop" | "corrupt" } & Place &
  HowOften &
  Pick<Rule, "error" | "message" | "status" | "body" | "reset">;

/**
 * A rule that makes something go wrong: operation says where, and exactly one of exception, status, error, close,
 * reset, silence, frame and fail says what, or a delay alone. By default, it fires every time.
 */
export type Fault =
  OperationFault | LoggingOperationFault | HandshakeFault | ActionFault | FrameFault | ReviewFault;

/** A fault that the emulator has: fired says how many times it has fired. */
export type ActiveFault = Rule & Required<Pick<Rule, "id" | "fired">>;

/** What is answered in place of a message review handler. */
export type ScriptedAnswer = Omit<Schemas["ScriptedAnswer"], "used">;

/** An entry of the journal. */
export type Entry = Omit<Schemas["Entry"], "frame"> & {
  /** Of the kind frame: what was sent, if it is JSON. With direction in, it is an action of the client. */
  frame?: Frame;
};

/** A frame in the journal. */
export type FrameEntry = Entry & { kind: "frame"; room: string };

/** A call of an operation in the journal. Chat tokens in request and response are replaced by ***. */
export type Call = Entry & {
  kind: "call";
  operation: Operation;
  status: number;
  /** The members of the body, the path and the query. Absent if it has more than 16 KiB. */
  request: Record<string, any>;
};

/** The review of a message in the journal: request is the event, response the answer, and review the verdict. */
export type Review = Entry & {
  kind: "review";
  room: string;
  request: ReviewEvent;
  review: NonNullable<Entry["review"]>;
};

/** The emulator's clock. */
export type Clock = Schemas["Clock"];

/** An open session of a chat client. */
export type Session = Schemas["Room"]["sessions"][number];

/** What a chat token contains. */
export type TokenContent = paths["/tokens/inspect"]["post"]["responses"][200]["content"]["application/json"];

/** A document with all rooms, logging configurations and tags. */
export interface Snapshot {
  version: number;
  rooms: Record<string, unknown>[];
  loggingConfigurations: Record<string, unknown>[];
}

/** A document like a Snapshot in which almost everything can be left out. */
export interface Seed {
  rooms?: Record<string, unknown>[];
  loggingConfigurations?: Record<string, unknown>[];
}

/** What CreateRoom takes. */
export interface RoomOptions {
  name?: string;
  /** In characters. The default is 500. */
  maximumMessageLength?: number;
  /** Of all clients together. The default is 10. */
  maximumMessageRatePerSecond?: number;
  messageReviewHandler?: { uri?: string; fallbackResult?: "ALLOW" | "DENY" };
  loggingConfigurationIdentifiers?: string[];
  tags?: Record<string, string>;
}

/** A room, as CreateRoom answers. */
export interface Room {
  arn: string;
  id: string;
  name: string;
  /** In characters. */
  maximumMessageLength: number;
  maximumMessageRatePerSecond: number;
  messageReviewHandler?: { uri: string; fallbackResult: "ALLOW" | "DENY" };
  loggingConfigurationIdentifiers?: string[];
  tags: Record<string, string>;
  /** A time in ISO 8601, of the emulator's clock. */
  createTime: string;
  updateTime: string;
}

/** What CreateChatToken takes beside the room and the user. */
export interface TokenOptions {
  /** The default is none: the user can only read. */
  capabilities?: Capability[];
  /** Of the user. Others see them in Sender. */
  attributes?: Record<string, string>;
  /** From 1 to 180. The default is 60. */
  sessionDurationInMinutes?: number;
}

/** A limit for something that waits. */
export interface Limit {
  /** In milliseconds. The default is that of start, 10,000. */
  timeout?: number;
}

/** The event that a message review handler gets, which is what AWS passes to a Lambda function. */
export interface ReviewEvent {
  Content: string;
  MessageId: string;
  RoomArn: string;
  Attributes: Record<string, string> | null;
  Sender: { Attributes: Record<string, string>; UserId: string; Ip: string };
}

/** The answer of a message review handler. */
export interface ReviewAnswer {
  ReviewResult: "ALLOW" | "DENY";
  /** The content with which the message is delivered. */
  Content?: string;
  /** Those with which the message is delivered. With DENY, Reason is told to the sender. */
  Attributes?: Record<string, string>;
}
