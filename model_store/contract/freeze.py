"""Turns the class a user wrote into a contract, or says exactly what stands in the way."""

import re
from inspect import cleandoc

from pydantic import BaseModel, ValidationError

from model_store.contract.annotations import Annotation, unsupported
from model_store.contract.contract import Contract
from model_store.contract.features import Feature
from model_store.contract.kinds import build_feature
from model_store.contract.record import explain
from model_store.errors import ContractError

HARMLESS_CONFIG = {"extra", "frozen", "protected_namespaces", "title"}


def freeze(rows: type[BaseModel], *, version: str) -> Contract:
    """The contract of a pydantic class whose fields are one row of features.

    `version` is "MAJOR.MINOR". Raises ContractError, naming class and field, for whatever a
    contract cannot carry into Lambda, where no user code runs.
    """
    if not (isinstance(rows, type) and issubclass(rows, BaseModel)):
        name = getattr(rows, "__name__", repr(rows))
        raise ContractError(name, "is no pydantic class", "Derive it from pydantic.BaseModel")
    _refuse_code(rows)
    features = tuple(_feature(rows, name) for name in rows.model_fields)
    if not features:
        raise ContractError(rows.__name__, "has no fields", "Declare one field per feature")
    try:
        return Contract(
            name=_kebab(rows.__name__),
            version=version,
            description=cleandoc(rows.__dict__.get("__doc__") or ""),
            features=features,
        )
    except ValidationError as error:
        raise ContractError(rows.__name__, explain(error), "Correct the class or version") from None


def _feature(rows: type[BaseModel], name: str) -> Feature:
    where = f"{rows.__name__}.{name}"
    annotation = Annotation.of(where, rows.model_fields[name])
    try:
        return build_feature(where, name, annotation)
    except ValidationError as error:
        raise ContractError(where, explain(error), "Correct the annotation") from None


def _refuse_code(rows: type[BaseModel]) -> None:
    decorators = rows.__pydantic_decorators__
    found = [
        *decorators.validators,
        *decorators.field_validators,
        *decorators.root_validators,
        *decorators.model_validators,
        *decorators.computed_fields,
        *(["model_post_init"] if rows.model_post_init is not BaseModel.model_post_init else []),
    ]
    for name in found:
        raise unsupported(
            f"{rows.__name__}.{name}",
            "a validator or computed field (Lambda runs no user code)",
            "Do this before the data is sent, or inside the scikit-learn pipeline",
        )
    for key in set(rows.model_config) - HARMLESS_CONFIG:
        raise unsupported(
            f"{rows.__name__}.model_config",
            f"{key}",
            "Remove it; spaces and case are set per field with Category(trim=…, fold_case=…)",
        )


def _kebab(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+", "-", name)
    return spaced.lower().strip("-")
