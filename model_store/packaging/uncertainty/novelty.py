"""How unlike the training data a row is: one number from the graph, one threshold for it."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Contract, Row
from model_store.packaging.conversion.beside import Beside, Columns, columns_of, with_beside
from model_store.packaging.errors import ConversionRefused, InvalidModel, ParityFailed
from model_store.packaging.frames import frame_of
from model_store.packaging.model import Model, Uncertainty
from model_store.packaging.served import Graph, served
from model_store.packaging.uncertainty.split import Splits
from model_store.uncertainty.conformal import least_rows
from model_store.uncertainty.novelty import Novelty, Usual, are_novel
from model_store.uncertainty.scores import quantile

LEAST_VARIANCE = 1e-3
"""Added to every direction, where a feature in its usual spread has 1: features that always go
together, and rare categories, leave directions with none."""

PLACES = 6


def with_novelty(
    model: Model,
    graph: Graph,
    splits: Splits,
    trained_on: Sequence[Row],
    baseline: Mapping[str, FeatureSummary],
    progress: Callable[[str], None],
) -> tuple[Graph, Novelty | None]:
    """The graph that tells it, and from where on a row is novel; None without training rows.

    Where the score cannot be had, single features are checked, and `note` says why.

    Raises InvalidModel for a rate of false alarms that was asked for and needs more rows.
    """
    rate = model.uncertainty.false_alarms
    if rate is None or not trained_on:
        return graph, None
    found = Novelty(score=None, false_alarms=rate, rows=len(splits.calibration))
    columns = columns_of(model.contract, graph, trained_on)
    if why := _why_not(columns, rate, len(splits.calibration)):
        if rate != Uncertainty().false_alarms:
            raise _refused(rate, why)
        found = found.model_copy(update={"note": why})
    else:
        gaussian = gaussian_of(model.contract, columns, trained_on)
        try:
            graph = with_beside(model, graph, gaussian, splits.calibration.rows)
        except (ConversionRefused, ParityFailed) as error:
            found = found.model_copy(update={"note": f"{error.where} {error.what}"})
        else:
            found = _with_threshold(model, graph, found, splits)
    progress(f"novelty: {found.note or f'a Gaussian over {len(columns.names)} features'}")
    return graph, _observed(model, graph, found, splits, baseline)


def gaussian_of(contract: Contract, columns: Columns, rows: Sequence[Row]) -> Beside:
    """Fitted on these rows; the score is the negative log density, in nats.

    Missing numbers are taken for the median, and so are usual; a category that is not among the
    rows is far from all of them.
    """
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    one = GaussianMixture(n_components=1, reg_covar=LEAST_VARIANCE, random_state=0)
    estimator = Pipeline([("encoded", columns.encoder(numbers)), ("gaussian", one)])
    estimator.fit(frame_of(contract, rows)[columns.names])
    return Beside(
        name="novelty",
        estimator=estimator,
        columns=columns,
        output="score_samples",
        ending=("Mul", -1.0),
        answers=lambda frame: -estimator.score_samples(frame),
        options=(("score_samples", True),),
    )


def _why_not(columns: Columns, rate: float, rows: int) -> str:
    needed = least_rows(_share(rate))
    if rows < needed:
        return f"{rate} false alarms need {needed} calibration rows, and there are {rows}"
    return "" if columns.names else "the graph takes no feature that it could be told from"


def _refused(rate: float, why: str) -> InvalidModel:
    return InvalidModel(
        f"Uncertainty(false_alarms={rate})",
        why,
        "Pass more rows as calibration=(X, y) or held_out=(X, y), or allow more false alarms",
    )


def _share(rate: float) -> float:
    """Of rows below the threshold; 1 - 0.07 is not 0.93 in binary."""
    return round(1 - rate, 12)


def _with_threshold(model: Model, graph: Graph, found: Novelty, splits: Splits) -> Novelty:
    scores = served(model, graph).outputs(splits.calibration.rows).novelty
    threshold = quantile(np.asarray(scores), _share(found.false_alarms))
    return found.model_copy(update={"score": "gaussian", "threshold": threshold})


def _observed(
    model: Model,
    graph: Graph,
    found: Novelty,
    splits: Splits,
    baseline: Mapping[str, FeatureSummary],
) -> Novelty:
    rows = splits.held_out.rows
    if not rows:
        return found
    novel = are_novel(found, Usual(baseline), served(model, graph).outputs(rows).novelty, rows)
    return found.model_copy(update={"observed": round(sum(novel) / len(novel), PLACES)})
