"""The math between metrics."""

import re

import pytest

from infra.local.cloudwatch import metric_math

FALLBACK_PERCENT = "IF(predictions > 0, 100 * FILL(fallbacks, 0) / predictions, 0)"


@pytest.mark.parametrize(
    ("predictions", "fallbacks", "percent"),
    [(200, 10, 5), (200, None, 0), (0, None, 0), (None, None, None), (10, 10, 100)],
)
def test_the_fallback_percentage(predictions, fallbacks, percent):
    values = {"predictions": predictions, "fallbacks": fallbacks}
    assert metric_math.evaluate(FALLBACK_PERCENT, values) == percent


@pytest.mark.parametrize(
    ("expression", "value"),
    [("a + b * 2", 7), ("(a - b) / b", -0.5), ("-a", -1), ("a / (b - b - 0)", None), ("b > a", 1)],
)
def test_arithmetic(expression, value):
    values = {"a": 1.0, "b": 3.0} if "+" in expression else {"a": 1.0, "b": 2.0}
    assert metric_math.evaluate(expression, values) == value


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
    with pytest.raises(metric_math.UnsupportedMath, match=re.escape(name)):
        metric_math.check(expression, ["m1", "m2", "m3"])
