"""Probabilities and calibrators of every shape, the extreme ones among them."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from model_store.packaging.uncertainty.calibration.calibrators import (
    Calibrator,
    Curve,
    Isotonic,
    Sigmoid,
    Temperature,
)

CLASSES = st.integers(2, 5)
SHARES = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 1e-300, 1e-12, 1 - 1e-12])
NUMBERS = st.floats(-100, 100)


@st.composite
def probabilities(draw: st.DrawFn, classes: int) -> NDArray[np.float64]:
    """float64[N, classes]: some exactly 0 or 1, some a hair away."""
    shape = (draw(st.integers(1, 12)), classes)
    weights = draw(arrays.arrays(np.float64, shape, elements=SHARES))
    weights[weights.sum(axis=1) < 1e-6] = np.eye(classes)[0]
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Of one point or more, with steps that are almost vertical and stretches that are level."""
    points = draw(st.lists(SHARES.map(lambda x: round(x, 12)), min_size=1, unique=True))
    heights = draw(st.lists(SHARES, min_size=len(points), max_size=len(points)))
    return Curve(tuple(sorted(points)), tuple(sorted(heights)))


def calibrators(classes: int) -> st.SearchStrategy[Calibrator]:
    corrections = 1 if classes == 2 else classes
    several = st.tuples(*[NUMBERS] * corrections)
    return st.one_of(
        st.builds(Temperature, st.floats(1e-4, 1e4)),
        st.builds(Sigmoid, several, several),
        st.builds(Isotonic, st.tuples(*[curves()] * corrections)),
    )


CASES = CLASSES.flatmap(lambda classes: st.tuples(calibrators(classes), probabilities(classes)))
