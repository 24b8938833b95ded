// Tests of signatures with version 2 of the AWS SDK for JavaScript, against an emulator that verifies them, at $URL.

import assert from "node:assert/strict";
import { test } from "node:test";
import AWS from "aws-sdk";

const { env } = process;
const permanent = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
const temporary = {
  accessKeyId: env.TEMPORARY_ACCESS_KEY_ID,
  secretAccessKey: env.TEMPORARY_SECRET_ACCESS_KEY,
  sessionToken: env.TEMPORARY_SESSION_TOKEN,
};

const newClient = (credentials, options) =>
  new AWS.Ivschat({ credentials, endpoint: env.URL, region: "eu-west-1", maxRetries: 0, ...options });

// refused sends a request that must be refused with an exception, and returns its message.
async function refused(request, exception) {
  const error = await request.promise().then(
    () => assert.fail("the request succeeded"),
    (error) => error,
  );
  assert.deepEqual([error.code, error.statusCode], [exception, 403]);
  return error.message;
}

// afterSigning returns a request to create a room that is changed after it was signed.
function afterSigning(change) {
  const request = newClient(permanent).createRoom({ name: "a" });
  return request.on("sign", ({ httpRequest }) => change(httpRequest));
}

test("bodies, paths and queries are signed", async () => {
  for (const credentials of [permanent, temporary]) {
    const client = newClient(credentials);
    const { arn } = await client.createRoom({ tags: { "a b": "c/d", é: "Ännä" } }).promise();
    const tagKeys = ["a b+c&d=e/é", "é", "z", "%41", "~*'()"];
    await client.untagResource({ resourceArn: arn, tagKeys }).promise();
    const { tags } = await client.listTagsForResource({ resourceArn: arn }).promise();
    assert.deepEqual(tags, { "a b": "c/d" });
    await client.deleteRoom({ identifier: arn }).promise();
  }
});

test("a wrong secret is refused", async () => {
  for (const keys of [permanent, temporary]) {
    const client = newClient({ ...keys, secretAccessKey: "wrong" });
    const message = await refused(client.listRooms({}), "InvalidSignatureException");
    assert.match(message, /^The request signature we calculated does not match/);
  }
});

test("an access key needs its session token", async () => {
  const unknown = { ...permanent, accessKeyId: "AKIAUNKNOWN" };
  const without = { ...temporary, sessionToken: undefined };
  for (const keys of [unknown, without, { ...temporary, sessionToken: "x" }, { ...permanent, sessionToken: "x" }]) {
    const message = await refused(newClient(keys).listRooms({}), "UnrecognizedClientException");
    assert.equal(message, "The security token included in the request is invalid.");
  }
});

test("a request that was changed is refused", async () => {
  await refused(afterSigning((request) => (request.body = '{"name":"b"}')), "InvalidSignatureException");
  await refused(afterSigning((request) => (request.path = "/ListRooms")), "InvalidSignatureException");
  await refused(afterSigning((request) => (request.headers["X-Amz-Meta"] = "x")), "InvalidSignatureException");
  const unsigned = newClient(permanent).makeUnauthenticatedRequest("listRooms", {});
  await refused(unsigned, "MissingAuthenticationTokenException");
});

test("the SDK corrects a clock that is wrong, if that is allowed", async () => {
  const wrong = { systemClockOffset: -3600_000 };
  const message = await refused(newClient(permanent, wrong).listRooms({}), "InvalidSignatureException");
  assert.match(message, /^(Signature expired|Date in Credential scope)/);
  const correcting = newClient(permanent, { ...wrong, correctClockSkew: true, maxRetries: 1 });
  await correcting.listRooms({}).promise();
});
