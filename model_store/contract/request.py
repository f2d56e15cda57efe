"""The strict pydantic model of one row, made from the contract alone."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema
from pydantic import create_model as pydantic_model
from pydantic_core import PydanticCustomError

from model_store.contract.contract import Contract
from model_store.contract.features import Default, FeatureBase, Required, Scalar
from model_store.contract.rows import Row, normalise, unknown_field
from model_store.contract.violations import Code, Refusal, Violation

_CODES = frozenset(code.value for code in Code)


class RequestRow(BaseModel):
    """Base of the generated models. Fields are known by their alias: the feature's name."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    contract: ClassVar[Contract]

    def row(self) -> Row:
        return normalise(self.contract, self.model_dump(by_alias=True))


def request_model(contract: Contract) -> type[RequestRow]:
    """A pydantic model that accepts exactly the JSON objects that `normalise` accepts."""
    fields: dict[str, Any] = {
        # A feature may be called "json" or "_x", which no pydantic field may.
        f"feature_{number}": (_annotation(feature), _field(feature))
        for number, feature in enumerate(contract.features)
    }
    title = "".join(word.capitalize() for word in contract.name.split("-"))
    model = pydantic_model(
        title, __base__=RequestRow, __doc__=contract.description or None, **fields
    )
    model.contract = contract
    return model


def violations_of(contract: Contract, error: ValidationError) -> tuple[Violation, ...]:
    """What a generated model (or one that holds it) refused, without what was sent."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        _violation(contract, detail["loc"], detail["type"], detail["msg"]) for detail in details
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


def _violation(
    contract: Contract, path: tuple[str | int, ...], kind: str, message: str
) -> Violation:
    match kind:
        case "missing":
            return Violation(path, Code.MISSING, "is required")
        case "extra_forbidden":
            return unknown_field(contract, path[-1]).under(*path[:-1])
        case _ if kind in _CODES:
            return Violation(path, Code(kind), message)
        case "model_type" | "model_attributes_type" | "dict_type":
            return Violation(path, Code.NOT_AN_OBJECT, "must be a JSON object")
        case _:  # of whatever the generated model is nested in
            return Violation(path, Code.WRONG_TYPE, "does not have the documented form")
