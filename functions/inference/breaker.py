"""Stops asking a model that keeps failing, and asks again after a while (fault row 26)."""

from collections.abc import Callable

from model_store.errors import DeadlineExceeded, ModelOutputInvalid, PredictionError


class Breaker:
    """Opens after `failures` in a row; after `cooldown` seconds one call tries again (half-open).

    clock: monotonic seconds.
    """

    def __init__(self, failures: int, cooldown: float, clock: Callable[[], float]) -> None:
        self._limit, self._cooldown, self._clock = failures, cooldown, clock
        self._in_a_row = 0
        self._opened_at: float | None = None

    def allows(self) -> bool:
        """May the model be asked now?"""
        if self._opened_at is None:
            return True
        if self._clock() - self._opened_at < self._cooldown:
            return False
        self._opened_at = self._clock()  # half-open: the others wait for this one's result
        return True

    def failed(self) -> None:
        self._in_a_row += 1
        if self._in_a_row >= self._limit:
            self._opened_at = self._clock()

    def succeeded(self) -> None:
        self._in_a_row = 0
        self._opened_at = None


def is_to_blame(error: PredictionError, seconds: float, fair_run: float) -> bool:
    """Is it the model that failed? One caller's odd rows, or lack of time, do not count.

    seconds: what the model was given.
    """
    if isinstance(error, DeadlineExceeded):
        return seconds >= fair_run
    return not isinstance(error, ModelOutputInvalid)
