"""Tiny ONNX graphs and the manifests that vouch for them."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from model_store.artifact.accepted import Accepted
from model_store.artifact.facts import (
    FileEntry,
    GoldenExample,
    OutputNames,
    Parity,
    Provenance,
)
from model_store.artifact.manifest import Manifest
from model_store.canonical import sha256_hex
from model_store.contract import Contract, Fixed, Mapped, Scaled, default_tensors
from model_store.contract.features import Allow, CategoryFeature, Feature, Integer, Number
from model_store.fallbacks.expression import Comparison, FeatureOf, Value
from model_store.fallbacks.records import Constant, OtherModel, Popular, Rule, Rules
from model_store.predictions import ModelPrediction

LABELS = ("Adelie", "Chinstrap", "Gentoo")
ON_DREAM = Rules(
    rules=(
        Rule(
            when='island == "Dream"',
            condition=Comparison(op="==", a=FeatureOf(f="island"), b=Value(v="Dream")),
            value="Chinstrap",
        ),
    )
)
TOP = Popular(list="top", max_age=3600)
LAST = Constant(value="Adelie", note="the most common")


def other(role: str = "baseline") -> OtherModel:
    outputs = OutputNames(label="label", probabilities="probabilities")
    return OtherModel(role=role, inputs=default_tensors(contract()), outputs=outputs, labels=LABELS)


def features(**policies: str) -> tuple[Feature, ...]:
    return (
        CategoryFeature(
            name="island",
            categories=("Biscoe", "Dream", "Torgersen"),
            unseen=policies.get("island", "reject"),
        ),
        Number(
            name="bill_length_mm",
            unit="mm",
            minimum=20,
            maximum=80,
            out_of_range=policies.get("bill", "reject"),
            missing=Allow(),
        ),
        Number(name="flipper_length_mm", unit="mm", minimum=100, maximum=300),
        CategoryFeature(
            name="sex",
            categories=("male", "female"),
            unseen=policies.get("sex", "reject"),
            sensitive=True,
            missing=Allow(),
        ),
    )


def contract(version: str = "1.0", **policies: str) -> Contract:
    return Contract(name="penguin", version=version, features=features(**policies))


def older_contract(**policies: str) -> Contract:
    """Codes for islands, centimetres, a year that nobody looks at any more, and no sex."""
    return Contract(
        name="penguin",
        version="1.3",
        features=(
            CategoryFeature(
                name="code", categories=("B", "D", "T"), unseen=policies.get("code", "reject")
            ),
            Number(
                name="bill_length_mm",
                unit="mm",
                minimum=20,
                maximum=80,
                out_of_range=policies.get("bill", "reject"),
                missing=Allow(),
            ),
            Number(name="flipper_cm", unit="cm", minimum=10, maximum=30),
            Integer(name="year", minimum=2000),
        ),
    )


def accepted(**policies: str) -> Accepted:
    islands = {"B": "Biscoe", "D": "Dream", "T": "Torgersen"}
    return Accepted(
        contract=older_contract(**policies),
        features={
            "island": Mapped(was="code", categories=islands),
            "flipper_length_mm": Scaled(was="flipper_cm", scale=10),
            "sex": Fixed(value=None),
        },
        golden=(
            GoldenExample(
                row={"code": "B", "bill_length_mm": 46.1, "flipper_cm": 21.1, "year": 2007},
                answer=ModelPrediction(value="Gentoo", confidence=0.7),
            ),
        ),
    )


def classifier(
    probabilities: tuple[float, ...] = (0.1, 0.2, 0.7), column: str = "flipper_length_mm"
) -> bytes:
    """Answers every row with the same probabilities, and the label of the largest."""
    best = int(np.argmax(np.nan_to_num(probabilities)))
    return _graph(
        [
            helper.make_node("Cast", [column], ["numbers"], to=TensorProto.FLOAT),
            helper.make_node("Sub", ["numbers", "numbers"], ["zeros"]),
            helper.make_node("Add", ["zeros", "p"], ["probabilities"]),
            helper.make_node("Cast", ["zeros"], ["zero_index"], to=TensorProto.INT64),
            helper.make_node("Add", ["zero_index", "best"], ["best_index"]),
            helper.make_node("Gather", ["names", "best_index"], ["label_column"], axis=0),
            helper.make_node("Reshape", ["label_column", "flat"], ["label"]),
        ],
        [
            helper.make_tensor("p", TensorProto.FLOAT, [1, len(probabilities)], probabilities),
            helper.make_tensor("best", TensorProto.INT64, [1], [best]),
            helper.make_tensor("flat", TensorProto.INT64, [1], [-1]),
            helper.make_tensor(
                "names", TensorProto.STRING, [len(LABELS)], [label.encode() for label in LABELS]
            ),
        ],
    )


def failing() -> bytes:
    """Raises inside ONNX Runtime whenever `sex` is not a number, quoting it."""
    return classifier(column="sex")


def regression() -> bytes:
    """Answers the flipper's length, as float[N]."""
    return _graph(
        [helper.make_node("Reshape", ["flipper_length_mm", "flat"], ["value"])],
        [helper.make_tensor("flat", TensorProto.INT64, [1], [-1])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None])],
    )


