"""The tutorial: a pickled scikit-learn pipeline from S3."""

import json
import pickle

import boto3
import pandas as pd
import stored

body = boto3.client("s3").get_object(Bucket=stored.BUCKET, Key=stored.KEY)["Body"]
model = pickle.loads(body.read())  # noqa: S301 - what the tutorial does


def handler(event, _context):
    rows = pd.DataFrame(json.loads(event["body"])["instances"])[stored.NUMBERS + stored.STRINGS]
    found = {"labels": model.predict(rows).tolist()}
    found["probabilities"] = model.predict_proba(rows).tolist()
    return {"statusCode": 200, "headers": {}, "body": json.dumps(found), "isBase64Encoded": False}
