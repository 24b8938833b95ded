import json, sys

def review(event):
    if "darn" in event["Content"]:
        return {"ReviewResult": "DENY", "Attributes": {"Reason": "Please do not swear."}}
    return {"ReviewResult": "ALLOW", "Content": event["Content"].replace("heck", "h***")}

for line in sys.stdin:
    print(json.dumps(review(json.loads(line))), flush=True)
