"""boto3, unmodified, against the endpoint that is given as the argument."""

import os
import sys
import unittest

import boto3
import botocore

URL = sys.argv.pop()


class Chat(unittest.TestCase):
    def setUp(self):
        self.chat = boto3.client("ivschat", endpoint_url=URL)

    def refused(self, exception, status, call, **arguments):
        with self.assertRaises(getattr(self.chat.exceptions, exception)) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return caught.exception.response

    def test_a_room_lives_its_life(self):
        room = self.chat.create_room(name="lobby", tags={"team": "chat"})
        arn = room["arn"]
        self.assertRegex(arn, r"^arn:aws:ivschat:eu-west-1:123456789012:room/[a-zA-Z0-9]{12}$")
        self.assertEqual(room["createTime"], room["updateTime"])
        self.assertEqual(room["createTime"].utcoffset().total_seconds(), 0)
        got = self.chat.get_room(identifier=arn)
        self.assertEqual({k: v for k, v in got.items() if k != "ResponseMetadata"}, {k: v for k, v in room.items() if k != "ResponseMetadata"})

        self.chat.update_room(identifier=arn, maximumMessageLength=100)
        self.assertEqual(self.chat.get_room(identifier=arn)["maximumMessageLength"], 100)
        token = self.chat.create_chat_token(roomIdentifier=arn, userId="anna", capabilities=["SEND_MESSAGE"], attributes={"name": "Ännä"})
        self.assertLessEqual(token["tokenExpirationTime"], token["sessionExpirationTime"])
        event = self.chat.send_event(roomIdentifier=arn, eventName="app:raffle", attributes={"winner": "anna"})
        self.chat.delete_message(roomIdentifier=arn, id=event["id"], reason="a slip")
        self.chat.disconnect_user(roomIdentifier=arn, userId="anna")

        self.chat.tag_resource(resourceArn=arn, tags={"a b": "c/d"})
        self.chat.untag_resource(resourceArn=arn, tagKeys=["team"])
        self.assertEqual(self.chat.list_tags_for_resource(resourceArn=arn)["tags"], {"a b": "c/d"})
        self.assertEqual(self.chat.delete_room(identifier=arn)["ResponseMetadata"]["HTTPStatusCode"], 204)
        gone = self.refused("ResourceNotFoundException", 404, self.chat.get_room, identifier=arn)
        self.assertEqual((gone["resourceId"], gone["resourceType"]), (room["id"], "ROOM"))

    def test_lists_come_in_pages(self):
        arns = [self.chat.create_room(name="paged")["arn"] for _ in range(5)]
        listed, token = [], ""
        while True:
            page = self.chat.list_rooms(name="paged", maxResults=2, nextToken=token)
            listed += [room["arn"] for room in page["rooms"]]
            token = page.get("nextToken")
            if not token:
                break
        self.assertEqual(listed, arns[::-1])

    def test_a_logging_configuration_lives_its_life(self):
        made = self.chat.create_logging_configuration(destinationConfiguration={"s3": {"bucketName": "chat-logs"}})
        arn = made["arn"]
        self.assertEqual(made["state"], "ACTIVE")
        room = self.chat.create_room(loggingConfigurationIdentifiers=[arn])["arn"]
        self.refused("ConflictException", 409, self.chat.delete_logging_configuration, identifier=arn)
        self.chat.update_room(identifier=room, loggingConfigurationIdentifiers=[])
        self.chat.update_logging_configuration(identifier=arn, name="logs")
        self.assertEqual(self.chat.get_logging_configuration(identifier=arn)["name"], "logs")
        self.assertIn(arn, [one["arn"] for one in self.chat.list_logging_configurations()["loggingConfigurations"]])
        self.chat.delete_logging_configuration(identifier=arn)

    def test_what_is_invalid_says_where(self):
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
