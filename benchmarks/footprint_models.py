"""Models to start: those that everything is measured with, a large forest, a large network."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import create_model
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline

from benchmarks.models import Subject, subject_a, subject_b
from model_store.contract import freeze
from model_store.packaging import Constant, Model, package

ROWS, HELD_OUT, FEATURES = 6000, 500, 20


def subjects(folder: Path) -> dict[str, Subject]:
    """By what a reader is told of them."""
    forest = ExtraTreesRegressor(100, random_state=0)
    network = MLPRegressor(hidden_layer_sizes=(2500, 2500), max_iter=1, random_state=0)
    return {
        "A, a logistic regression": subject_a(folder / "a"),
        "B, a random forest": subject_b(folder / "b"),
        "100 extremely randomised trees": _large("extra-trees", forest, ROWS, folder),
        "a network of two layers": _large("network", network, 2 * HELD_OUT, folder),
    }


def _large(name: str, estimator: Any, rows: int, folder: Path) -> Subject:
    """For starts alone: nobody else answers, so that it has no graph but Lambent's."""
    random = np.random.default_rng(0)
    columns = [f"number_{n}" for n in range(FEATURES)]
    x = pd.DataFrame(random.normal(size=(rows, FEATURES)).round(3), columns=columns)
    y = x["number_0"] + x["number_1"] * x["number_2"] + random.normal(size=rows)
    train, held_out = (x[HELD_OUT:], y[HELD_OUT:]), (x[:HELD_OUT], y[:HELD_OUT])
    pipeline = make_pipeline(estimator).fit(*train)
    fields: Any = dict.fromkeys(columns, (float, ...))
    model = Model(
        name=name,
        version="1",
        contract=freeze(create_model("Features", **fields), version="1.0"),
        estimator=pipeline,
        train=train,
        held_out=held_out,
        fallback=Constant(value=0),
    )
    made = package(model, folder / name)
    return Subject(name, made, made, b"", b"", pipeline, x.to_dict("records"), columns, [])
