"""Tests of signatures with unmodified boto3 against an emulator that verifies them, at $URL."""

import os
import unittest

import boto3
import botocore
from botocore.config import Config

URL = os.environ["URL"]
PERMANENT = {
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
}
TEMPORARY = {
    "aws_access_key_id": os.environ["TEMPORARY_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["TEMPORARY_SECRET_ACCESS_KEY"],
    "aws_session_token": os.environ["TEMPORARY_SESSION_TOKEN"],
}


def client(keys, **config):
    """Returns a client that tries each call once."""
    once = Config(retries={"total_max_attempts": 1}, **config)
    return boto3.client("ivschat", endpoint_url=URL, config=once, **keys)


def after_signing(change):
    """Returns a client that changes its requests after they were signed."""
    chat = client(PERMANENT)
    chat.meta.events.register("before-send.ivschat.*", lambda request, **_: change(request))
    return chat


class Signatures(unittest.TestCase):
    def refused(self, exception, call, **arguments):
        """Requires a call to be refused with an exception, and returns its message."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**arguments)
        response = caught.exception.response
        self.assertEqual(response["Error"]["Code"], exception)
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 403)
        return response["Error"]["Message"]

    def test_bodies_paths_and_queries_are_signed(self):
        for keys in (PERMANENT, TEMPORARY):
            chat = client(keys)
            arn = chat.create_room(name="lobby", tags={"a b": "c/d", "é": "f"})["arn"]
            chat.untag_resource(resourceArn=arn, tagKeys=["a b+c&d=e/é", "é", "z", "%41", "~*'()"])
            self.assertEqual(chat.list_tags_for_resource(resourceArn=arn)["tags"], {"a b": "c/d"})
            chat.tag_resource(resourceArn=arn, tags={"x": "Ännä"})
            self.assertEqual(chat.delete_room(identifier=arn)["ResponseMetadata"]["HTTPStatusCode"], 204)

    def test_a_wrong_secret_is_refused(self):
        for keys in (PERMANENT, TEMPORARY):
            chat = client({**keys, "aws_secret_access_key": "wrong"})
            message = self.refused("InvalidSignatureException", chat.list_rooms)
            self.assertRegex(message, "^The request signature we calculated does not match")

    def test_an_access_key_needs_its_session_token(self):
        for token in (None, "wrong"):
            chat = client({**TEMPORARY, "aws_session_token": token})
            self.refused("UnrecognizedClientException", chat.list_rooms)
        chat = client({**PERMANENT, "aws_session_token": "superfluous"})
        self.refused("UnrecognizedClientException", chat.list_rooms)
        chat = client({**PERMANENT, "aws_access_key_id": "AKIAUNKNOWN"})
        message = self.refused("UnrecognizedClientException", chat.list_rooms)
        self.assertEqual(message, "The security token included in the request is invalid.")

    def test_a_request_must_be_signed(self):
        chat = client({}, signature_version=botocore.UNSIGNED)
        message = self.refused("MissingAuthenticationTokenException", chat.list_rooms)
        self.assertEqual(message, "Missing Authentication Token")

    def test_a_request_that_was_changed_is_refused(self):
        def other_body(request):
            request.body = b'{"name": "b"}'

        def other_query(request):
            request.url = request.url.replace("tagKeys=a", "tagKeys=b")

        def other_token(request):
            request.headers["X-Amz-Security-Token"] = "x"

        def other_time(request):
            request.headers["X-Amz-Date"] = b"20260101T000000Z"

        arn = client(PERMANENT).create_room()["arn"]
        self.refused("InvalidSignatureException", after_signing(other_body).create_room, name="a")
        untag = after_signing(other_query).untag_resource
        self.refused("InvalidSignatureException", untag, resourceArn=arn, tagKeys=["a"])
        message = self.refused("InvalidSignatureException", after_signing(other_token).list_rooms)
        self.assertEqual(message, "'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.")
        message = self.refused("InvalidSignatureException", after_signing(other_time).list_rooms)
        self.assertRegex(message, "^Date in Credential scope does not match")

    def test_a_request_can_be_presigned(self):
        for keys in (PERMANENT, TEMPORARY):
            url = client(keys).generate_presigned_url("list_rooms", ExpiresIn=60, HttpMethod="POST")
            # The SDK signs the header and a body without members, which it moves to the query.
            headers = {"Content-Type": "application/json"}
            request = botocore.awsrequest.AWSRequest("POST", url, headers).prepare()
            response = botocore.httpsession.URLLib3Session().send(request)
            self.assertEqual(response.status_code, 200, response.text)


unittest.main()
