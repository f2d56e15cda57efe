"""The two models that everything is measured with, from data that ships or has a fixed seed.

A: logistic regression, 30 numbers. B: a forest of 200 trees of depth 12, 10 numbers and 4 strings.
"""

import pickle
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, create_model
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_store.artifact.folder import Artifact
from model_store.canonical import sha256_hex
from model_store.contract import freeze
from model_store.packaging import Constant, Model, package
from model_store.packaging.conversion.trees.rewrite import with_tree_ensembles

SEED = 11
COLOURS = ("red", "green", "blue", "white", "black")
OPSET = {"": 18, "ai.onnx.ml": 3}

Data = tuple[pd.DataFrame, "pd.Series[Any]"]


@dataclass(frozen=True)
class Subject:
    """A model in all the forms in which it is measured.

    lambent: as Lambent packages it. unoptimised: the same without its graph optimisation.
    plain: what `to_onnx` gives. packed: `plain` with whatever optimisation helps, for the floor.
    Both take one tensor of all numbers and, if there are strings, one of these.
    rows: JSON objects that the contract allows. numbers, strings: the names, in order.
    """

    name: str
    lambent: Artifact
    unoptimised: Artifact
    plain: bytes
    packed: bytes
    estimator: Pipeline
    rows: list[dict[str, Any]]
    numbers: list[str]
    strings: list[str]


def made(root: Path) -> dict[str, Subject]:
    """Both, under the names A and B. Kept in `root`/.lambent/bench: the forest takes a minute."""
    own = Path(__file__), root / "requirements/tool.txt"
    sources = [*(root / "model_store").rglob("*.py"), *own]
    digest = sha256_hex(b"".join(file.read_bytes() for file in sorted(sources)))[:16]
    kept = root / f".lambent/bench/models-{digest}.pickle"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            both = {"A": subject_a(Path(scratch, "a")), "B": subject_b(Path(scratch, "b"))}
            Path(scratch, "both").write_bytes(pickle.dumps(both))
            for old in kept.parent.glob("models-*.pickle"):
                old.unlink()
            Path(scratch, "both").replace(kept)
    subjects: dict[str, Subject] = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
    return subjects


def subject_a(folder: Path) -> Subject:
    data = load_breast_cancer(as_frame=True)
    x = data.data.rename(columns=lambda name: name.replace(" ", "_"))
    y = data.target.map(dict(enumerate(data.target_names)))
    estimator = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return _subject("bench-a", estimator, (x, y), 200, folder)


def subject_b(folder: Path, trees: int = 200, depth: int = 12, rows: int = 14_000) -> Subject:
    random = np.random.default_rng(SEED)
    numbers = {f"number_{n}": random.normal(size=rows).round(4) for n in range(10)}
    strings = {f"colour_{n}": random.choice(COLOURS, size=rows) for n in range(4)}
    x = pd.DataFrame(numbers | strings)
    hidden = x["number_0"] + x["number_1"] * x["number_2"] + (x["colour_0"] == "red")
    y = np.where(hidden + random.normal(size=rows) > 0, "yes", "no")
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), [10, 11, 12, 13]),
        remainder="passthrough",
    )
    forest = RandomForestClassifier(trees, max_depth=depth, random_state=SEED)
    data = x, pd.Series(y)
    return _subject("bench-b", make_pipeline(columns, forest), data, rows // 7, folder)


def _subject(name: str, estimator: Pipeline, data: Data, held_out: int, to: Path) -> Subject:
    x, y = data
    train_x, held_x, train_y, held_y = train_test_split(x, y, test_size=held_out, random_state=SEED)
    estimator.fit(train_x, train_y)
    columns = [str(column) for column in x]
    strings = [column for column in columns if isinstance(x[column].iloc[0], str)]
    numbers = [column for column in columns if column not in strings]
    model = Model(
        name=name,
        version="1",
        contract=freeze(_features(x, strings), version="1.0"),
        estimator=estimator,
        train=(train_x, train_y),
        held_out=(held_x, held_y),
        fallback=Constant(value=str(y.iloc[0]), note="any"),
    )
    plain = _plain(estimator, len(numbers), len(strings))
    return Subject(
        name=name,
        lambent=package(model, to / name / "1"),
        unoptimised=package(replace(model, optimise=False), to / "unoptimised"),
        plain=plain,
        packed=with_tree_ensembles(plain),
        estimator=estimator,
        rows=held_x.to_dict("records"),
        numbers=numbers,
        strings=strings,
    )


def _features(x: pd.DataFrame, strings: list[str]) -> Any:
    fields: Mapping[str, Any] = {
        str(column): (Literal[COLOURS] if column in strings else _between(x[column]), ...)
        for column in x
    }
    return create_model("Features", **fields)


def _between(values: pd.Series) -> Any:
    return Annotated[float, Field(ge=float(values.min()), le=float(values.max()))]


def _plain(estimator: Pipeline, numbers: int, strings: int) -> bytes:
    inputs: list[tuple[str, Any]] = [("numbers", FloatTensorType([None, numbers]))]
    if strings:
        inputs.append(("strings", StringTensorType([None, strings])))
    options = {id(estimator): {"zipmap": False}}
    graph = to_onnx(estimator, initial_types=inputs, options=options, target_opset=OPSET)
    return bytes(graph.SerializeToString())
