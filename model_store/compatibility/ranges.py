"""Numbers and dates: the range, and what is done with a value outside of it."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from model_store.compatibility.change import Kind
from model_store.compatibility.rule import Rule, other
from model_store.contract.features.ranged import Ranged

AnyRanged = Ranged[Any]
BOUNDS = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum")


@dataclass(frozen=True)
class _Span:
    """The values inside the bounds; None is no bound."""

    low: Any
    low_is_out: bool
    high: Any
    high_is_out: bool

    @classmethod
    def of(cls, feature: AnyRanged) -> "_Span":
        low: Any = feature.minimum
        high: Any = feature.maximum
        above = low is not None and feature.exclusive_minimum
        below = high is not None and feature.exclusive_maximum
        if feature.kind == "integer":  # more than 0 is at least 1
            return cls(low + 1 if above else low, False, high - 1 if below else high, False)
        return cls(low, above, high, below)

    @property
    def is_bounded(self) -> bool:
        return self.low is not None or self.high is not None

    def holds(self, other: "_Span") -> bool:
        """Whether every value of the other is inside this one too."""
        return self._starts_before(other) and self._ends_after(other)

    def _starts_before(self, other: "_Span") -> bool:
        if self.low is None or other.low is None:
            return self.low is None
        return bool(
            self.low < other.low
            or (self.low == other.low and (other.low_is_out or not self.low_is_out))
        )

    def _ends_after(self, other: "_Span") -> bool:
        if self.high is None or other.high is None:
            return self.high is None
        return bool(
            self.high > other.high
            or (self.high == other.high and (other.high_is_out or not self.high_is_out))
        )


def _range_told(old: AnyRanged, new: AnyRanged) -> str:
    before, after = (attrgetter(*BOUNDS)(feature) for feature in (old, new))
    return "" if before == after else f"{_text(old)} → {_text(new)}"


def _text(feature: AnyRanged) -> str:
    return feature.range_text() or "any value"


def _other_range(a: AnyRanged, b: AnyRanged) -> Kind:
    known, served = _Span.of(a), _Span.of(b)
    if not served.holds(known):
        return Kind.BREAKING if b.out_of_range == "reject" else Kind.SILENT
    same = a.out_of_range == "reject" or known.holds(served)
    return Kind.COMPATIBLE if same else Kind.SILENT


def _knows_more(old: AnyRanged, new: AnyRanged) -> bool:
    """Values outside were answered all along, and now without a flag or fallback."""
    wider = _Span.of(new).holds(_Span.of(old))
    return wider and old.out_of_range == new.out_of_range != "reject"


def _other_policy(a: AnyRanged, b: AnyRanged) -> Kind:
    if a.out_of_range in ("reject", b.out_of_range):
        return Kind.COMPATIBLE
    if b.out_of_range == "reject":
        return Kind.BREAKING if _Span.of(b).is_bounded else Kind.COMPATIBLE
    bounded = _Span.of(a).is_bounded or _Span.of(b).is_bounded
    return Kind.SILENT if bounded else Kind.COMPATIBLE


RANGED: tuple[Rule[AnyRanged], ...] = (
    Rule(
        "range",
        frozenset(BOUNDS),
        _range_told,
        _other_range,
        "Keep the old range, or a wider one",
        is_addition=_knows_more,
    ),
    Rule(
        "out_of_range",
        frozenset({"out_of_range"}),
        other("out_of_range"),
        _other_policy,
        "Keep what OutOfRange says",
    ),
)
