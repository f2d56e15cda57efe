"""Statistics of a period, and the math between metrics."""

import pytest

from infra.local.alarms import metric_math
from infra.local.alarms.statistics import Sample, compute, supported

SAMPLES = [Sample(0, value, value, value) for value in (1.0, 2.0, 3.0, 4.0)]
FALLBACK_PERCENT = "IF(predictions > 0, 100 * FILL(fallbacks, 0) / predictions, 0)"


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
def test_statistics(statistic, value):
    assert compute(statistic, SAMPLES) == pytest.approx(value)
    assert supported(statistic)


def test_no_samples_have_no_statistic():
    assert compute("Sum", []) is None


def test_a_set_of_statistics_counts_for_all_it_stands_for():
    merged = [Sample(0, total=30, minimum=5, maximum=20, count=3), Sample(0, 2, 2, 2)]
    assert compute("Average", merged) == 8
    assert compute("Minimum", merged) == 2
    assert compute("Maximum", merged) == 20


@pytest.mark.parametrize("name", ["tm99", "IQM", "p101", "sum", "None"])
def test_other_statistics_are_not_supported(name):
    assert not supported(name)


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
        ("FILL(m1, REPEAT) ** 2", "Pow"),
        ("m1 if m2 else m3", "IfExp"),
        ("__import__('os')", "__import__"),
        ("m1 < m2 < m3", "m1 < m2 < m3"),
        ("'text'", "text"),
    ],
)
def test_what_is_not_evaluated_is_refused_by_name(expression, name):
    with pytest.raises(metric_math.UnsupportedMath, match=name.replace("(", r"\(")):
        metric_math.check(expression)
