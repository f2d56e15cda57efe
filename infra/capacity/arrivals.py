"""When requests come: sorted seconds since the start."""

import numpy as np

from infra.capacity.times import Array


def steady(rate: float, seconds: float, rng: np.random.Generator) -> Array:
    """A Poisson process of `rate` requests per second: callers that know nothing of each other."""
    count = rng.poisson(rate * seconds)
    return np.sort(rng.random(count) * seconds)


def ramp(rate: float, seconds: float, rng: np.random.Generator) -> Array:
    """From nobody to `rate` requests per second, evenly; half as many requests as at full rate."""
    count = rng.poisson(rate * seconds / 2)
    return np.sort(np.sqrt(rng.random(count)) * seconds)


def after(earlier: Array, seconds: float, later: Array) -> Array:
    """One load, and `seconds` from its start another."""
    return np.concatenate([earlier, later + seconds])
