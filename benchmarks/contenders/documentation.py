"""As the documentations of FastAPI, Mangum and Powertools show it, put together."""

import boto3
import numpy as np
import stored
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel, create_model

logger = Logger(service="bench")
metrics = Metrics(namespace="Bench", service="bench")
tracer = Tracer(service="bench")
app = FastAPI()
body = boto3.client("s3").get_object(Bucket=stored.BUCKET, Key=stored.KEY)["Body"]
session = stored.session_of(body.read())

types = dict.fromkeys(stored.NUMBERS, float) | dict.fromkeys(stored.STRINGS, str)
Row = create_model("Row", **{name: (kind, ...) for name, kind in types.items()})


class Request(BaseModel):
    instances: list[Row]


class Prediction(BaseModel):
    label: str
    probabilities: list[float]


class Response(BaseModel):
    predictions: list[Prediction]


@app.post("/v1/predictions", response_model=Response)
@tracer.capture_method
def predict(request: Request):
    rows = [row.model_dump() for row in request.instances]
    feed = {"numbers": np.array([[row[n] for n in stored.NUMBERS] for row in rows], np.float32)}
    if stored.STRINGS:
        feed["strings"] = np.array([[row[n] for n in stored.STRINGS] for row in rows], object)
    labels, probabilities = session.run(None, feed)
    logger.info("predicted", extra={"rows": len(rows)})
    metrics.add_metric(name="Predictions", unit=MetricUnit.Count, value=len(rows))
    pairs = zip(labels.tolist(), probabilities.tolist(), strict=True)
    return Response(predictions=[Prediction(label=a, probabilities=b) for a, b in pairs])


handler = Mangum(app)
handler = metrics.log_metrics(handler, capture_cold_start_metric=True)
handler = tracer.capture_lambda_handler(handler)
handler = logger.inject_lambda_context(handler)
