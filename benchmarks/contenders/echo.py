"""Gives back the event: what the runtime itself costs."""


def handler(event, _context):
    return {"statusCode": 200, "headers": {}, "body": event["body"], "isBase64Encoded": False}
