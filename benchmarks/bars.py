"""The bars: which ratio of which figures has to be how large.

The numbers are those that the project set itself before it was optimised; each is a ratio within
one interleaved run, except where a size or a second is promised.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.rounds import Series, Spread, ratio


@dataclass(frozen=True)
class Bar:
    """`over` divided by `under` (or `over` itself, in `unit`) is at most, or at least, `limit`."""

    number: str
    bench: str
    says: str
    over: str
    under: str | None
    limit: float
    at_least: bool = False
    unit: str = "×"  # noqa: RUF001 - what a ratio is written with

    @property
    def key(self) -> str:
        return f"{self.number} {self.says}"

    def measured(self, results: Mapping[str, Series]) -> Spread | None:
        """None while there is no result for it."""
        series = results.get(self.bench, {})
        if self.over not in series or (self.under is not None and self.under not in series):
            return None
        return ratio(series, self.over, self.under)

    def met(self, found: Spread) -> bool:
        return found.median >= self.limit if self.at_least else found.median <= self.limit

    def worse(self, now: Spread, before: Spread) -> bool:
        return before.exceeds(now) if self.at_least else now.exceeds(before)


def faster(number: str, bench: str, says: str, than: str, own: str, limit: float) -> Bar:
    return Bar(number, bench, says, than, own, limit, at_least=True)


def _http() -> list[Bar]:
    """Of the app, as the bar says; what the direct path makes of it is measured beside it."""
    one, many, batch = "1 row p50", "8 callers req/s", "100 rows p50"
    told = (
        ("A, one row", one, "BentoML", 0.15),
        ("A, one row", one, "MLServer", 0.5),
        ("A, 8 callers", many, "BentoML", 10),
        ("A, 8 callers", many, "MLServer", 2),
        ("B, 100 rows", batch, "MLServer", 0.7),
    )
    return [
        Bar(
            "P4",
            "http",
            f"{says}, to {peer}",
            f"{says[0]} lambent by FastAPI, {figure}",
            f"{says[0]} {peer}, {figure}",
            limit,
            at_least=figure == many,
        )
        for says, figure, peer, limit in told
    ]


def _sizes() -> list[Bar]:
    return [
        Bar("P6", "bundle", f"{cpu}, {what}", f"{cpu} {what}", None, limit, unit="MB")
        for cpu in ("arm64", "x86_64")
        for what, limit in (("unzipped", 110), ("zipped", 38))
    ]


BARS = (
    Bar("P1", "warm", "A, one row, to the floor", "A lambent", "A floor", 2),
    Bar("P1", "warm", "B, one row, to the floor", "B lambent", "B floor", 1.3),
    Bar("P1", "warm", "A, one row, by FastAPI, to the floor", "A lambent by FastAPI", "A floor", 8),
    faster("P2", "warm", "A, faster than documentation style", "A documentation", "A lambent", 40),
    faster("P2", "warm", "B, faster than documentation style", "B documentation", "B lambent", 10),
    Bar("P3", "runtime", "A, to an echo", "A lambent", "A echo", 1.4),
    faster(
        "P3", "runtime", "A, faster than documentation style", "A documentation", "A lambent", 5
    ),
    *_http(),
    Bar("P5", "cold", "A, FastAPI loaded, to naive", "A lambent, FastAPI loaded", "A naive", 0.45),
    Bar("P5", "cold", "A, first a prediction, to naive", "A lambent", "A naive", 0.3),
    Bar("P5", "cold", "A, to the floor", "A lambent", "A floor", 1.5),
    Bar("P5", "cold", "A, to the pickle tutorial", "A lambent", "A pickle tutorial", 0.2),
    Bar("P5", "cold", "B, to naive", "B lambent", "B naive", 0.45),
    *_sizes(),
    Bar("P7", "artifact", "B, size to skl2onnx", "optimised bytes", "skl2onnx bytes", 0.35),
    Bar("P7", "artifact", "B, load to skl2onnx", "optimised load", "skl2onnx load", 0.75),
    Bar("P7", "artifact", "B, largest difference", "largest difference", None, 1e-5, unit=""),
    Bar("P8", "batch", "A, 1,000 rows, to the floor", "A lambent", "A floor", 2.2),
    Bar("P8", "batch", "B, 1,000 rows, to the floor", "B lambent", "B floor", 1.5),
    Bar("P8", "batch", "A, memory for a body of 6 MB", "A memory, 6 MB", None, 256, unit="MB"),
    Bar("P8", "batch", "B, memory for a body of 6 MB", "B memory, 6 MB", None, 256, unit="MB"),
    Bar("P9", "rollback", "rollback", "lambent rollback", None, 1, unit="s"),
    Bar("P9", "rollback", "rollback, to sam deploy", "lambent rollback", "sam deploy", 0.05),
)
