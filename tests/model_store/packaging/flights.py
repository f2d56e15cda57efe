"""The flights of the example, few enough to package many times."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_store.packaging import Constant, Model, Policy, Uncertainty
from model_store.packaging.model import Data
from model_store.packaging.model_file import load_model

EXAMPLE = Path(__file__).parents[3] / "examples" / "flights" / "model.py"
NUMBERS = ["month", "hour", "distance", "dep_delay"]
STRINGS = ["carrier", "origin"]


@cache
def example() -> Model:
    return load_model(EXAMPLE, "1")


def part(data: Data | None, rows: int, target: str | None = None) -> Data:
    """The first rows; of another column than the example's own target."""
    assert data is not None
    X, y = data
    return X.head(rows), y.head(rows) if target is None else X[target].head(rows)


def pipeline(model: Any) -> Pipeline:
    columns = [
        ("numbers", StandardScaler(), NUMBERS),
        ("strings", OneHotEncoder(handle_unknown="ignore", sparse_output=False), STRINGS),
    ]
    return make_pipeline(ColumnTransformer(columns), model)


def late(train: int = 1000, held_out: int = 2000, **changes: Any) -> Model:
    """Naive Bayes, badly calibrated, not fitted yet."""
    arguments: dict[str, Any] = {
        "estimator": pipeline(GaussianNB(var_smoothing=1e-3)),
        "train": part(example().train, train),
        "held_out": part(example().held_out, held_out),
        "uncertainty": Uncertainty(),
        "policy": Policy(),
        "fallback": Constant(value="late"),
    }
    return replace(example(), **arguments | changes)


def delay(train: int = 1000, held_out: int = 1000, **changes: Any) -> Model:
    """A regression of the minutes."""
    arguments: dict[str, Any] = {
        "estimator": pipeline(LinearRegression()),
        "train": part(example().train, train, "arr_delay"),
        "held_out": part(example().held_out, held_out, "arr_delay"),
        "uncertainty": Uncertainty(),
        "policy": Policy(),
        "fallback": None,
        "unit": "minutes",
    }
    return replace(example(), **arguments | changes)
