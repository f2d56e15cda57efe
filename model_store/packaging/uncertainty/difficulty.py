"""How far a regression may err on a row: a small forest that predicts the residual's size.

Papadopoulos, Proedrou, Vovk & Gammerman, Inductive Confidence Machines for Regression (2002);
Lei et al., Distribution-Free Predictive Inference for Regression (2018), section 5.2.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from model_store.contract import Contract, Row
from model_store.packaging.conversion.beside import Beside, Columns, columns_of, with_beside
from model_store.packaging.data import Sample, truth_of
from model_store.packaging.errors import InvalidModel
from model_store.packaging.frames import frame_of
from model_store.packaging.model import Model
from model_store.packaging.served import Graph, served
from model_store.packaging.uncertainty.split import Splits
from model_store.uncertainty.scores import residuals

Floats = NDArray[np.float64]

LEAST_ROWS = 50
TREES = 50
ROWS_PER_LEAF = 10
FLOOR = 0.1
"""Of the mean residual: a row that looks easy still gets an interval."""


def with_difficulty(
    model: Model, graph: Graph, splits: Splits, progress: Callable[[str], None]
) -> Graph:
    """The graph with a positive number per row, if scaled intervals are asked for.

    Raises InvalidModel for a classifier, too few rows, or features that nothing can be told
    from; ConversionRefused or ParityFailed where the graph cannot tell it.
    """
    if model.uncertainty.intervals != "scaled":
        return graph
    columns = columns_of(model.contract, graph, splits.fitted.rows)
    if problem := _problem(graph, len(splits.fitted), bool(columns.names)):
        way_out = "Leave it out, or pass more rows as calibration=(X, y) or held_out=(X, y)"
        raise InvalidModel("Uncertainty(intervals='scaled')", problem, way_out)
    progress("fitting the difficulty of each row")
    sizes = _residuals(model, graph, splits.fitted)
    forest = forest_of(model.contract, columns, splits.fitted.rows, sizes)
    return with_beside(model, graph, forest, splits.conformal.rows)


def forest_of(contract: Contract, columns: Columns, rows: Sequence[Row], sizes: Floats) -> Beside:
    """Fitted on rows and the sizes of their residuals, float[N]; never below the floor."""
    encoder = columns.encoder(SimpleImputer(strategy="median"))
    forest = RandomForestRegressor(TREES, min_samples_leaf=ROWS_PER_LEAF, random_state=0)
    estimator = Pipeline([("encoded", encoder), ("forest", forest)])
    estimator.fit(frame_of(contract, rows)[columns.names], sizes)
    floor = FLOOR * float(sizes.mean())
    return Beside(
        name="difficulty",
        estimator=estimator,
        columns=columns,
        output="variable",
        ending=("Max", floor),
        answers=lambda frame: np.maximum(estimator.predict(frame), floor),
    )


def _residuals(model: Model, graph: Graph, sample: Sample) -> Floats:
    values = np.asarray(served(model, graph).outputs(sample.rows).values)
    return residuals(values, truth_of(graph, sample), None)


def _problem(graph: Graph, rows: int, has_columns: bool) -> str:
    if graph.task != "regression":
        return "is for regressions"
    if rows < LEAST_ROWS:
        return f"needs {2 * LEAST_ROWS} calibration rows, and there are about {2 * rows}"
    return "" if has_columns else "finds no feature that the difficulty could be told from"
