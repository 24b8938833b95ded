// Tests with the unmodified AWS SDK for JavaScript. It reads the URL of the emulator from the
// variable AWS_ENDPOINT_URL_IVSCHAT.

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
  ThrottlingException,
  ValidationException,
} from "@aws-sdk/client-ivschat";

const client = new IvschatClient({});
const destinationConfiguration = { cloudWatchLogs: { logGroupName: "/ivs/chat" } };

// refused sends a command that must fail with the exception and the HTTP status. It returns the
// exception.
async function refused(command, exception, status) {
  const error = await client.send(command).then(
    () => assert.fail("the command succeeded"),
    (error) => error,
  );
  assert.ok(error instanceof exception, `${error}`);
  assert.equal(error.$metadata.httpStatusCode, status);
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
  return error;
}

// addFault adds a rule for a fault to the emulator.
async function addFault(rule) {
  const url = `${process.env.AWS_ENDPOINT_URL_IVSCHAT}/_ivschat/v1/faults`;
  const response = await fetch(url, { method: "POST", body: JSON.stringify(rule) });
  assert.equal(response.status, 201, await response.text());
}

test("rooms can be created, updated, listed and deleted", async () => {
  const room = await client.send(new CreateRoomCommand({ name: "lobby", tags: { team: "chat" } }));
  assert.match(room.arn, /^arn:aws:ivschat:eu-west-1:123456789012:room\/[a-zA-Z0-9]{12}$/);
  assert.ok(room.createTime instanceof Date);
  assert.equal(room.$metadata.httpStatusCode, 200);
  const { $metadata: _, ...created } = room;
  const { $metadata: __, ...got } = await client.send(new GetRoomCommand({ identifier: room.arn }));
  assert.deepEqual(got, created);
  const update = { maximumMessageLength: 7, messageReviewHandler: { uri: "" } };
  const updated = await client.send(new UpdateRoomCommand({ identifier: room.arn, ...update }));
  assert.equal(updated.maximumMessageLength, 7);
  const { rooms } = await client.send(new ListRoomsCommand({ name: "lobby", maxResults: 1 }));
  assert.deepEqual(rooms.map(({ arn }) => arn), [room.arn]);
  const deleted = await client.send(new DeleteRoomCommand({ identifier: room.arn }));
  assert.equal(deleted.$metadata.httpStatusCode, 204);
});

test("tags can be added and removed", async () => {
  const { arn: resourceArn } = await client.send(new CreateRoomCommand({}));
  await client.send(new TagResourceCommand({ resourceArn, tags: { "a b": "c/d", e: "" } }));
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["e", "f"] }));
  const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
  assert.deepEqual(tags, { "a b": "c/d" });
});

test("the endpoint may end with a slash", async () => {
  const other = new IvschatClient({ endpoint: process.env.AWS_ENDPOINT_URL_IVSCHAT + "/" });
  const { arn: resourceArn } = await other.send(new CreateRoomCommand({ tags: { "a b": "c/d" } }));
  const { tags } = await other.send(new ListTagsForResourceCommand({ resourceArn }));
  assert.deepEqual(tags, { "a b": "c/d" });
});

test("logging configurations can be created, updated, listed and deleted", async () => {
  const input = { destinationConfiguration };
  const { arn, id, state } = await client.send(new CreateLoggingConfigurationCommand(input));
  assert.equal(state, "ACTIVE");
  await client.send(new UpdateLoggingConfigurationCommand({ identifier: arn, name: "logs" }));
  const got = await client.send(new GetLoggingConfigurationCommand({ identifier: arn }));
  assert.equal(got.name, "logs");
  assert.deepEqual(got.destinationConfiguration, destinationConfiguration);
  const { loggingConfigurations } = await client.send(new ListLoggingConfigurationsCommand({}));
  assert.ok(loggingConfigurations.some((configuration) => configuration.arn === arn));

  const room = await client.send(new CreateRoomCommand({ loggingConfigurationIdentifiers: [arn] }));
  const deletion = new DeleteLoggingConfigurationCommand({ identifier: arn });
  const conflict = await refused(deletion, ConflictException, 409);
  assert.equal(conflict.resourceId, id);
  await client.send(new DeleteRoomCommand({ identifier: room.arn }));
  await client.send(new DeleteLoggingConfigurationCommand({ identifier: arn }));
});

test("events are sent, messages deleted and users disconnected", async () => {
  const { arn: roomIdentifier } = await client.send(new CreateRoomCommand({}));
  const event = { roomIdentifier, eventName: "app:raffle", attributes: { winner: "anna" } };
  const { id } = await client.send(new SendEventCommand(event));
  assert.match(id, /^[a-zA-Z0-9]{12}$/);
  const deletion = { roomIdentifier, id, reason: "a mistake" };
  const deleted = await client.send(new DeleteMessageCommand(deletion));
  assert.match(deleted.id, /^[a-zA-Z0-9]{12}$/);
  const disconnection = { roomIdentifier, userId: "anna", reason: "enough" };
  await client.send(new DisconnectUserCommand(disconnection));
});

