"""What is asked during the soak, with the answer that is documented for it."""

import json
from dataclasses import dataclass
from typing import Any

from functions.inference.schemas import ModelCard, PredictionResponse, ProblemDetails

PREDICT, CARD = "/v1/predictions", "/v1/model"
Schema = type[PredictionResponse] | type[ModelCard] | type[ProblemDetails]
Row = dict[str, Any]
DECLARED = {
    429: "throttled",
    500: "the worker was killed",
    502: "the worker was killed",
    503: "not loaded",
    504: "timed out",
}


@dataclass(frozen=True)
class Request:
    """status, schema: of an answer when nothing is wrong. rows: how often it holds `row`."""

    kind: str
    method: str
    path: str
    body: bytes | None
    status: int
    schema: Schema
    row: str = ""
    rows: int = 0


@dataclass(frozen=True)
class Subject:
    """A model, and what is asked of it by how many. The last of its versions is live at first.

    excused: statuses that what is done to it may cost.
    """

    model: str
    versions: tuple[str, ...]
    mix: tuple[Request, ...]
    excused: frozenset[int]
    callers: int
    pause_s: float


def _mix(model: str, row: Row, other: Row, broken: Row) -> tuple[Request, ...]:
    refused = _rows(broken, 1)
    return (
        _prediction(f"{model}: one row", row, 1),
        _prediction(f"{model}: another row", other, 1),
        _prediction(f"{model}: 100 rows", row, 100),
        Request(f"{model}: a broken row", "POST", PREDICT, refused, 422, ProblemDetails),
        Request(f"{model}: no JSON", "POST", PREDICT, b'{"instances": [', 400, ProblemDetails),
        Request(f"{model}: the model card", "GET", CARD, None, 200, ModelCard),
    )


def _prediction(kind: str, row: Row, rows: int) -> Request:
    body, name = _rows(row, rows), json.dumps(row)
    return Request(kind, "POST", PREDICT, body, 200, PredictionResponse, name, rows)


def _rows(row: Row, times: int) -> bytes:
    return json.dumps({"instances": [row] * times}).encode()


_PENGUIN = {
    "island": "Dream",
    "bill_length_mm": 46.5,
    "bill_depth_mm": 17.9,
    "flipper_length_mm": 192,
    "body_mass_g": 3500,
    "sex": "female",
}
_TUMOUR = {
    "radius": 25.4,
    "texture": 17.3,
    "perimeter": 184.6,
    "area": 2019,
    "smoothness": 0.16,
    "compactness": 0.67,
    "concavity": 0.71,
    "concave_points": 0.27,
    "symmetry": 0.46,
    "fractal_dimension": 0.12,
}
MALTREATED = Subject(
    "penguins",
    ("1", "2"),
    _mix(
        "penguins",
        _PENGUIN,
        _PENGUIN | {"sex": "male"},
        _PENGUIN | {"flipper_length_mm": "long"},
    ),
    frozenset(DECLARED),
    callers=4,
    pause_s=0.1,
)
LEFT_ALONE = Subject(
    "breast-cancer",
    ("2",),
    _mix(
        "breast-cancer",
        _TUMOUR,
        _TUMOUR | {"radius": 14.5, "perimeter": 96.1, "area": 630.5},
        _TUMOUR | {"radius": "large"},
    ),
    frozenset(),
    callers=1,
    pause_s=0.05,
)
