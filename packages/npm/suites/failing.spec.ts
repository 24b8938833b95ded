// Is run on its own, and has to fail: its report then has the journal.
import { expect, test } from "ivschat-local/playwright";

test("a message arrives twice", async ({ ivschat, ivschatRoom }) => {
  const anna = await ivschat.connect(ivschatRoom, "anna", { capabilities: ["SEND_MESSAGE"] });
  anna.send("hello from a test that fails");
  await anna.receive();
  expect(await ivschat.waitForFrames(ivschatRoom, 1)).toHaveLength(2);
});
