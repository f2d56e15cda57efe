"""CodeDeploy's predefined configurations for Lambda, minute by minute."""

import pytest

from infra.local.codedeploy.groups import PREDEFINED

CANARIES = [5, 10, 15, 30]
LINEARS = [1, 2, 3, 10]


def share(name, minutes):
    return PREDEFINED[f"CodeDeployDefault.Lambda{name}"].share(minutes)


def test_all_at_once_is_what_it_says():
    assert share("AllAtOnce", 0) == 1.0


@pytest.mark.parametrize("minutes", CANARIES)
def test_a_canary_has_a_tenth_until_it_has_all(minutes):
    name = f"Canary10Percent{minutes}Minutes"
    assert [share(name, at) for at in (0, minutes - 0.01, minutes, 60)] == [0.1, 0.1, 1.0, 1.0]


@pytest.mark.parametrize("minutes", LINEARS)
def test_a_linear_shift_takes_a_tenth_more_each_time(minutes):
    name = f"Linear10PercentEvery{minutes}Minute{'s' * (minutes > 1)}"
    begun = [share(name, step * minutes) for step in range(11)]
    assert begun == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0]
    assert share(name, minutes - 0.01) == 0.1


def test_there_are_no_others():
    assert len(PREDEFINED) == 1 + len(CANARIES) + len(LINEARS)
