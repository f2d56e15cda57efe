"""CloudWatch's Embedded Metric Format, and the math between metrics."""

import json
import re

import pytest

from infra.local.cloudwatch.metrics import UnsupportedMath, check_math, embedded, evaluate

LINE = {
    "_aws": {
        "Timestamp": 1_700_000_000_123,
        "CloudWatchMetrics": [
            {
                "Namespace": "Lambent",
                "Dimensions": [["service"], ["service", "version"]],
                "Metrics": [{"Name": "latency", "Unit": "Milliseconds"}, {"Name": "fallbacks"}],
            }
        ],
    },
    "service": "inference",
    "version": 2,
    "latency": [1.5, 2.5],
    "fallbacks": 0,
}
FALLBACK_PERCENT = "IF(predictions > 0, 100 * FILL(fallbacks, 0) / predictions, 0)"


def test_each_metric_comes_once_per_dimension_set():
    found = [(d.name, d.values, d.unit, d.dimensions) for d in embedded(json.dumps(LINE))]
    one, both = {"service": "inference"}, {"service": "inference", "version": "2"}
    assert found == [
        ("latency", (1.5, 2.5), "Milliseconds", one),
        ("fallbacks", (0,), "None", one),
        ("latency", (1.5, 2.5), "Milliseconds", both),
        ("fallbacks", (0,), "None", both),
    ]
    assert {datum.at for datum in embedded(json.dumps(LINE))} == {1_700_000_000.123}


@pytest.mark.parametrize(
    "line",
    [
        "plain text",
        '{"no": "metrics"}',
        '{"_aws": ',
        '{"_aws": 1}',
        '["_aws"]',
        '{"_aws": {"CloudWatchMetrics": []}}',
    ],
)
def test_other_lines_carry_nothing(line):
    assert embedded(line) == []


def test_a_dimension_or_metric_that_is_not_in_the_line_is_passed_over():
    without = {key: value for key, value in LINE.items() if key not in {"version", "latency"}}
    assert [datum.name for datum in embedded(json.dumps(without))] == ["fallbacks"]


@pytest.mark.parametrize(
    ("predictions", "fallbacks", "percent"),
    [(200, 10, 5), (200, None, 0), (0, None, 0), (None, None, None), (10, 10, 100)],
)
def test_the_fallback_percentage(predictions, fallbacks, percent):
    values = {"predictions": predictions, "fallbacks": fallbacks}
    assert evaluate(FALLBACK_PERCENT, values) == percent


@pytest.mark.parametrize(
    ("expression", "value"),
    [("a + b * 2", 7), ("(a - b) / b", -0.5), ("-a", -1), ("a / (b - b - 0)", None), ("b > a", 1)],
)
def test_arithmetic(expression, value):
    values = {"a": 1.0, "b": 3.0} if "+" in expression else {"a": 1.0, "b": 2.0}
    assert evaluate(expression, values) == value


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("SUM(METRICS())", "SUM"),
        ("ANOMALY_DETECTION_BAND(m1, 2)", "ANOMALY_DETECTION_BAND"),
        ("SELECT AVG(x) FROM y", "SELECT AVG"),
        ("FILL(m1, REPEAT)", "REPEAT"),
        ("m1 ** 2", "m1 ** 2"),
        ("m1 if m2 else m3", "m1 if m2 else m3"),
        ("__import__('os')", "__import__"),
        ("m1 < m2 < m3", "m1 < m2 < m3"),
        ("'text'", "text"),
        ("IF(m1, m2)", "IF(m1, m2)"),
        ("m1 + m9", "m9"),
    ],
)
def test_what_is_not_evaluated_is_refused_by_name(expression, name):
    with pytest.raises(UnsupportedMath, match=re.escape(name)):
        check_math(expression, ["m1", "m2", "m3"])
