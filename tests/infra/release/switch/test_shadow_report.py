"""What is read about copies, and what it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.errors import NotFound
from infra.release.deployed.live import SHADOW, SHADOW_PERCENT, LambdaVersion, Live
from infra.release.deployed.observed import Observed
from infra.release.switch.shadow_report import COUNTS, Copies, find_copies, read_report
from model_store.history.event import Event
from tests.infra.release.conftest import event
from tests.infra.release.stubs import stubbed

START = datetime(2030, 1, 1, 12, 0, 30, tzinfo=UTC)
LIVE = {SHADOW: "3", SHADOW_PERCENT: "25", "POWERTOOLS_SERVICE_NAME": "lambent-scaled"}
TWIN = LambdaVersion("4", "2", "d2", environment=LIVE)
OTHER = {"POWERTOOLS_SERVICE_NAME": "lambent-scaled_shadow"}
SHADOW_ONE = LambdaVersion("3", "1", "d1", environment=OTHER)
PLAIN = LambdaVersion("2", "2", "d2")
COPIES = Copies(TWIN, SHADOW_ONE, 25, START)


def observed(*events: Event, live: LambdaVersion = TWIN) -> Observed:
    return Observed(Live(live, {}, "seen"), (PLAIN, SHADOW_ONE, TWIN), events)


def test_the_shadowing_that_is_on_or_was_last_is_what_is_told() -> None:
    on, off = event(3, "shadow on", 2, 4, "2"), event(4, "shadow off", 4, 2, "2")
    found = find_copies("scaled", observed(on))
    assert (found.live, found.shadow, found.percent, found.end) == (TWIN, SHADOW_ONE, 25, None)
    ended = find_copies("scaled", observed(on, off, live=PLAIN))
    assert ended.start == datetime(2030, 1, 1, 0, 0, 3, tzinfo=UTC)
    assert ended.end == ended.start + timedelta(seconds=1)


def test_where_there_was_none_or_it_is_gone_the_way_on_is_said() -> None:
    with pytest.raises(NotFound, match="there is none"):
        find_copies("scaled", observed(event(1, "release", None, 2, "2"), live=PLAIN))
    gone = observed(event(3, "shadow on", 2, 9, "2"), event(4, "shadow off", 9, 2, "2"), live=PLAIN)
    with pytest.raises(NotFound, match="version 9 of scaled"):
        find_copies("scaled", gone)


def answered(**values: float) -> dict[str, Any]:
    return {"MetricDataResults": [{"Id": name, "Values": [v]} for name, v in values.items()]}


def asked_of(copies: Copies, now: datetime, **values: float) -> tuple[Any, dict[str, Any]]:
    """The report, and what GetMetricData was asked."""
    aws, cloudwatch = stubbed("cloudwatch")
    asked: dict[str, Any] = {}
    aws.cloudwatch.meta.events.register(
        "provide-client-params.cloudwatch.GetMetricData",
        lambda params, **_: asked.update(params),
    )
    cloudwatch.add_response("get_metric_data", answered(**values))
    return read_report(aws, "scaled", copies, now), asked


def test_one_call_asks_for_everything_over_one_period_of_whole_minutes() -> None:
    _, asked = asked_of(COPIES, START + timedelta(minutes=10))
    queries = {query["Id"]: query["MetricStat"] for query in asked["MetricDataQueries"]}
    assert set(COUNTS.values()) < queries.keys()
    assert {query["Period"] for query in queries.values()} == {11 * 60}
    assert asked["StartTime"] == START.replace(second=0)
    assert asked["EndTime"] == asked["StartTime"] + timedelta(minutes=11)
    named = {d["Name"]: d["Value"] for d in queries["disagreements"]["Metric"]["Dimensions"]}
    assert named == {"service": "lambent-scaled", "shadow": "3"}
    named = {d["Name"]: d["Value"] for d in queries["shadow_p95"]["Metric"]["Dimensions"]}
    assert named == {"service": "lambent-scaled_shadow", "model": "scaled", "version": "1"}
    assert queries["shadow_p95"]["Stat"] == "p95"


def test_after_weeks_cloudwatch_is_asked_for_whole_hours() -> None:
    """It keeps minutes for fifteen days."""
    _, asked = asked_of(COPIES, START + timedelta(days=20))
    assert asked["StartTime"] == START.replace(minute=0, second=0)
    assert asked["MetricDataQueries"][0]["MetricStat"]["Period"] % 3600 == 0


def test_disagreement_has_wilsons_interval() -> None:
    """Of Wilson 1927, for 20 of 100: 0.1334 to 0.2888."""
    report, _ = asked_of(COPIES, START, predictions=100, disagreements=20, requests=40)
    share, low, high = report.disagreement
    assert share == 0.2
    assert (low, high) == (pytest.approx(0.1334, abs=1e-4), pytest.approx(0.2888, abs=1e-4))
    assert report.counts["requests"] == 40


def test_what_was_not_measured_is_not_made_up() -> None:
    report, _ = asked_of(COPIES, START)
    assert report.disagreement is None
    assert report.confidence_shift is None
    assert (report.live_latency.p50, report.shadow_latency.p95) == (None, None)
    assert set(report.counts.values()) == {0}


def test_no_disagreement_is_still_uncertain() -> None:
    report, _ = asked_of(COPIES, START, predictions=10, confidence_shift=0.02, live_p50=3.0)
    assert report.disagreement[0] == 0
    assert report.disagreement[2] == pytest.approx(0.2775, abs=1e-4)
    assert (report.confidence_shift, report.live_latency.p50) == (0.02, 3.0)
