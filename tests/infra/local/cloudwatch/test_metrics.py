"""CloudWatch's Embedded Metric Format."""

import json

import pytest

from infra.local.cloudwatch.metrics import embedded

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