def endless() -> bytes:
    """Never answers: counts to 2**62 in a Loop."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["go_on"]),
            helper.make_node("Add", ["total", "one"], ["more"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("total", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])],
    )
    return _graph(
        [
            helper.make_node("Loop", ["steps", "start", "zero"], ["total"], body=body),
            helper.make_node("Add", ["flipper_length_mm", "total"], ["sum"]),
            helper.make_node("Add", ["sum", "p"], ["probabilities"]),
            helper.make_node("Cast", ["sum"], ["label_column"], to=TensorProto.STRING),
            helper.make_node("Reshape", ["label_column", "flat"], ["label"]),
        ],
        [
            helper.make_tensor("steps", TensorProto.INT64, [], [2**62]),
            helper.make_tensor("start", TensorProto.BOOL, [], [True]),
            helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
            helper.make_tensor("p", TensorProto.FLOAT, [1, 3], (0.1, 0.2, 0.7)),
            helper.make_tensor("flat", TensorProto.INT64, [1], [-1]),
        ],
    )


def _graph(nodes: list[Any], constants: list[Any], outputs: list[Any] | None = None) -> bytes:
    kinds = {"float32": TensorProto.FLOAT, "string": TensorProto.STRING}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(spec.name, kinds[spec.dtype], [None, 1])
            for spec in default_tensors(contract())
        ],
        outputs
        or [
            helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, None]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def manifest_of(model: bytes, others: dict[str, bytes], **changes: Any) -> Manifest:
    """others: the files of further models, by role."""
    found = changes.pop("contract", None) or contract()
    files = {"model.onnx": model} | {f"{role}.onnx": file for role, file in others.items()}
    given: dict[str, Any] = {
        "name": "penguins",
        "version": "1",
        "title": "Penguins",
        "task": "multiclass",
        "files": {
            name: FileEntry(sha256=sha256_hex(file), size=len(file)) for name, file in files.items()
        },
        "contract": found,
        "inputs": default_tensors(found),
        "outputs": OutputNames(label="label", probabilities="probabilities"),
        "labels": LABELS,
        "fallbacks": (LAST,),
        "metrics": {"accuracy": 0.97},
        "parity": Parity(status="passed", rows=100, tolerance=1e-5, max_difference=1e-7),
        "golden": (
            GoldenExample(
                row={
                    "island": "Biscoe",
                    "bill_length_mm": 46.1,
                    "flipper_length_mm": 211.0,
                    "sex": None,
                },
                answer=ModelPrediction(value="Gentoo", confidence=0.7),
            ),
        ),
        "provenance": Provenance(
            python="3.11", libraries={"onnx": "1"}, opset={"": 17}, ir_version=8
        ),
    }
    return Manifest(**{**given, **changes})
