"""The strict pydantic model of one row, made from the contract alone."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic import create_model as pydantic_model
from pydantic_core import PydanticCustomError

from model_store.contract.contract import Contract
from model_store.contract.features import Default, FeatureBase, Required, Scalar
from model_store.contract.violations import Refusal


def request_model(contract: Contract, suffix: str = "") -> type[BaseModel]:
    """A pydantic model that accepts exactly the JSON objects that `normalise` accepts.

    suffix: of its name, where several stand in one document. Fields are known by their alias: the
    feature's name.
    """
    fields: dict[str, Any] = {
        # A feature may be called "json" or "_x", which no pydantic field may.
        f"feature_{number}": (_annotation(feature), _field(feature))
        for number, feature in enumerate(contract.features)
    }
    title = "".join(word.capitalize() for word in contract.name.split("-"))
    return pydantic_model(
        title + suffix,
        __config__=ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True),
        __doc__=contract.description or None,
        **fields,
    )


def _annotation(feature: FeatureBase) -> Any:
    return Annotated[
        Scalar | None,
        PlainValidator(_reader(feature)),
        WithJsonSchema(feature.json_schema(), mode="validation"),
    ]


def _field(feature: FeatureBase) -> Any:
    missing = feature.missing
    if isinstance(missing, Required):
        return Field(alias=feature.name)
    default = missing.value if isinstance(missing, Default) else None
    return Field(default, alias=feature.name, validate_default=True)


def _reader(feature: FeatureBase) -> Callable[[object], Scalar | None]:
    def read(value: object) -> Scalar | None:
        try:
            return feature.read(value)[0]
        except Refusal as refusal:
            raise PydanticCustomError(refusal.code.value, refusal.message) from None

    return read
