"""What CloudWatch sees is what Powertools would have written."""

import io
import json
import logging
from contextlib import redirect_stdout
from typing import Any

import pytest
from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.inference.lines import Lines, Metrics
from functions.inference.observation import Observation, Tally, facts_of
from model_store.predictions import AbstainPrediction, FallbackPrediction, ModelPrediction, Reason
from tests.functions.conftest import Context

SERVICE = "lambent-test-lines"
TRACE = "Root=1-5f84c7a5-0c1d2e3f4a5b6c7d8e9f0a1b;Parent=1;Sampled=0"
NAMESPACE = "Lambent"

reasons = st.sampled_from(Reason)
shares = st.floats(0, 1)
predictions = st.one_of(
    st.builds(ModelPrediction, value=st.text(), confidence=shares, doubts=st.tuples(reasons)),
    st.builds(
        FallbackPrediction, value=st.integers(), source=st.just("rules"), reason=reasons
    ),
    st.builds(AbstainPrediction, reason=reasons, needs_review=st.booleans()),
)  # fmt: skip
texts = st.text(min_size=1, max_size=20)
observations = st.builds(
    Observation,
    request_id=st.uuids().map(str),
    method=st.sampled_from(["GET", "POST"]),
    started=st.just(0.0),
    route=texts,
    status=st.sampled_from([200, 404, 422, 503]),
    problem=st.none() | texts,
    codes=st.lists(texts, max_size=2).map(tuple),
    predictions=st.lists(predictions, max_size=3),
    failure=st.none() | texts,
)
names = st.sampled_from(["Errors", "Latency", "Predictions", "Confidence", "Answers3"])
measurements = st.lists(
    st.tuples(names, st.sampled_from(["Count", "Milliseconds", "None"]), st.floats(0, 1e9)),
    min_size=1,
    unique_by=lambda found: found[0],
)


def as_powertools_logs(facts: dict[str, Any], level: str, request_id: str) -> dict[str, Any]:
    stream = io.StringIO()
    logger = Logger(service=SERVICE, stream=stream)
    # A second Logger of one service keeps the handler of the first, with its stream.
    logging.getLogger(SERVICE).handlers[0].setStream(stream)

    @logger.inject_lambda_context(clear_state=True, correlation_id_path="id")
    def handler(event: dict[str, Any], context: Any) -> None:
        getattr(logger, level)("request", extra=facts)

    handler({"id": request_id}, Context())
    entry: dict[str, Any] = json.loads(stream.getvalue())
    return entry


def as_powertools_measures(metrics: Metrics) -> dict[str, Any]:
    default = {"service": SERVICE}
    provider = AmazonCloudWatchEMFProvider(
        namespace=metrics.namespace, service=SERVICE, default_dimensions=default
    )
    for names in metrics.sets[1:]:
        others = {name: metrics.dimensions[name] for name in names if name != "service"}
        provider.add_dimensions(**others)
    for name, value in metrics.found.items():
        provider.add_metric(name, metrics.units.get(name, "Count"), value)
    for key, text in metrics.metadata.items():
        provider.add_metadata(key, text)
    with redirect_stdout(io.StringIO()) as written:
        provider.flush_metrics()
    document: dict[str, Any] = json.loads(written.getvalue())
    return document


def metrics_of(found: list[tuple[str, str, float]], **metadata: str) -> Metrics:
    dimensions = {"service": SERVICE, "model": "penguins", "version": "1", "lambda_version": "7"}
    sets = (("service",), ("service", "model", "version"), ("service", "lambda_version"))
    values = {name: value for name, _, value in found}
    units = {name: unit for name, unit, _ in found}
    return Metrics(NAMESPACE, dimensions, sets, values, units, metadata)


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    """Both say when, but neither the same moment, nor from the same line of code."""
    document = {key: value for key, value in document.items() if key != "location"}
    assert isinstance(document.pop("timestamp", ""), str)
    if "_aws" in document:
        assert isinstance(document["_aws"].pop("Timestamp"), int)
    # How Powertools knows a cold start is a global of the process.
    document.pop("cold_start", None)
    return document


class Written(list[str]):
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self]


@given(observation=observations, found=measurements, level=st.sampled_from(["info", "error"]))
@settings(max_examples=100, deadline=None)
def test_a_request_is_the_entry_and_the_metrics_of_powertools_in_one_line(
    observation: Observation, found: list[tuple[str, str, float]], level: str
) -> None:
    written = Written()
    lines = Lines(SERVICE, write=written.append)
    lines.invoked(Context(), observation.request_id, is_cold=False)
    facts = facts_of(observation, Tally.of(observation.predictions), 12.5)
    metrics = metrics_of(found, request_id=observation.request_id)
    lines.entry(level.upper(), "request", "ended:1", facts, metrics)
    entry = as_powertools_logs(facts, level, observation.request_id)
    expected = entry | as_powertools_measures(metrics)
    (line,) = written.documents()
    assert without_time(line) == without_time(expected)
    assert line.keys() == entry.keys() | expected.keys(), "and nothing else"
    assert written[0].count("\n") == 1, "one line, whatever is told"


@given(found=measurements)
def test_metrics_alone_are_the_document_of_powertools(
    found: list[tuple[str, str, float]],
) -> None:
    written = Written()
    Lines(SERVICE, write=written.append).document(metrics_of(found))
    (document,) = written.documents()
    assert without_time(document) == without_time(as_powertools_measures(metrics_of(found)))


@given(now=st.floats(0, 4e9))
def test_the_time_is_spelled_as_powertools_does(now: float) -> None:
    written = Written()
    Lines(SERVICE, now=lambda: now, write=written.append).entry("INFO", "x", "here:1", {})
    record = logging.LogRecord("x", logging.INFO, "x", 1, "x", (), None)
    record.created, record.msecs = now, int((now - int(now)) * 1000)
    formatter = LambdaPowertoolsFormatter(datefmt="%Y-%m-%d %H:%M:%S,%F%z")
    assert written.documents()[0]["timestamp"] == formatter.formatTime(record)


def test_the_trace_of_x_ray_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    written = Written()
    Lines(SERVICE, trace=lambda: TRACE, write=written.append).entry("INFO", "request", "a:1", {})
    expected = as_powertools_logs({}, "info", "id")
    assert written.documents()[0]["xray_trace_id"] == expected["xray_trace_id"]


def test_below_the_level_nothing_is_logged_and_everything_measured() -> None:
    written = Written()
    lines = Lines(SERVICE, level="WARNING", write=written.append)
    metrics = metrics_of([("Errors", "Count", 0.0)])
    lines.entry("INFO", "request", "a:1", {"status": 200})
    lines.entry("INFO", "request", "a:1", {"status": 200}, metrics)
    (document,) = written.documents()
    assert without_time(document) == without_time(as_powertools_measures(metrics))
    lines.entry("ERROR", "unexpected", "a:1", {})
    assert written.documents()[1]["message"] == "unexpected"


def test_one_invocation_is_forgotten_when_the_next_begins() -> None:
    written = Written()
    lines = Lines(SERVICE, write=written.append)
    lines.entry("INFO", "model_loaded", "a:1", {})
    lines.invoked(Context(), "first", is_cold=True)
    lines.entry("INFO", "request", "a:1", {})
    lines.invoked(Context(aws_request_id="2"), None, is_cold=False)
    lines.entry("INFO", "request", "a:1", {})
    init, first, second = written.documents()
    assert "function_request_id" not in init
    assert (first["correlation_id"], first["cold_start"]) == ("first", True)
    assert ("correlation_id" in second, second["cold_start"]) == (False, False)
    assert second["function_request_id"] == "2"
