export { DEFAULT_IMAGE, IvsChatContainer } from "./container";
export { type ClientOptions, StartedIvsChatContainer } from "./started";
