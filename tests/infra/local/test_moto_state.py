"""What moto holds, as numbers per period: the statistics of metrics."""

import gc
import time
import weakref
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends

from infra.local import moto_state
from infra.local.cloudwatch.metrics import Datum

ACCOUNT, REGION, NOW = "123456789012", "us-east-1", 1_700_000_000.0


@pytest.fixture
def metric():
    """A metric of its own, as an alarm names it."""
    name = f"metric-{uuid4().hex[:8]}"
    return SimpleNamespace(namespace="Test", metric_name=name, dimensions=[])


def put(metric, *values, at=NOW, unit="None", **dimensions):
    datum = Datum("Test", metric.metric_name, values, unit, dimensions, at)
    moto_state.put_metrics(ACCOUNT, REGION, [datum])


def read(metric, statistic, unit=None, starts=(NOW,)):
    return moto_state.statistics(
        ACCOUNT, REGION, metric, statistic, unit, starts=starts, length=60.0
    )


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("Sum", 10),
        ("SampleCount", 4),
        ("Average", 2.5),
        ("Minimum", 1),
        ("Maximum", 4),
        ("p0", 1),
        ("p50", 2.5),
        ("p99.9", 3.997),
        ("p100", 4),
    ],
)
def test_statistics(metric, statistic, value):
    put(metric, 4.0, 1.0, 3.0, 2.0)
    assert read(metric, statistic) == [pytest.approx(value)]
    assert moto_state.STATISTIC.fullmatch(statistic)


def test_each_period_has_its_own_values_and_none_has_none(metric):
    put(metric, 1.0)
    put(metric, 2.0, at=NOW + 60)
    starts = (NOW - 60, NOW, NOW + 60)
    assert read(metric, "Sum", starts=starts) == [None, 1.0, 2.0]


def test_other_units_and_dimensions_are_other_values(metric):
    put(metric, 1.0, unit="Seconds")
    put(metric, 2.0, unit="Count")
    put(metric, 4.0, unit="Seconds", model="iris")
    assert read(metric, "Sum") == [3.0]
    assert read(metric, "Sum", unit="Seconds") == [1.0]


def test_a_set_of_statistics_counts_for_all_it_stands_for(metric, client):
    stood = {"SampleCount": 3, "Sum": 30, "Minimum": 5, "Maximum": 20}
    put(metric, 2.0)
    client("cloudwatch").put_metric_data(
        Namespace="Test",
        MetricData=[
            {
                "MetricName": metric.metric_name,
                "StatisticValues": stood,
                "Timestamp": datetime.fromtimestamp(NOW, UTC),
            }
        ],
    )
    found = {name: read(metric, name) for name in ("Average", "Minimum", "p100")}
    assert found == {"Average": [8.0], "Minimum": [2.0], "p100": [20.0]}


@pytest.mark.parametrize("name", ["tm99", "IQM", "p101", "sum", "None"])
def test_other_statistics_are_not_supported(name):
    assert not moto_state.STATISTIC.fullmatch(name)


def test_the_oldest_values_are_forgotten_and_their_memory_is_free(metric, client, monkeypatch):
    """moto itself keeps every object that it ever made."""
    monkeypatch.setattr(moto_state, "MAX_VALUES", 10)
    region = "sa-east-1"  # no other test measures anything there
    data = [Datum("Test", metric.metric_name, (float(n),), "None", {}, NOW) for n in range(11)]
    moto_state.put_metrics(ACCOUNT, region, data[:1])
    kept = cloudwatch_backends[ACCOUNT][region]
    oldest = weakref.ref(kept.metric_data[0])
    moto_state.put_metrics(ACCOUNT, region, data[1:])
    gc.collect()
    assert [datum.value for datum in kept.metric_data] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert oldest() is None


def test_the_oldest_log_events_are_forgotten_and_their_memory_is_free(client, monkeypatch):
    monkeypatch.setattr(moto_state, "MAX_EVENTS", 10)
    now = time.time()  # of old events nothing is kept at all
    group = f"/test/{uuid4().hex[:8]}"
    for stream, count in (("busy", 8), ("idle", 2)):
        moto_state.write_log(ACCOUNT, REGION, group, stream, now, list("012345678"[:count]))
    streams = logs_backends[ACCOUNT][REGION].groups[group].streams
    oldest = weakref.ref(streams["busy"].events[0])
    moto_state.write_log(ACCOUNT, REGION, group, "busy", now, ["8"])
    gc.collect()
    kept = {name: [event.message for event in each.events] for name, each in streams.items()}
    assert kept == {"busy": list("12345678"), "idle": ["1"]}
    assert oldest() is None
