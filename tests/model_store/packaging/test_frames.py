"""Training sees exactly what serving sees."""

from typing import Annotated, Literal

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel, Field
from sklearn.linear_model import LogisticRegression

from model_store.contract import (
    Category,
    Contract,
    OutOfRange,
    Row,
    default_tensors,
    encode,
    freeze,
    normalise,
)
from model_store.packaging import prepare
from model_store.packaging.data import read_data
from model_store.packaging.errors import RowsRefused
from model_store.packaging.frames import read_rows
from tests.model_store.packaging.birds import CONTRACT, birds, model_of, pipeline


class Mixed(BaseModel):
    """Every kind of feature."""

    size: Annotated[float | None, Field(ge=0, le=10), OutOfRange("flag")] = None
    count: int = 3
    member: bool
    city: Annotated[Literal["Rome", "Oslo"] | None, Category(unseen="flag")] = None
    note: str | None = None


MIXED = freeze(Mixed, version="1.0")
FRAME = pd.DataFrame(
    {
        "note": ["hello", None, ""],
        "size": [1, np.nan, 12.5],
        "count": [4.0, np.nan, 5.0],
        "member": [True, False, 1],
        "city": pd.Categorical([" rome", np.nan, "Paris"]),
        "ignored": [1, 2, 3],
    },
    index=[10, 20, 30],
)
JSON = [
    {"size": 1, "count": 4, "member": True, "city": " rome", "note": "hello"},
    {"member": False},
    {"size": 12.5, "count": 5, "member": True, "city": "Paris", "note": ""},
]


def served(contract: Contract, rows: list[Row]) -> dict[str, np.ndarray]:
    specs = [
        spec.model_copy(update={"dtype": "string" if spec.dtype == "string" else "float64"})
        for spec in default_tensors(contract)
    ]
    return encode(rows, specs)


def assert_same(contract: Contract, frame: pd.DataFrame, rows: list[Row]) -> None:
    assert list(frame.columns) == list(contract.names)
    for name, tensor in served(contract, rows).items():
        trained = frame[name].to_numpy()
        if tensor.dtype == object:
            trained = np.where(pd.isna(trained), "", trained)
            assert trained.tolist() == tensor.ravel().tolist()
        else:
            np.testing.assert_array_equal(trained, tensor.ravel())


def test_each_training_row_has_the_values_that_serving_gives_the_model() -> None:
    prepared = prepare(MIXED, FRAME)
    assert prepared.index.tolist() == [10, 20, 30]
    assert prepared["city"].tolist()[:1] == ["Rome"]
    assert_same(MIXED, prepared, [normalise(MIXED, row) for row in JSON])


def test_a_text_that_is_empty_is_missing_only_where_it_may_be() -> None:
    """scikit-learn's vectorizers take "" and refuse NaN."""

    class Note(BaseModel):
        note: str
        default: str = ""
        optional: str | None

    contract = freeze(Note, version="1.0")
    prepared = prepare(contract, pd.DataFrame([{"note": "", "default": None, "optional": ""}]))
    assert prepared.loc[0, ["note", "default"]].tolist() == ["", ""]
    assert pd.isna(prepared.loc[0, "optional"])


def test_a_prepared_frame_prepared_again_is_the_same() -> None:
    prepared = prepare(CONTRACT, birds())
    pd.testing.assert_frame_equal(prepare(CONTRACT, prepared), prepared)


def test_real_data_reaches_training_as_it_reaches_serving() -> None:
    prepared = prepare(CONTRACT, birds())
    records = birds()[list(CONTRACT.names)].astype(object).to_dict("records")
    as_json = [{k: None if pd.isna(v) else v for k, v in record.items()} for record in records]
    assert_same(CONTRACT, prepared, [normalise(CONTRACT, row) for row in as_json])


def test_refused_rows_are_named_without_their_values() -> None:
    frame = birds().assign(body_mass_g=birds()["body_mass_g"].where(birds().index != 7, 123456.0))
    with pytest.raises(RowsRefused, match=r"body_mass_g .*\(row positions 7\)") as refusal:
        prepare(CONTRACT, frame)
    assert "123456" not in str(refusal.value)


def test_what_is_not_a_frame_is_refused_with_the_way_out() -> None:
    with pytest.raises(RowsRefused, match="Pass a pandas DataFrame"):
        read_rows(CONTRACT, birds().to_numpy())


def test_a_required_column_that_is_not_there_is_named() -> None:
    with pytest.raises(RowsRefused, match=r"the frame.* no column island\. "):
        prepare(CONTRACT, birds().drop(columns="island"))


@pytest.mark.parametrize("name", ["island", "sex"])
def test_a_misspelt_column_is_told_with_the_likely_one_even_if_it_may_be_missing(name: str) -> None:
    frame = birds().rename(columns={name: f"{name}e"})
    with pytest.raises(RowsRefused, match=rf"no column {name} \(did you mean {name}e\?\)"):
        prepare(CONTRACT, frame)


@pytest.mark.parametrize("data", ["train", "held_out"])
def test_refusals_begin_with_the_data_set(data: str) -> None:
    heavy = birds().assign(body_mass_g=123456.0)
    for frame in (heavy, birds().drop(columns="island"), birds().to_numpy()):
        with pytest.raises(RowsRefused, match=f"^{data}, "):
            read_data(model_of(pipeline(LogisticRegression()), **{data: (frame, heavy["species"])}))


def test_a_column_that_is_there_twice_is_refused() -> None:
    """pandas would take the last, and metrics would be of other data."""
    doubled = pd.concat([FRAME, FRAME[["size", "ignored"]] * 2], axis=1)
    with pytest.raises(RowsRefused, match="more than one column size"):
        prepare(MIXED, doubled)


def test_columns_that_are_not_read_may_be_there_twice() -> None:
    doubled = pd.concat([FRAME, FRAME[["ignored"]]], axis=1)
    assert prepare(MIXED, doubled).equals(prepare(MIXED, FRAME))
