// Tests of signatures with the unmodified AWS SDK for JavaScript, against an emulator that verifies them. The SDK reads
// its URL from the variable AWS_ENDPOINT_URL_IVSCHAT.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IvschatClient,
  CreateRoomCommand,
  DeleteRoomCommand,
  ListRoomsCommand,
  ListTagsForResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ivschat";

const { env } = process;
const permanent = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
const temporary = {
  accessKeyId: env.TEMPORARY_ACCESS_KEY_ID,
  secretAccessKey: env.TEMPORARY_SECRET_ACCESS_KEY,
  sessionToken: env.TEMPORARY_SESSION_TOKEN,
};

// refused sends a command that must be refused with an exception, and returns its message.
async function refused(client, command, exception) {
  const error = await client.send(command).then(
    () => assert.fail("the command succeeded"),
    (error) => error,
  );
  assert.deepEqual([error.name, error.$metadata.httpStatusCode], [exception, 403]);
  return error.message;
}

// once returns a client that tries each command once.
const once = (credentials) => new IvschatClient({ credentials, maxAttempts: 1 });

// afterSigning returns a client that changes its requests after they were signed.
function afterSigning(change) {
  const client = once(permanent);
  const middleware = (next) => (args) => {
    change(args.request);
    return next(args);
  };
  client.middlewareStack.add(middleware, { step: "finalizeRequest", priority: "low" });
  return client;
}

test("bodies, paths and queries are signed", async () => {
  for (const credentials of [permanent, temporary]) {
    const client = new IvschatClient({ credentials });
    const { arn } = await client.send(new CreateRoomCommand({ tags: { "a b": "c/d", é: "Ännä" } }));
    const tagKeys = ["a b+c&d=e/é", "é", "z", "%41", "~*'()"];
    await client.send(new UntagResourceCommand({ resourceArn: arn, tagKeys }));
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    assert.deepEqual(tags, { "a b": "c/d" });
    await client.send(new DeleteRoomCommand({ identifier: arn }));
  }
});

test("a wrong secret is refused", async () => {
  for (const keys of [permanent, temporary]) {
    const client = once({ ...keys, secretAccessKey: "wrong" });
    const message = await refused(client, new ListRoomsCommand({}), "InvalidSignatureException");
    assert.match(message, /^The request signature we calculated does not match/);
  }
});

test("an access key needs its session token", async () => {
  const unknown = { ...permanent, accessKeyId: "AKIAUNKNOWN" };
  const without = { ...temporary, sessionToken: undefined };
  for (const keys of [unknown, without, { ...temporary, sessionToken: "x" }, { ...permanent, sessionToken: "x" }]) {
    const message = await refused(once(keys), new ListRoomsCommand({}), "UnrecognizedClientException");
    assert.equal(message, "The security token included in the request is invalid.");
  }
});

test("a request that was changed is refused", async () => {
  const command = new CreateRoomCommand({ name: "a" });
  const changes = [
    (request) => (request.body = '{"name":"b"}'),
    (request) => (request.path = "/ListRooms"),
    (request) => (request.query = { a: "b" }),
    (request) => (request.headers["x-amz-user-agent"] += "x"),
    (request) => (request.headers["x-amz-meta"] = "x"),
  ];
  for (const change of changes) await refused(afterSigning(change), command, "InvalidSignatureException");
  const withoutSignature = afterSigning((request) => delete request.headers.authorization);
  await refused(withoutSignature, command, "MissingAuthenticationTokenException");
});

test("the SDK corrects a clock that is wrong", async () => {
  const client = new IvschatClient({ credentials: permanent, systemClockOffset: -3600_000 });
  const { $metadata } = await client.send(new ListRoomsCommand({}));
  assert.equal($metadata.attempts, 2);
  const wrong = new IvschatClient({ credentials: permanent, systemClockOffset: 3600_000, maxAttempts: 1 });
  const message = await refused(wrong, new ListRoomsCommand({}), "InvalidSignatureException");
  assert.match(message, /^(Signature not yet current|Date in Credential scope)/);
});
