"""Tests with unmodified boto3 against the endpoint in the first argument."""

import os
import sys
import unittest

import boto3
import botocore

URL = sys.argv.pop()


def members(response):
    """Returns the members of a response."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


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

    def test_an_exception_names_the_invalid_field(self):
        invalid = self.refused("ValidationException", 400, self.chat.create_room, name="no blanks")
        self.assertEqual(invalid["reason"], "FIELD_VALIDATION_FAILED")
        self.assertEqual([field["name"] for field in invalid["fieldList"]], ["name"])

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
