import sys
import boto3

group, room = sys.argv[1:]  # the name of the log group, and the ID of the room
pages = boto3.client("logs").get_paginator("filter_log_events").paginate(
    logGroupName=group, logStreamNames=[f"aws/IVSChatLogs/1.0/room_{room}"])
for page in pages:
    for event in page["events"]:
        sys.stdout.buffer.write(event["message"].encode() + b"\n")
