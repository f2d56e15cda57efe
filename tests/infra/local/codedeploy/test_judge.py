"""The judge of releases at work on the embedded AWS: stepped, nothing of it is a stand-in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.canary.judge import Judge
from functions.canary.settings import Settings
from functions.operations.telling import Teller
from infra.local import moto_state
from infra.local.cloudwatch.metrics import Datum
from infra.local.server import ACCOUNT
from model_store import request_metrics as metrics
from model_store.history.table import HistoryTable
from tests.model_store.history.tables import create_table

REGION = "us-east-1"


@pytest.fixture
def history(shifting: Any) -> HistoryTable:
    name = f"history-{shifting.application}"
    dynamodb = shifting.cloud("dynamodb")
    create_table(dynamodb, name)
    return HistoryTable(dynamodb, name, lambda: now(shifting))


def now(shifting: Any) -> datetime:
    return datetime.fromtimestamp(shifting.clock.now, UTC)


@pytest.fixture
def look(shifting: Any, history: HistoryTable) -> Callable[[], str | None]:
    settings = Settings(
        model="iris",
        function=shifting.function,
        history=history.name,
        candidate="2",
        version="b",
        digest="b" * 64,
        latency_ms=2000,
        tolerance=0.05,
        churn=0.3,
        alarms=(shifting.alarm("OK"),),
    )
    of = shifting.cloud
    teller = Teller("iris", "", None, lambda line: None)
    judge = Judge(
        *(settings, of("codedeploy"), of("cloudwatch"), of("lambda"), history, teller),
        now=lambda: now(shifting),
    )
    return judge.look


@pytest.fixture
def tell(shifting: Any) -> Callable[..., None]:
    """So many requests of a version, with so much trouble, as its log lines tell them."""

    def telling(version: str, requests: int, **trouble: int) -> None:
        by_version = {"service": shifting.function, metrics.BY_VERSION: version}
        answers = {metrics.ANSWERS[0]: requests, metrics.ANSWER_SCALE: 7}
        counts = {metrics.REQUESTS: requests, **answers, **trouble}
        data = [
            Datum(metrics.NAMESPACE, name, (float(n),), "Count", by_version, shifting.clock.now)
            for name, n in counts.items()
        ]
        moto_state.put_metrics(ACCOUNT, REGION, data)

    return telling


@pytest.fixture
def deployment(shifting: Any) -> str:
    shifting.group()
    started: str = shifting.start("Canary10Percent10Minutes")
    shifting.after()
    shifting.after(minutes=1)
    assert shifting.alias == ("1", {"2": 0.1})
    return started


def test_a_candidate_that_fails_is_stopped_and_the_old_version_is_live(
    shifting: Any, deployment: str, history: HistoryTable, look: Callable, tell: Callable
) -> None:
    tell("1", 900)
    tell("2", 60, **{metrics.FAILED: 20})
    assert "20 of 60 requests failed" in look()
    shifting.after()
    assert shifting.alias == ("1", {})
    (*_, event) = history.events("iris")
    assert (event.action, event.source, event.target) == ("refused", "2", "1")
    assert look() is None, "it is over"
    assert len(history.events("iris")) == 2


def test_fault_row_45_a_candidate_that_few_have_asked_is_not_promoted(
    shifting: Any, deployment: str, look: Callable, tell: Callable
) -> None:
    tell("1", 300)
    tell("2", 31)
    assert look() is None
    shifting.after(minutes=8)
    assert look().startswith("too few requests for a verdict: 31 of at least 58")
    shifting.after(minutes=5)
    assert shifting.alias == ("1", {})


def test_a_candidate_that_does_well_is_promoted(
    shifting: Any, deployment: str, history: HistoryTable, look: Callable, tell: Callable
) -> None:
    tell("1", 900, **{metrics.FAILED: 2})
    tell("2", 100)
    assert look() is None
    shifting.after(minutes=8)
    assert look() is None
    shifting.after(minutes=2)
    assert shifting.alias == ("2", {})
    assert history.events("iris") == ()
