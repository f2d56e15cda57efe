"""The least that answers a first request: json and onnxruntime, the model from S3."""

import json

import numpy as np
import stored

SESSION = stored.session_of(stored.over_urllib3())


def handler(event, _context):
    rows = json.loads(event["body"])["instances"]
    feed = {"numbers": np.array([[row[n] for n in stored.NUMBERS] for row in rows], np.float32)}
    if stored.STRINGS:
        feed["strings"] = np.array([[row[n] for n in stored.STRINGS] for row in rows], object)
    labels, probabilities = SESSION.run(None, feed)
    found = {"labels": labels.tolist(), "probabilities": probabilities.tolist()}
    return {"statusCode": 200, "headers": {}, "body": json.dumps(found), "isBase64Encoded": False}
