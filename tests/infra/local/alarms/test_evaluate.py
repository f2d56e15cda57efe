"""When an alarm is lit. The tables are those of CloudWatch's documentation."""

import pytest

from infra.local.alarms.evaluate import Rule, evaluate

KEEP = None
POLICIES = ("missing", "ignore", "breaching", "notBreaching")
THREE_OF_THREE = {
    "0 - X - X": ("OK", "OK", "OK", "OK"),
    "0 - - - -": ("OK", "OK", "OK", "OK"),
    "- - - - -": ("INSUFFICIENT_DATA", KEEP, "ALARM", "OK"),
    "0 X X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "- - X - -": ("ALARM", KEEP, "ALARM", "OK"),
}
TWO_OF_THREE = {
    "0 - X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 0 X 0 X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 - X - -": ("OK", "OK", "ALARM", "OK"),
    "- - - - 0": ("OK", "OK", "ALARM", "OK"),
    "- - - X -": ("ALARM", KEEP, "ALARM", "OK"),
}
CASES = [
    (needed, points, policy, state)
    for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for points, states in table.items()
    for policy, state in zip(POLICIES, states, strict=True)
]


@pytest.mark.parametrize(("needed", "points", "policy", "state"), CASES)
def test_missing_data_is_treated_as_documented(needed, points, policy, state):
    """fault row 45: what an alarm without data says is its own policy, never by chance."""
    values = [{"0": 0.0, "X": 9.0, "-": None}[point] for point in points.split()]
    rule = Rule("GreaterThanThreshold", 5, 3, needed, policy)
    assert evaluate(rule, values).state == state


@pytest.mark.parametrize(
    ("comparison", "lit"),
    [
        ("GreaterThanThreshold", [False, False, True]),
        ("GreaterThanOrEqualToThreshold", [False, True, True]),
        ("LessThanThreshold", [True, False, False]),
        ("LessThanOrEqualToThreshold", [True, True, False]),
    ],
)
def test_comparisons(comparison, lit):
    rule = Rule(comparison, 5, 1, 1)
    assert [evaluate(rule, [value]).state == "ALARM" for value in (4, 5, 6)] == lit


def test_only_the_last_periods_count():
    rule = Rule("GreaterThanThreshold", 5, 2, 2)
    assert evaluate(rule, [9, 9, 9, 0]).state == "OK"
    assert evaluate(rule, [0, 0, 9, 9]).state == "ALARM"


def test_the_reason_says_what_was_seen_and_what_was_missing():
    rule = Rule("GreaterThanThreshold", 5, 3, 1, "notBreaching")
    reason = evaluate(rule, [None, 9.0, 1.0]).reason
    assert "[9, 1]" in reason
    assert "GreaterThanThreshold 5" in reason
    assert "1 missing, treated as notBreaching" in reason
