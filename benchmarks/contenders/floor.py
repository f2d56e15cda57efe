"""The least that answers: msgspec, one session.run, orjson. No range, decision, log or metric."""

import msgspec
import numpy as np
import orjson
import stored

Row = msgspec.defstruct(
    "Row", [(name, float) for name in stored.NUMBERS] + [(name, str) for name in stored.STRINGS]
)
Request = msgspec.defstruct("Request", [("instances", list[Row])])
DECODER = msgspec.json.Decoder(Request)
SESSION = stored.session_of(stored.over_urllib3())
COUNT = len(stored.NUMBERS)


def handler(event, _context):
    rows = [msgspec.structs.astuple(row) for row in DECODER.decode(event["body"]).instances]
    feed = {"numbers": np.array([row[:COUNT] for row in rows], dtype=np.float32)}
    if stored.STRINGS:
        feed["strings"] = np.array([row[COUNT:] for row in rows], dtype=object)
    labels, probabilities = SESSION.run(None, feed)
    answers = zip(labels.tolist(), probabilities.tolist(), strict=True)
    body = orjson.dumps({"predictions": [{"label": a, "probabilities": b} for a, b in answers]})
    headers = {"content-type": "application/json"}
    return {
        "statusCode": 200,
        "headers": headers,
        "body": body.decode(),
        "isBase64Encoded": False,
    }
