"""Asks the declared fallbacks in order, until every row has an answer."""

from collections.abc import Sequence
from typing import Protocol

from model_store.contract import Row, Scalar
from model_store.fallbacks.expression import evaluate
from model_store.fallbacks.records import Constant, Fallback, OtherModel, Popular, Rules
from model_store.predictions import FallbackPrediction, Label, Reason


class Sources(Protocol):
    """What fallbacks need from outside. None raises: what is not there is None or empty."""

    def have_time(self) -> bool:
        """Whether any is left for what takes some: rules, asked for each row of a batch."""

    def popular(self, link: Popular) -> Sequence[Label]:
        """Best first; empty when the list is missing or older than `max_age`."""

    def ask(self, link: OtherModel, rows: Sequence[Row]) -> Sequence[Scalar | None]:
        """One value per row, None where that model has none either."""


class NoSources:
    """Neither S3 nor other models: what constants and rules can answer alone."""

    def have_time(self) -> bool:
        return True

    def popular(self, _: Popular) -> Sequence[Label]:
        return ()

    def ask(self, _: OtherModel, rows: Sequence[Row]) -> Sequence[Scalar | None]:
        return [None] * len(rows)


def fall_back(
    chain: Sequence[Fallback], rows: Sequence[Row], reasons: Sequence[Reason], sources: Sources
) -> list[FallbackPrediction | None]:
    """One answer per row, in order; None where no fallback had one (fault row 31).

    A row without values (its contract is not known) is answered by constants and lists alone.
    """
    answers: list[FallbackPrediction | None] = [None] * len(rows)
    for link in chain:
        open_places = [place for place, answer in enumerate(answers) if answer is None]
        if not open_places:
            break
        found = _ask(link, [rows[place] for place in open_places], sources)
        for place, answer in zip(open_places, found, strict=True):
            if answer is not None:
                value, source, alternatives = answer
                answers[place] = FallbackPrediction(
                    value=value,
                    source=source,
                    reason=reasons[place],
                    alternatives=alternatives,
                    flags=rows[place].flags,
                )
    return answers


_Answer = tuple[Scalar, str, tuple[Label, ...]]


def _ask(link: Fallback, rows: Sequence[Row], sources: Sources) -> list[_Answer | None]:
    match link:
        case Constant():
            return [(link.value, "constant", ())] * len(rows)
        case Popular():
            items = tuple(sources.popular(link))
            return [(items[0], "popular", items[1:]) if items else None] * len(rows)
        case Rules():
            return [_first_match(link, row) if sources.have_time() else None for row in rows]
        case OtherModel():
            readable = all(row.values for row in rows)
            values = sources.ask(link, rows) if readable else [None] * len(rows)
            return [None if value is None else (value, link.role, ()) for value in values]


def _first_match(link: Rules, row: Row) -> _Answer | None:
    if not row.values:
        return None
    matching = (rule for rule in link.rules if evaluate(rule.condition, row.values))
    rule = next(matching, None)
    return (rule.value, "rules", ()) if rule else None
