// The AWS SDK for JavaScript, unmodified. It finds the emulator by the variable
// AWS_ENDPOINT_URL_IVSCHAT.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  IvschatClient,
  CreateChatTokenCommand,
  CreateLoggingConfigurationCommand,
  CreateRoomCommand,
  DeleteLoggingConfigurationCommand,
  DeleteMessageCommand,
  DeleteRoomCommand,
  DisconnectUserCommand,
  GetLoggingConfigurationCommand,
  GetRoomCommand,
  ListLoggingConfigurationsCommand,
  ListRoomsCommand,
  ListTagsForResourceCommand,
  SendEventCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateLoggingConfigurationCommand,
  UpdateRoomCommand,
  ConflictException,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  ValidationException,
} from "@aws-sdk/client-ivschat";

const client = new IvschatClient({});
const destinationConfiguration = { cloudWatchLogs: { logGroupName: "/ivs/chat" } };

// refused wants the exception, with the HTTP status.
async function refused(command, exception, status) {
  const error = await client.send(command).then(
    () => assert.fail("it was not refused"),
    (error) => error,
  );
  assert.ok(error instanceof exception, `${error}`);
  assert.equal(error.$metadata.httpStatusCode, status);
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
  return error;
}

test("rooms", async () => {
  const room = await client.send(new CreateRoomCommand({ name: "lobby", tags: { team: "chat" } }));
  assert.match(room.arn, /^arn:aws:ivschat:eu-west-1:123456789012:room\/[a-zA-Z0-9]{12}$/);
  assert.ok(room.createTime instanceof Date);
  assert.equal(room.$metadata.httpStatusCode, 200);
  const { $metadata: _, ...made } = room;
  const { $metadata: __, ...got } = await client.send(new GetRoomCommand({ identifier: room.arn }));
  assert.deepEqual(got, made);
  const updated = await client.send(new UpdateRoomCommand({ identifier: room.arn, maximumMessageLength: 7, messageReviewHandler: { uri: "" } }));
  assert.equal(updated.maximumMessageLength, 7);
  const { rooms } = await client.send(new ListRoomsCommand({ name: "lobby", maxResults: 1 }));
  assert.deepEqual(rooms.map(({ arn }) => arn), [room.arn]);
  assert.equal((await client.send(new DeleteRoomCommand({ identifier: room.arn }))).$metadata.httpStatusCode, 204);
});

test("tags", async () => {
  const { arn: resourceArn } = await client.send(new CreateRoomCommand({}));
  await client.send(new TagResourceCommand({ resourceArn, tags: { "a b": "c/d", e: "" } }));
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["e", "f"] }));
  assert.deepEqual((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags, { "a b": "c/d" });
});

test("logging configurations", async () => {
  const made = await client.send(new CreateLoggingConfigurationCommand({ destinationConfiguration }));
  assert.equal(made.state, "ACTIVE");
  await client.send(new UpdateLoggingConfigurationCommand({ identifier: made.arn, name: "logs" }));
  const got = await client.send(new GetLoggingConfigurationCommand({ identifier: made.arn }));
  assert.equal(got.name, "logs");
  assert.deepEqual(got.destinationConfiguration, destinationConfiguration);
  const { loggingConfigurations } = await client.send(new ListLoggingConfigurationsCommand({}));
  assert.ok(loggingConfigurations.some(({ arn }) => arn === made.arn));
  const room = await client.send(new CreateRoomCommand({ loggingConfigurationIdentifiers: [made.arn] }));
  const conflict = await refused(new DeleteLoggingConfigurationCommand({ identifier: made.arn }), ConflictException, 409);
  assert.equal(conflict.resourceId, made.id);
  await client.send(new DeleteRoomCommand({ identifier: room.arn }));
  await client.send(new DeleteLoggingConfigurationCommand({ identifier: made.arn }));
});

test("messages, events and users", async () => {
  const { arn: roomIdentifier } = await client.send(new CreateRoomCommand({}));
  const { id } = await client.send(new SendEventCommand({ roomIdentifier, eventName: "app:raffle", attributes: { winner: "anna" } }));
  assert.match(id, /^[a-zA-Z0-9]{12}$/);
  assert.match((await client.send(new DeleteMessageCommand({ roomIdentifier, id, reason: "a slip" }))).id, /^[a-zA-Z0-9]{12}$/);
  await client.send(new DisconnectUserCommand({ roomIdentifier, userId: "anna", reason: "enough" }));
});

test("the example of the CreateChatTokenCommand page, word for word", async () => {
  const { arn } = await client.send(new CreateRoomCommand({}));
  // The page is made from this comment. Its placeholders are replaced, and its
  // import is left to what was imported above.
  const page = await readFile(new URL("node_modules/@aws-sdk/client-ivschat/dist-types/commands/CreateChatTokenCommand.d.ts", import.meta.url), "utf8");
  const example = page.match(/```javascript\n([^]*?)```/)[1].replace(/^ \* ?/gm, "").replace(/^import .*$/m, "");
  const placeholders = [
    [`roomIdentifier: "STRING_VALUE"`, `roomIdentifier: "${arn}"`],
    [/capabilities: \[[^\]]*\]/, `capabilities: ["SEND_MESSAGE"]`],
    [`Number("int")`, `Number("60")`],
  ];
  let code = example;
  for (const [placeholder, value] of placeholders) {
    const filled = code.replace(placeholder, value);
    assert.notEqual(filled, code, `the example has no ${placeholder}`);
    code = filled;
  }
  const AsyncFunction = (async () => {}).constructor;
  const response = await new AsyncFunction("IvschatClient", "CreateChatTokenCommand", `${code}\nreturn response;`)(IvschatClient, CreateChatTokenCommand);
  assert.deepEqual(Object.keys(response).sort(), ["$metadata", "sessionExpirationTime", "token", "tokenExpirationTime"]);
  assert.ok(response.sessionExpirationTime instanceof Date && response.tokenExpirationTime instanceof Date);
  assert.match(response.token, /^AQICAH[A-Za-z0-9_-]+!{0,2}#[0-9]$/);
});

test("exceptions are typed and have their members", async () => {
  const absent = "arn:aws:ivschat:eu-west-1:123456789012:room/absentabsent";
  const gone = await refused(new GetRoomCommand({ identifier: absent }), ResourceNotFoundException, 404);
  assert.deepEqual([gone.resourceId, gone.resourceType], ["absentabsent", "ROOM"]);
  const invalid = await refused(new CreateRoomCommand({ name: "no blanks" }), ValidationException, 400);
  assert.equal(invalid.reason, "FIELD_VALIDATION_FAILED");
  assert.deepEqual(invalid.fieldList.map(({ name }) => name), ["name"]);
  const other = new IvschatClient({ credentials: { accessKeyId: "999999999999", secretAccessKey: "any" } });
  for (let i = 0; i < 10; i++) await other.send(new CreateLoggingConfigurationCommand({ destinationConfiguration }));
  const full = await other.send(new CreateLoggingConfigurationCommand({ destinationConfiguration })).catch((error) => error);
  assert.ok(full instanceof ServiceQuotaExceededException);
  assert.deepEqual([full.limit, full.$metadata.httpStatusCode], [10, 402]);
});
