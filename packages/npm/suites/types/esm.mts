// Is compiled, not run: what an editor knows of the package as an ES module.
import { type Call, type ErrorFrame, type Fault, type Frame, type MessageFrame, start } from "ivschat-local";
import { expect, test } from "ivschat-local/playwright";

export async function client(): Promise<void> {
  await using emulator = await start({ seed: { rooms: [{ name: "lobby" }] }, container: "podman" });
  const room = await emulator.room({ name: "lobby", tags: { team: "chat" } });
  const anna = await emulator.connect(room, "anna", {
    capabilities: ["SEND_MESSAGE"],
    attributes: { colour: "red" },
  });
  const id: string = anna.send("hello", { mood: "good" });
  const any: Frame = await anna.receive();
  if (any.Type === "MESSAGE") {
    const content: string = any.Content;
    anna.deleteMessage(any.Id, content + id);
  } else if (any.Type === "EVENT") {
    const name: string = any.EventName;
    anna.disconnectUser(name);
  }
  const message: MessageFrame = await anna.receive((frame) => frame.Type === "MESSAGE");
  const error: ErrorFrame = await anna.receive((frame) => frame.Type === "ERROR", { timeout: 1000 });
  const calls: Call[] = await emulator.waitForCalls("CreateChatToken", 1, { userId: message.Sender.UserId });
  const capabilities: string[] = calls[0].request.capabilities;
  anna.send(capabilities.join() + room.createTime);
  const status: number = calls[0].status + error.ErrorCode;
  await emulator.waitForFrames(room, status, { match: ({ frame }) => frame?.Type === "MESSAGE" });
  await emulator.scriptReviews({ content: "spam", deny: { reason: "spam" } });

  await emulator.calls("CreateChatToken");
  await emulator.calls({ operation: "CreateChatToken", status: 200 });

  // @ts-expect-error: an operation that does not exist
  await emulator.calls("CreateToken");
  // @ts-expect-error: an operation that does not exist
  await emulator.waitForCalls("CreateToken");
  // @ts-expect-error: a capability that does not exist
  await emulator.token(room, "anna", { capabilities: ["WRITE"] });
  // @ts-expect-error: an option that does not exist
  await start({ acount: "123456789012" });
}

export const faults: Fault[] = [
  { operation: "CreateRoom", times: 2, exception: "ThrottlingException" },
  { operation: "CreateLoggingConfiguration", fail: true },
  { operation: "CONNECT", status: 503, delay: "1s" },
  { operation: "SEND_MESSAGE", userId: "anna", error: 429, probability: 0.1 },
  { operation: "MESSAGE", frame: "reorder" },
  { operation: "REVIEW", frame: "drop" },
];

export const impossible: Fault[] = [
  // @ts-expect-error: an exception that does not exist
  { operation: "CreateRoom", exception: "NoSuchException" },
  // @ts-expect-error: an action cannot be reordered
  { operation: "SEND_MESSAGE", frame: "reorder" },
  // @ts-expect-error: an operation has no frames
  { operation: "CreateRoom", frame: "drop" },
  // @ts-expect-error: only logging configurations can fail later
  { operation: "CreateRoom", fail: true },
];

test("fixtures", async ({ ivschat, ivschatRoom, page }) => {
  await page.goto(ivschat.endpoint);
  expect(ivschatRoom.arn).toContain(ivschat.account);
});

test.use({ ivschatOptions: { randomSeed: 7 } });
