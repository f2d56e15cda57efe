"""From a row of an older contract to one of the newer."""

from dataclasses import replace

from pydantic import Field

from model_store.contract.contract import Contract
from model_store.contract.features import FeatureBase, Flag, Scalar
from model_store.contract.older.sources import Fixed, Renamed, Source
from model_store.contract.record import Record
from model_store.contract.rows import Row

_SAME_NAME = Renamed()


class Upcast(Record):
    """An older contract that is still served, whole, and how its rows are read.

    features: by the newer contract's names; one that is not mentioned is called the same in both.
    """

    contract: Contract
    features: dict[str, Source] = Field(default_factory=dict)

    def source(self, name: str) -> Source:
        return self.features.get(name, _SAME_NAME)

    def known_as(self, name: str) -> str | None:
        """What the older contract calls a feature of the newer; None if it has none like it."""
        source = self.source(name)
        return None if isinstance(source, Fixed) else source.was or name


def upcast(row: Row, accepted: Upcast, contract: Contract) -> Row:
    """A row normalised by the older contract, as the newer reads it. Nothing can be refused:
    `check_accepts` has proven it.

    What is odd is judged by the newer contract alone, and told by the names that callers know.
    """
    values: dict[str, Scalar | None] = {}
    flags: list[Flag] = []
    for feature in contract.features:
        values[feature.name], flag = feature.read(_value(row, accepted, feature))
        if flag:
            flags.append(replace(flag, feature=accepted.known_as(flag.feature) or flag.feature))
    return Row(values, tuple(flags))


def _value(row: Row, accepted: Upcast, feature: FeatureBase) -> Scalar | None:
    source = accepted.source(feature.name)
    if isinstance(source, Fixed):
        return source.value
    value = row.values[source.was or feature.name]
    return None if value is None else source.convert(value, feature)
