/// <reference lib="esnext.disposable" preserve="true" />
export { ChatClient, type CloseStatus } from "./chat";
export { type CallFilter, Emulator, type FrameFilter } from "./emulator";
export { environment, type EnvironmentOptions } from "./environment";
export { RefusedError, WaitError } from "./errors";
export type { ErrorFrame, EventFrame, Frame, MessageFrame, Sender, UnreadableFrame } from "./frame";
export type { ReviewHandler, StartOptions } from "./options";
export { start } from "./start";
export type * from "./types";
