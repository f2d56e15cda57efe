"""What comes of the held-out rows when they are served as declared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from model_store.artifact.layout import MODEL_FILE
from model_store.artifact.manifest import Manifest, ModelFile
from model_store.artifact.outcomes import ClassCounts, Decided, Outcomes, Score, Source
from model_store.contract import Row, Scalar, encode
from model_store.decision import Declined, Verdict, answer_columns, judge
from model_store.errors import PredictionError
from model_store.fallbacks.chain import NoSources, fall_back
from model_store.fallbacks.records import OtherModel
from model_store.outputs import Outputs
from model_store.packaging.data import Sample, truth_of
from model_store.packaging.served import Graph, Served
from model_store.packaging.slices import slices_of
from model_store.packaging.uncertainty.split import Splits
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Prediction,
    Reason,
)
from model_store.predictor import Predictor

PLACES = 6

Models = Mapping[ModelFile, bytes]
Places = Sequence[int]


def outcomes_of(
    manifest: Manifest, graph: Graph, models: Models, splits: Splits
) -> Outcomes | None:
    """Of the held-out rows, also those that the contract keeps from the model; None if it has none.

    No popular list is written yet, so the fallback after it answers. Raises PredictionError.
    """
    if not len(splits.held_out):
        return None
    rows, truth = splits.measuring.rows, truth_of(graph, splits.measuring)
    outputs = Served(manifest, models[MODEL_FILE]).outputs(splits.held_out.rows)
    verdicts = [*judge(outputs, splits.held_out.rows, manifest), *_kept(splits.declined)]
    sources = _InArtifact(manifest, models)
    answers = _with_fallbacks(verdicts, rows, manifest, sources)
    switched_off = [Declined(Reason.SWITCHED_OFF)] * len(rows)
    scorer = Scorer.of(manifest, truth, [_value(answer) for answer in answers])
    alone = outputs.labels if outputs.values is None else outputs.values.tolist()
    own_truth = truth[: len(splits.held_out)]
    return Outcomes(
        rows=len(rows),
        alone=Scorer.of(manifest, own_truth, alone).score(range(len(own_truth))),
        switched_off=_answered(
            manifest, truth, _with_fallbacks(switched_off, rows, manifest, sources)
        ),
        decisions=tuple(_decisions(answers, scorer)),
        classes=tuple(_classes(manifest, outputs, own_truth)),
        slices=slices_of(manifest, rows, _by_model(answers), scorer.score),
    )


@dataclass(frozen=True, eq=False)
class Scorer:
    """What each row's answer is worth, NaN where there is none.

    wrong: float[N], 0 or 1 of a classifier, the absolute error of a regression. paid: float[N].
    """

    wrong: NDArray[np.float64]
    paid: NDArray[np.float64] | None
    counts: bool

    @classmethod
    def of(
        cls, manifest: Manifest, truth: NDArray[Any], values: Sequence[Scalar | None]
    ) -> "Scorer":
        if manifest.task == "regression":
            found = np.array([np.nan if v is None else float(v) for v in values])
            return cls(np.abs(found - truth), None, counts=False)
        place: dict[Scalar, int] = {label: column for column, label in enumerate(manifest.labels)}
        columns = np.array([-1 if v is None else place[v] for v in values])
        missing, costs = columns < 0, manifest.policy.cost_matrix(manifest.labels)
        wrong = np.where(missing, np.nan, (columns != truth).astype(np.float64))
        paid = None if costs is None else np.where(missing, np.nan, costs[truth, columns])
        return cls(wrong, paid, counts=True)

    def score(self, places: Places) -> Score:
        """Of rows that either all have an answer or none."""
        wrong = self.wrong[list(places)]
        if not len(wrong) or np.isnan(wrong).any():
            return Score(rows=len(wrong))
        if not self.counts:
            spread = round(float(wrong.std(ddof=1)), PLACES) if len(wrong) > 1 else None
            return Score(rows=len(wrong), error=_mean(wrong), deviation=spread)
        cost = None if self.paid is None else _mean(self.paid[list(places)])
        return Score(rows=len(wrong), right=int((wrong == 0).sum()), cost=cost)


@dataclass(frozen=True)
class _InArtifact(NoSources):
    """The other models of the artifact, as Lambda asks them; no list has been written yet."""

    manifest: Manifest
    models: Models

    def ask(self, link: OtherModel, rows: Sequence[Row]) -> Sequence[Scalar | None]:
        predictor = Predictor(self.models[link.file], self.manifest.read_by(link))
        try:
            outputs = predictor.predict(encode(rows, link.inputs), None)
        except PredictionError:
            return [None] * len(rows)  # as Lambda does: the next fallback is asked
        values = outputs.labels if outputs.values is None else outputs.values.tolist()
        return [None if place in outputs.unusable else v for place, v in enumerate(values)]


def _kept(declined: Sample) -> Iterator[Declined]:
    for row in declined.rows:
        yield Declined(Reason(next(f.reason for f in row.flags if f.action == "fallback")))


def _with_fallbacks(
    verdicts: Sequence[Verdict], rows: Sequence[Row], manifest: Manifest, sources: NoSources
) -> list[Prediction | Declined]:
    declined = {p: v.reason for p, v in enumerate(verdicts) if isinstance(v, Declined)}
    reasons, asked = list(declined.values()), [rows[place] for place in declined]
    found = iter(fall_back(manifest.fallbacks, asked, reasons, sources))
    return [(next(found) or v) if isinstance(v, Declined) else v for v in verdicts]


def _value(answer: Prediction | Declined) -> Scalar | None:
    return None if isinstance(answer, Declined | AbstainPrediction) else answer.value


def _answered(
    manifest: Manifest, truth: NDArray[Any], answers: Sequence[Prediction | Declined]
) -> Score:
    """Of the rows that have an answer."""
    values = [_value(answer) for answer in answers]
    places = [place for place, value in enumerate(values) if value is not None]
    return Scorer.of(manifest, truth, values).score(places)


def _by_model(answers: Sequence[Prediction | Declined]) -> frozenset[int]:
    return frozenset(p for p, answer in enumerate(answers) if isinstance(answer, ModelPrediction))


_Key = tuple[str, bool, Reason | None, Source | None]
_ORDER = ("model", "fallback", "abstain")


def _key(answer: Prediction | Declined) -> _Key:
    match answer:
        case ModelPrediction():
            return "model", answer.needs_review, None, None
        case AbstainPrediction():
            return "abstain", answer.needs_review, answer.reason, None
        case FallbackPrediction():
            return "fallback", False, answer.reason, _source(answer)
        case Declined():
            return "fallback", False, answer.reason, None


def _source(answer: FallbackPrediction) -> Source:
    return next(name for name in get_args(Source) if name == answer.source)


def _decisions(answers: Sequence[Prediction | Declined], scorer: Scorer) -> Iterator[Decided]:
    groups: dict[_Key, list[int]] = {}
    for place, answer in enumerate(answers):
        groups.setdefault(_key(answer), []).append(place)
    for key in sorted(groups, key=lambda k: (_ORDER.index(k[0]), *map(str, k[1:]))):
        decision, review, reason, source = key
        told = {"decision": decision, "needs_review": review, "reason": reason, "source": source}
        yield Decided(**told, **scorer.score(groups[key]).model_dump())


def _classes(manifest: Manifest, outputs: Outputs, truth: NDArray[Any]) -> Iterator[ClassCounts]:
    answers = np.array(answer_columns(outputs, manifest), dtype=np.intp)
    for column, label in enumerate(manifest.labels):
        true, found = truth == column, answers == column
        yield ClassCounts(
            label=label,
            rows=int(true.sum()),
            answered=int(found.sum()),
            right=int((true & found).sum()),
        )


def _mean(values: NDArray[np.float64]) -> float:
    return round(float(values.mean()), PLACES)
