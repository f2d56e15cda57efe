"""Sending the made-up rows to one version, some one by one, the others in batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from functions.pretraffic.asking import Answer, Callee
from model_store.samples.traffic import Raw

BATCH = 50


@dataclass(slots=True)
class Trial:
    """What one version answered, in order. milliseconds: of single requests to an environment
    that was warm."""

    version: Callee
    answers: list[Answer] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def ask_each(
        self, rows: Sequence[Raw], enough: Callable[[Sequence[float]], bool] = lambda _: False
    ) -> None:
        """One request per row. `enough` is shown the milliseconds so far, and ends it early."""
        for row in rows:
            reply = self.version.predict([row])
            self.answers.append((reply.predictions(1) or (None,))[0])
            if reply.start is None and reply.milliseconds is not None:
                self.milliseconds.append(reply.milliseconds)
                if enough(self.milliseconds):
                    return

    def ask_together(self, rows: Sequence[Raw]) -> None:
        for batch in _batches(rows):
            self.answers += self.version.answers(batch)


def _batches(rows: Sequence[Raw]) -> Iterator[Sequence[Raw]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]
