"""Tests with unmodified boto3 against the endpoint in the first argument."""

import json
import os
import sys
import unittest
import urllib.request
from unittest import mock

import boto3
import botocore
from botocore.config import Config

URL = sys.argv.pop()


def members(response):
    """Returns the members of a response."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def add_fault(**rule):
    """Adds a rule for a fault to the emulator."""
    request = urllib.request.Request(URL + "/_ivschat/v1/faults", data=json.dumps(rule).encode())
    urllib.request.urlopen(request).close()


class Chat(unittest.TestCase):
    def setUp(self):
        self.chat = boto3.client("ivschat", endpoint_url=URL)

    def refused(self, exception, status, call, **arguments):
        """Requires a call to fail with an exception, and returns its response."""
        with self.assertRaises(getattr(self.chat.exceptions, exception)) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return caught.exception.response

    def test_rooms_can_be_created_used_and_deleted(self):
        room = self.chat.create_room(name="lobby", tags={"team": "chat"})
        arn = room["arn"]
        self.assertRegex(arn, r"^arn:aws:ivschat:eu-west-1:123456789012:room/[a-zA-Z0-9]{12}$")
        self.assertEqual(room["createTime"], room["updateTime"])
        self.assertEqual(room["createTime"].utcoffset().total_seconds(), 0)
        got = self.chat.get_room(identifier=arn)
        self.assertEqual(members(got), members(room))

        self.chat.update_room(identifier=arn, maximumMessageLength=100)
        self.assertEqual(self.chat.get_room(identifier=arn)["maximumMessageLength"], 100)
        token = self.chat.create_chat_token(
            roomIdentifier=arn, userId="anna",
            capabilities=["SEND_MESSAGE"], attributes={"name": "Ännä"},
        )
        self.assertLessEqual(token["tokenExpirationTime"], token["sessionExpirationTime"])
        event = self.chat.send_event(
            roomIdentifier=arn, eventName="app:raffle", attributes={"winner": "anna"},
        )
        self.chat.delete_message(roomIdentifier=arn, id=event["id"], reason="a mistake")
        self.chat.disconnect_user(roomIdentifier=arn, userId="anna")

        self.chat.tag_resource(resourceArn=arn, tags={"a b": "c/d"})
        self.chat.untag_resource(resourceArn=arn, tagKeys=["team"])
        self.assertEqual(self.chat.list_tags_for_resource(resourceArn=arn)["tags"], {"a b": "c/d"})
        deleted = self.chat.delete_room(identifier=arn)
        self.assertEqual(deleted["ResponseMetadata"]["HTTPStatusCode"], 204)
        gone = self.refused("ResourceNotFoundException", 404, self.chat.get_room, identifier=arn)
        self.assertEqual((gone["resourceId"], gone["resourceType"]), (room["id"], "ROOM"))

    def test_lists_have_pages(self):
        arns = [self.chat.create_room(name="paged")["arn"] for _ in range(5)]
        listed, token = [], ""
        while True:
            page = self.chat.list_rooms(name="paged", maxResults=2, nextToken=token)
            listed += [room["arn"] for room in page["rooms"]]
            token = page.get("nextToken")
            if not token:
                break
        self.assertEqual(listed, arns[::-1])

    def test_logging_configurations_can_be_created_used_and_deleted(self):
        created = self.chat.create_logging_configuration(
            destinationConfiguration={"s3": {"bucketName": "chat-logs"}},
        )
        arn = created["arn"]
        self.assertEqual(created["state"], "ACTIVE")
        room = self.chat.create_room(loggingConfigurationIdentifiers=[arn])["arn"]
        self.refused("ConflictException", 409, self.chat.delete_logging_configuration, identifier=arn)
        self.chat.update_room(identifier=room, loggingConfigurationIdentifiers=[])
        self.chat.update_logging_configuration(identifier=arn, name="logs")
        self.assertEqual(self.chat.get_logging_configuration(identifier=arn)["name"], "logs")
        listed = self.chat.list_logging_configurations()["loggingConfigurations"]
        self.assertIn(arn, [configuration["arn"] for configuration in listed])
        self.chat.delete_logging_configuration(identifier=arn)

    def test_a_resource_without_a_name_has_an_empty_name(self):
        arn = self.chat.create_room()["arn"]
        self.assertEqual(self.chat.get_room(identifier=arn)["name"], "")
        rooms = self.chat.list_rooms()["rooms"]
        self.assertEqual([room["name"] for room in rooms if room["arn"] == arn], [""])
        configuration = self.chat.create_logging_configuration(
            destinationConfiguration={"s3": {"bucketName": "chat-logs"}},
        )
        self.assertEqual(configuration["name"], "")

    def test_an_exception_names_the_invalid_field(self):
        invalid = self.refused("ValidationException", 400, self.chat.create_room, name="no blanks")
        self.assertEqual(invalid["reason"], "FIELD_VALIDATION_FAILED")
        self.assertEqual([field["name"] for field in invalid["fieldList"]], ["name"])

    def test_it_retries_the_common_errors_that_it_retries_on_aws(self):
        statuses = {
            "AccessDeniedException": 403, "ExpiredTokenException": 403, "IncompleteSignature": 403,
            "InternalFailure": 500, "InvalidSignatureException": 403,
            "MissingAuthenticationToken": 403, "NotAuthorized": 401, "OptInRequired": 403,
            "RequestExpired": 400, "RequestTimeoutException": 408, "ServiceUnavailable": 503,
            "ThrottlingException": 429, "UnrecognizedClientException": 403,
        }
        retried = {
            "InternalFailure", "RequestTimeoutException", "ServiceUnavailable", "ThrottlingException",
        }
        config = Config(retries={"mode": "standard", "total_max_attempts": 2})
        chat = boto3.client("ivschat", endpoint_url=URL, config=config)
        for name, status in statuses.items():
            with self.subTest(name), mock.patch("botocore.endpoint.time.sleep"):
                add_fault(operation="ListRooms", exception=name, times=1)
                if name in retried:
                    listed = chat.list_rooms()
                    self.assertEqual(listed["ResponseMetadata"]["RetryAttempts"], 1)
                    add_fault(operation="ListRooms", exception=name, times=2)
                with self.assertRaises(botocore.exceptions.ClientError) as caught:
                    chat.list_rooms()
                error = caught.exception.response
                self.assertEqual(error["Error"]["Code"], name)
                self.assertEqual(error["Error"]["Message"], "fault " + name)
                self.assertEqual(error["ResponseMetadata"]["HTTPStatusCode"], status)
                self.assertEqual(error["ResponseMetadata"]["RetryAttempts"], int(name in retried))

    def test_a_throttled_operation_has_the_type_and_the_members_of_the_model(self):
        once = Config(retries={"total_max_attempts": 1})
        self.chat = boto3.client("ivschat", endpoint_url=URL, config=once)
        limits = {"CreateRoom": 5, "ListLoggingConfigurations": 3, "ListRooms": 5}
        for operation, limit in limits.items():
            add_fault(operation=operation, exception="ThrottlingException", times=1)
            method = getattr(self.chat, botocore.xform_name(operation))
            throttled = self.refused("ThrottlingException", 429, method)
            members = [throttled[name] for name in ("limit", "resourceId", "resourceType")]
            self.assertEqual(members, [limit, "123456789012", "ROOM"])

    def test_the_endpoint_may_end_with_a_slash(self):
        self.chat = boto3.client("ivschat", endpoint_url=URL + "/")
        arn = self.chat.create_room(tags={"a b": "c/d"})["arn"]
        self.assertEqual(self.chat.list_tags_for_resource(resourceArn=arn)["tags"], {"a b": "c/d"})

    def test_the_endpoint_comes_from_the_environment(self):
        major, minor = (int(part) for part in botocore.__version__.split(".")[:2])
        if (major, minor) < (1, 31):
            self.skipTest("this botocore does not read AWS_ENDPOINT_URL_IVSCHAT")
        os.environ["AWS_ENDPOINT_URL_IVSCHAT"] = URL
        try:
            boto3.client("ivschat").create_room()
        finally:
            del os.environ["AWS_ENDPOINT_URL_IVSCHAT"]


unittest.main()
