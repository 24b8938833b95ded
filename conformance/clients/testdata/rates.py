"""Creates 20 rooms one after another at the endpoint in the first argument, with unmodified boto3."""

import sys

import boto3

chat = boto3.client("ivschat", endpoint_url=sys.argv[1])
for number in range(20):
    chat.create_room(name=f"room-{number}")
