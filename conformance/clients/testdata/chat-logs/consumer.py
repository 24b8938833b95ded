import gzip, re, sys
import boto3

bucket, room = sys.argv[1:]  # the name of the bucket, and the ID of the room
s3 = boto3.client("s3")
name = re.compile(rf"/\d{{12}}_IVSChatLogs_1\.0_[a-z0-9-]+_room_{room}_\d{{8}}T\d{{4}}Z_[0-9a-f]{{8}}\.log\.gz$")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="AWSLogs/")
keys = [item["Key"] for page in pages for item in page.get("Contents", []) if name.search(item["Key"])]
for key in sorted(keys):  # the order of the names is the order of the messages
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    sys.stdout.buffer.write(gzip.decompress(body))
