"""How long requests keep their environments busy, and which of them the function's timeout ends.

As the Lambda Developer Guide has it ("Lambda execution environment lifecycle"): an init phase that
is cut short is tried again with the first request, under the function's timeout; where that ends a
request, Lambda resets the environment, and the next one in it would have to start again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.capacity.limits import INIT_LIMIT_S
from infra.capacity.times import Array


@dataclass(frozen=True)
class Taken:
    """One entry per request: milliseconds, and whether it is cut off."""

    ms: Array
    cut_off: NDArray[np.bool_]

    def until(self, now: float, place: int) -> tuple[float, bool]:
        """When that one is over, in seconds."""
        return now + float(self.ms[place]) / 1000, bool(self.cut_off[place])


def when_warm(service: Array, limit: float) -> Taken:
    """limit: the function's timeout, in ms like the rest."""
    return Taken(np.minimum(service, limit), service > limit)


def when_cold(service: Array, start: Array, limit: float) -> Taken:
    """The timeout is for the request alone, unless the start outlasts the init phase. All of a
    start counts as init phase, although Lambda's own part of it does not."""
    init_ms = INIT_LIMIT_S * 1000
    under_timeout = np.where(start > init_ms, start + service, service)
    request = when_warm(under_timeout, limit)
    return Taken(np.minimum(start, init_ms) + request.ms, request.cut_off)