test("the example in the documentation of CreateChatTokenCommand works", async () => {
  const { arn } = await client.send(new CreateRoomCommand({}));
  // The documentation is generated from a comment in this file. The test replaces the placeholders
  // of the example and removes its import.
  const folder = "node_modules/@aws-sdk/client-ivschat/dist-types/commands/";
  const file = new URL(`${folder}CreateChatTokenCommand.d.ts`, import.meta.url);
  const documentation = await readFile(file, "utf8");
  const comment = documentation.match(/```javascript\n([^]*?)```/)[1];
  const example = comment.replace(/^ \* ?/gm, "").replace(/^import .*$/m, "");
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
  const names = ["IvschatClient", "CreateChatTokenCommand"];
  const run = new AsyncFunction(...names, `${code}\nreturn response;`);
  const response = await run(IvschatClient, CreateChatTokenCommand);
  const members = ["$metadata", "sessionExpirationTime", "token", "tokenExpirationTime"];
  assert.deepEqual(Object.keys(response).sort(), members);
  assert.ok(response.sessionExpirationTime instanceof Date);
  assert.ok(response.tokenExpirationTime instanceof Date);
  assert.match(response.token, /^AQICAH[A-Za-z0-9_-]+!{0,2}#[0-9]$/);
});

test("exceptions have their types and members", async () => {
  const missing = "arn:aws:ivschat:eu-west-1:123456789012:room/absentabsent";
  const get = new GetRoomCommand({ identifier: missing });
  const notFound = await refused(get, ResourceNotFoundException, 404);
  assert.deepEqual([notFound.resourceId, notFound.resourceType], ["absentabsent", "ROOM"]);

  const create = new CreateRoomCommand({ name: "no blanks" });
  const invalid = await refused(create, ValidationException, 400);
  assert.equal(invalid.reason, "FIELD_VALIDATION_FAILED");
  assert.deepEqual(invalid.fieldList.map(({ name }) => name), ["name"]);

  const credentials = { accessKeyId: "999999999999", secretAccessKey: "any" };
  const other = new IvschatClient({ credentials });
  const createLogging = () =>
    other.send(new CreateLoggingConfigurationCommand({ destinationConfiguration }));
  for (let i = 0; i < 10; i++) await createLogging();
  const exceeded = await createLogging().catch((error) => error);
  assert.ok(exceeded instanceof ServiceQuotaExceededException);
  assert.deepEqual([exceeded.limit, exceeded.$metadata.httpStatusCode], [10, 402]);
});

test("the common errors that are retried on AWS are retried", async () => {
  const operation = "ListRooms";
  const retrying = new IvschatClient({ maxAttempts: 2 });
  const retried = {
    InternalFailure: 500, RequestTimeoutException: 408, ServiceUnavailable: 503,
    ThrottlingException: 429,
  };
  for (const [exception, status] of Object.entries(retried)) {
    await addFault({ operation, exception, times: 1 });
    const { $metadata } = await retrying.send(new ListRoomsCommand({}));
    assert.equal($metadata.attempts, 2, exception);
    await addFault({ operation, exception, times: 2 });
    const error = await retrying.send(new ListRoomsCommand({})).catch((error) => error);
    assert.equal(error.name, exception);
    assert.deepEqual([error.$metadata.httpStatusCode, error.$metadata.attempts], [status, 2]);
  }
  const final = {
    AccessDeniedException: 403, ExpiredTokenException: 403, IncompleteSignature: 403,
    InvalidSignatureException: 403, MissingAuthenticationToken: 403, NotAuthorized: 401,
    OptInRequired: 403, RequestExpired: 400, UnrecognizedClientException: 403,
  };
  for (const [exception, status] of Object.entries(final)) {
    await addFault({ operation, exception, times: 1 });
    const error = await retrying.send(new ListRoomsCommand({})).catch((error) => error);
    assert.deepEqual([error.name, error.message], [exception, `fault ${exception}`]);
    assert.deepEqual([error.$metadata.httpStatusCode, error.$metadata.attempts], [status, 1]);
  }
});

test("a throttled operation has the type and the members of the model", async () => {
  await addFault({ operation: "CreateRoom", exception: "ThrottlingException", times: 1 });
  const once = new IvschatClient({ maxAttempts: 1 });
  const error = await once.send(new CreateRoomCommand({})).catch((error) => error);
  assert.ok(error instanceof ThrottlingException, `${error}`);
  const { limit, resourceId, resourceType } = error;
  assert.deepEqual([limit, resourceId, resourceType], [5, "123456789012", "ROOM"]);
});

test("an answer with a status only has a request ID unless it is bare", async () => {
  const once = new IvschatClient({ maxAttempts: 1 });
  for (const bare of [false, true]) {
    const body = "<html>Bad Gateway</html>";
    await addFault({ operation: "CreateRoom", status: 502, body, bare, times: 1 });
    const { $metadata } = await once.send(new CreateRoomCommand({})).catch((error) => error);
    assert.equal($metadata.httpStatusCode, 502);
    assert.match(`${$metadata.requestId}`, bare ? /^undefined$/ : /^[0-9a-f-]{36}$/);
  }
});
