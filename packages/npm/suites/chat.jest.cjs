const { start } = require("ivschat-local");

let emulator;
beforeAll(async () => {
  emulator = await start();
});
afterAll(() => emulator.stop());
beforeEach(() => emulator.reset());

test("a moderator deletes a message", async () => {
  const room = await emulator.room();
  const anna = await emulator.connect(room, "anna", { capabilities: ["SEND_MESSAGE"] });
  const moderator = await emulator.connect(room, "mia", { capabilities: ["DELETE_MESSAGE"] });

  anna.send("spam");
  const message = await moderator.receive();
  moderator.deleteMessage(message.Id, "rude");

  const event = await anna.receive((frame) => frame.Type === "EVENT");
  expect(event).toMatchObject({ EventName: "aws:DELETE_MESSAGE", Attributes: { Reason: "rude" } });
});
