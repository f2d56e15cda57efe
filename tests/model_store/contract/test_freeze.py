"""Freezing a user's class: what a contract keeps, and how it refuses what it cannot keep."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, Field, PositiveInt, create_model, field_validator

from model_store.contract import Category, OutOfRange, Sensitive, Unit, freeze
from model_store.contract.features import Allow, Default, Required
from model_store.errors import ContractError


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class House(BaseModel):
    """A house
    for sale."""

    area: Annotated[float, Field(gt=0, le=1000, description="Living area"), Unit("m²")]
    rooms: PositiveInt = 3
    lift: bool = False
    colour: Annotated[Colour | None, Category(unseen="fallback", fold_case=False)] = Colour.RED
    owner: Annotated[str | None, Field(max_length=50), Sensitive()]
    built: Annotated[date, Field(ge=date(1800, 1, 1)), OutOfRange("flag")] = date(1990, 5, 1)


def test_keeps_the_order_types_and_documentation_of_the_class():
    contract = freeze(House, version="2.1")
    assert (contract.name, contract.version) == ("house", "2.1")
    assert contract.description == "A house\nfor sale."
    assert [(f.name, f.kind) for f in contract.features] == [
        ("area", "number"),
        ("rooms", "integer"),
        ("lift", "boolean"),
        ("colour", "category"),
        ("owner", "text"),
        ("built", "date"),
    ]
    area = contract.by_name["area"]
    assert (area.unit, area.description) == ("m²", "Living area")


def test_keeps_ranges_categories_and_policies():
    features = {f.name: f.model_dump() for f in freeze(House, version="1.0").features}
    area, rooms, colour, built = (features[n] for n in ("area", "rooms", "colour", "built"))
    assert (area["minimum"], area["exclusive_minimum"], area["maximum"]) == (0, True, 1000)
    assert (area["exclusive_maximum"], area["out_of_range"]) == (False, "reject")
    assert (rooms["minimum"], rooms["exclusive_minimum"]) == (0, True)
    assert colour["categories"] == ("red", "blue")
    assert (colour["unseen"], colour["fold_case"], colour["trim"]) == ("fallback", False, True)
    assert (built["minimum"], built["out_of_range"]) == ("1800-01-01", "flag")
    assert (features["owner"]["max_length"], features["owner"]["sensitive"]) == (50, True)


def test_missing_follows_from_optional_and_default():
    by_name = freeze(House, version="1.0").by_name
    assert by_name["area"].missing == Required()
    assert by_name["owner"].missing == Allow()
    assert by_name["rooms"].missing == Default(value=3)
    assert by_name["colour"].missing == Default(value="red")
    assert by_name["built"].missing == Default(value="1990-05-01")


def test_constraints_inside_optional_count_as_well():
    row = create_model("Row", x=(Annotated[float, Field(ge=1), Unit("kg")] | None, None))
    feature = freeze(row, version="1.0").by_name["x"].model_dump()
    assert (feature["minimum"], feature["unit"], feature["missing"]) == (
        1,
        "kg",
        {"policy": "allow"},
    )


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        (float, 3, 3.0),
        (int, 3.0, 3),
        (Literal["male", "female"], " Male", "male"),
        (date, date(2026, 1, 1), "2026-01-01"),
    ],
)
def test_a_default_is_kept_as_it_would_be_read(kind: Any, written: Any, read: Any):
    """`= 3` and `= 3.0` on a float are the same contract."""
    as_written, as_read = (
        freeze(create_model("Row", x=(kind, default)), version="1.0") for default in (written, read)
    )
    assert as_written.digest == as_read.digest
    kept = as_written.by_name["x"].missing.value
    assert (type(kept), kept) == (type(read), read)


@pytest.mark.parametrize(
    ("class_name", "contract_name"),
    [("Penguin", "penguin"), ("HouseSale", "house-sale"), ("HTTPRow_v2", "http-row-v2")],
)
def test_the_contract_is_named_like_the_class(class_name: str, contract_name: str):
    row = create_model(class_name, x=(float, ...))
    assert freeze(row, version="1.0").name == contract_name


class Inner(BaseModel):
    x: float


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "list": (list[float], ..., r"list\[float\]"),
    "dict": (dict[str, float], ..., "dict"),
    "nested": (Inner, ..., "Inner"),
    "decimal": (Decimal, ..., "Decimal"),
    "any": (Any, ..., "Any"),
    "union": (int | str, ..., r"int \| str"),
    "int_literal": (Literal[1, 2], ..., r"Literal\[1, 2\]"),
    "literal_none": (Literal["a", None], ..., "None"),
    "pattern": (Annotated[str, Field(pattern="a+")], ..., "pattern"),
    "min_length": (Annotated[str, Field(min_length=2)], ..., "MinLen"),
    "multiple_of": (Annotated[float, Field(multiple_of=2)], ..., "MultipleOf"),
    "validator": (Annotated[float, BeforeValidator(float)], ..., "BeforeValidator"),
    "category_on_number": (Annotated[float, Category()], ..., "Category"),
    "range_without_bounds": (Annotated[float, OutOfRange("flag")], ..., "OutOfRange"),
    "range_on_text": (Annotated[str, OutOfRange("flag")], ..., "OutOfRange"),
    "two_units": (Annotated[float, Unit("a"), Unit("b")], ..., "Unit twice"),
    "two_bounds": (Annotated[float, Field(ge=1, gt=0)], ..., "two bounds"),
    "alias": (float, Field(alias="y"), "alias"),
    "inner_alias": (Annotated[float, Field(alias="y")] | None, None, "alias"),
    "inner_description": (
        Annotated[float, Field(description="mass")] | None,
        None,
        "a description inside of a union",
    ),
    "factory": (float, Field(default_factory=float), "default_factory"),
    "examples": (float, Field(examples=[1.0]), "examples"),
    "none_default": (float, None, "default of None"),
    "bad_default": (Annotated[float, Field(ge=1)], 0.0, "default must be at least 1"),
    "default_of_another_type": (float, "many", "default"),
    "unseen_default": (Literal["a", "b"], "c", "default"),
    "empty_category": (Literal["a", ""], ..., "category"),
    "same_when_folded": (Literal["m", "M"], ..., "fold_case=False"),
    "bounds_crossed": (Annotated[float, Field(ge=2, le=1)], ..., "above"),
}


@pytest.mark.filterwarnings("ignore:The 'alias' attribute")
@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_it_cannot_keep_naming_class_field_and_finding(case: str):
    annotation, default, found = REFUSED[case]
    row = create_model("Row", x=(annotation, default))
    with pytest.raises(ContractError, match=found) as refusal:
        freeze(row, version="1.0")
    assert refusal.value.where == "Row.x"
    assert refusal.value.next_step


def test_refuses_user_code_because_lambda_runs_none():
    class Row(BaseModel):
        x: float

        @field_validator("x")
        @classmethod
        def positive(cls, value: float) -> float:
            return abs(value)

    with pytest.raises(ContractError, match="validator") as refusal:
        freeze(Row, version="1.0")
    assert refusal.value.where == "Row.positive"


def test_refuses_code_that_runs_after_validation():
    class Row(BaseModel):
        x: float

        def model_post_init(self, context: object) -> None:
            self.x = abs(self.x)

    with pytest.raises(ContractError, match="user code") as refusal:
        freeze(Row, version="1.0")
    assert refusal.value.where == "Row.model_post_init"


@pytest.mark.parametrize("rows", [dict, 3], ids=["dict", "number"])
def test_refuses_what_is_no_class_of_rows(rows: Any):
    with pytest.raises(ContractError, match="is no pydantic class"):
        freeze(rows, version="1.0")


def test_refuses_configuration_that_would_be_lost():
    class Row(BaseModel, str_strip_whitespace=True):
        x: str

    with pytest.raises(ContractError, match="str_strip_whitespace"):
        freeze(Row, version="1.0")


def test_refuses_a_class_without_fields():
    with pytest.raises(ContractError, match="Empty: has no fields"):
        freeze(create_model("Empty"), version="1.0")


@pytest.mark.parametrize("version", ["1", "1.0.0", "01.0", "v1.0", ""])
def test_refuses_a_version_that_is_not_major_minor(version: str):
    with pytest.raises(ContractError, match="version"):
        freeze(House, version=version)
