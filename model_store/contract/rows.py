"""Normalising a row: the one path by which values reach the model, in training and serving."""

import datetime
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from model_store.contract.contract import Contract
from model_store.contract.features import Boolean, Date, FeatureBase, Flag, Scalar
from model_store.contract.violations import Code, InvalidRow, Refusal, Violation

REPORTED_UNKNOWN_FIELDS = 10


class Row(NamedTuple):
    """One normalised row: a value per feature, in the contract's order, and what was odd."""

    values: dict[str, Scalar | None]
    flags: tuple[Flag, ...] = ()


def normalise(contract: Contract, raw: object, *, hints: bool = True) -> Row:
    """Read one JSON object (decoded) strictly by the contract; raises InvalidRow.

    hints: whether to look for the feature that an unknown field may mean, which takes time.
    """
    if not isinstance(raw, Mapping):
        message = "must be a JSON object with one field per feature"
        raise InvalidRow(contract.name, [Violation((), Code.NOT_AN_OBJECT, message)])
    values: dict[str, Scalar | None] = {}
    flags: list[Flag] = []
    violations: list[Violation] = []
    for feature in contract.features:
        try:
            values[feature.name], flag = feature.read(raw.get(feature.name))
        except Refusal as refusal:
            violations.append(Violation((feature.name,), refusal.code, refusal.message))
        else:
            if flag:
                flags.append(flag)
    violations.extend(_unknown_fields(contract, raw, hints=hints))
    if violations:
        raise InvalidRow(contract.name, violations)
    return Row(values, tuple(flags))


def normalise_training_row(contract: Contract, record: Mapping[str, object]) -> Row:
    """Read one record of a DataFrame by the same rules; raises InvalidRow.

    NaN, NaT, pd.NA and None are missing; numpy scalars, enum members and timestamps are
    unwrapped; 0 and 1 are taken for a boolean. Nothing else is more lenient than `normalise`.
    """
    plain = {name: _plain(contract.by_name.get(name), value) for name, value in record.items()}
    return normalise(contract, plain)


def _unknown_fields(
    contract: Contract, raw: Mapping[object, object], *, hints: bool
) -> Iterator[Violation]:
    """A violation for each of the first fields that the contract does not have."""
    unknown = [key for key in raw if key not in contract.by_name]
    for key in unknown[:REPORTED_UNKNOWN_FIELDS]:
        name = _shown(key)
        hint = _hint(contract, name) if hints else ""
        yield Violation((name,), Code.UNKNOWN_FIELD, f"is not a feature of this model{hint}")


def _shown(key: object) -> str:
    """A field's name only if it could be the name of one: free text may be personal data."""
    return key if isinstance(key, str) and key.isidentifier() and len(key) <= 64 else "?"


def _hint(contract: Contract, name: str) -> str:
    from difflib import get_close_matches  # only this rare path pays for the import

    close = get_close_matches(name, contract.names, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _plain(feature: FeatureBase | None, value: object) -> object:
    import numpy as np  # only training pays for the import

    if _is_missing(value):
        return None
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[D]")
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Enum):
        value = value.value
    if isinstance(feature, Boolean) and type(value) in (int, float) and value in (0, 1):
        return bool(value)
    if isinstance(feature, Date) and isinstance(value, datetime.date):
        return value.isoformat()[:10]
    return value


def _is_missing(value: object) -> bool:
    # By name, so that serving never imports pandas.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    import numpy as np  # as above

    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
