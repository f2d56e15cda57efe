"""A deployment where time passes faster: its minutes are shorter, its functions are no faster."""

import itertools

import pytest

from infra.local.codedeploy.deployment import Deployment, Invoke, Position, Revision, Seen
from infra.local.codedeploy.groups import PREDEFINED, Group

FIVE_MINUTES = "CodeDeployDefault.LambdaCanary10Percent5Minutes"


@pytest.fixture
def deployment():
    """deployment(time_scale, hooks)"""

    def new(time_scale, hooks=None):
        numbers = itertools.count()
        return Deployment(
            id="d-1",
            group=Group("app", "group", {}),
            config=FIVE_MINUTES,
            traffic=PREDEFINED[FIVE_MINUTES],
            revision=Revision("function", "live", "1", "2", hooks or {}),
            created=0.0,
            time_scale=time_scale,
            unique=lambda: str(next(numbers)),
        )

    return new


def test_minutes_pass_as_seconds_where_time_is_sixty_times_as_fast(deployment):
    shifted = deployment(60.0)
    tenth = Position("1", (("2", 0.1),))
    assert shifted.step(0.0, Seen(Position("1"), {})) == tenth
    assert shifted.step(4.9, Seen(tenth, {})) is None
    assert shifted.step(5.0, Seen(tenth, {})) == Position("2")


@pytest.mark.parametrize(("time_scale", "limit_s"), [(1.0, 3600), (10.0, 360), (3600.0, 60)])
def test_a_hook_has_its_hour_as_scaled_but_never_less_than_a_minute(
    deployment, time_scale, limit_s
):
    asked, seen = deployment(time_scale, {"BeforeAllowTraffic": "hook"}), Seen(Position("1"), {})
    assert isinstance(asked.step(0.0, seen), Invoke)
    asked.step(limit_s, seen)
    assert asked.status == "InProgress"
    asked.step(limit_s + 0.1, seen)
    assert (asked.status, asked.events[0].status) == ("Failed", "Failed")
    assert f"{limit_s} seconds" in asked.events[0].diagnostics
