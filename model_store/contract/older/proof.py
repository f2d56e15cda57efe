"""Whether every row of an older contract can be read by the newer: proven, not tried.

What a feature takes is an interval, a closed list, or any text up to a length, and a source keeps
the order of numbers: rounding does so too. The ends of the interval, the list and the longest text
therefore stand for all that can be sent.
"""

from collections.abc import Sequence

from model_store.contract.contract import Contract
from model_store.contract.features import CategoryFeature, Feature, FeatureBase, Integer
from model_store.contract.features.ranged import Ranged
from model_store.contract.older.extremes import Extreme, extremes
from model_store.contract.older.record import Upcast
from model_store.contract.older.sources import Fixed, Mapped, Renamed, Scaled, Source
from model_store.contract.violations import Refusal
from model_store.errors import ContractError

_NUMBERS = {("number", "number"), ("integer", "number"), ("integer", "integer")}


class UpcastRefused(ContractError):
    """An older contract some of whose rows the newer would refuse, or read as something else."""


def check_accepts(contract: Contract, accepts: Sequence[Upcast]) -> None:
    """Raises UpcastRefused with the feature and the way out, unless every row that one of the
    older contracts takes can be read by this one."""
    served = [contract.major]
    for accepted in accepts:
        older = accepted.contract
        if older.major >= contract.major or older.major in served:
            raise UpcastRefused(
                f"accepts contract {older.version}",
                f"major {older.major} is not older than {contract.version}, or accepted twice",
                "Accept the last contract of each older major version; raise the version of the "
                "new one: freeze(…, version=…)",
            )
        served.append(older.major)
        _check_names(contract, accepted)
        for feature in contract.features:
            _check_feature(accepted, feature)


def _check_names(contract: Contract, accepted: Upcast) -> None:
    for name in set(accepted.features) - set(contract.names):
        raise _refused(
            accepted, name, "the new contract has no such feature", "Name features of the new one"
        )


def _check_feature(accepted: Upcast, feature: Feature) -> None:
    source = accepted.source(feature.name)
    if isinstance(source, Fixed):
        _check_fixed(accepted, feature, source)
        return
    known_as = source.was or feature.name
    older = accepted.contract.by_name.get(known_as)
    if older is None:
        raise _refused(
            accepted,
            feature.name,
            f"the older contract has no feature {known_as}",
            "Say where it comes from: Renamed(was=…), or Fixed(value=…), None for missing",
        )
    _check_kinds(accepted, feature, older, source)
    for extreme in extremes(older):
        _check_extreme(accepted, feature, source, extreme)
    if isinstance(source, Scaled):
        _check_apart(accepted, feature, older, source)


def _check_fixed(accepted: Upcast, feature: Feature, source: Fixed) -> None:
    try:
        _, flag = feature.read(source.value)
    except Refusal as refusal:
        told = f"its fixed value {refusal.message}"
    else:
        if flag is None:
            return
        told = f"its fixed value is {flag.reason}"
    raise _refused(accepted, feature.name, told, "Fix a value that the new contract takes")


def _check_kinds(accepted: Upcast, feature: Feature, older: FeatureBase, source: Source) -> None:
    kinds = (older.kind, feature.kind)
    match source:
        case Renamed():
            _check_renamed(accepted, feature, older)
        case Scaled():
            whole = source.scale.is_integer() and source.offset.is_integer()
            if kinds not in _NUMBERS or (isinstance(feature, Integer) and not whole):
                instead = "Scale numbers; whole numbers by whole numbers"
                raise _refused(
                    accepted, feature.name, f"{kinds[0]} → {kinds[1]} cannot be scaled", instead
                )
        case Mapped():
            _check_mapped(accepted, feature, older, source)


def _check_renamed(accepted: Upcast, feature: Feature, older: FeatureBase) -> None:
    if older.kind != feature.kind and (older.kind, feature.kind) not in _NUMBERS:
        raise _refused(
            accepted,
            feature.name,
            f"was a {older.kind} and is a {feature.kind}",
            "Keep the type, or say Fixed(value=…)",
        )
    if older.unit != feature.unit:
        raise _refused(
            accepted,
            feature.name,
            f"was in {older.unit or 'no unit'} and is in {feature.unit or 'no unit'}",
            "Say how to convert it: Scaled(scale=…), 1 if both are the same",
        )


def _check_mapped(accepted: Upcast, feature: Feature, older: FeatureBase, source: Mapped) -> None:
    if not isinstance(older, CategoryFeature) or not isinstance(feature, CategoryFeature):
        raise _refused(
            accepted,
            feature.name,
            f"{older.kind} → {feature.kind} cannot be mapped",
            "Map categories to categories",
        )
    lacking = [name for name in older.categories if name not in source.categories]
    unknown = [name for name in source.categories if name not in older.categories]
    foreign = [name for name in source.categories.values() if name not in feature.categories]
    for names, told in (
        (lacking, "are not mapped"),
        (unknown, "are no older categories"),
        (foreign, "are no new categories"),
    ):
        if names:
            raise _refused(
                accepted,
                feature.name,
                f"{', '.join(names)} {told}",
                "Map each older category, in its spelling, to a new one",
            )


def _check_extreme(accepted: Upcast, feature: Feature, source: Source, extreme: Extreme) -> None:
    reader: FeatureBase = feature
    if extreme.is_excluded and isinstance(feature, Ranged):
        reader = feature.model_copy(update={"exclusive_minimum": False, "exclusive_maximum": False})
    value = extreme.value
    if value is not None and not isinstance(source, Fixed):
        value = source.convert(value, reader)
    try:
        reader.read(value)
    except Refusal as refusal:
        raise _refused(
            accepted,
            feature.name,
            f"{extreme.told} is taken by the older contract, and here it {refusal.message}",
            _WAYS_OUT.get(feature.kind, "Take at least what the older contract takes")
            if value is not None
            else "Let it be missing: `| None`, or a default",
        ) from None


def _check_apart(accepted: Upcast, feature: Feature, older: FeatureBase, source: Scaled) -> None:
    """What no tensor holds becomes the largest number: of a whole range that would be one value."""
    ends = {extreme.value for extreme in extremes(older) if extreme.value is not None}
    read = {source.convert(end, feature) for end in ends}
    if len(ends) > 1 and len(read) == 1:
        raise _refused(
            accepted,
            feature.name,
            f"every value becomes {read.pop()}",
            "Scale to numbers that differ and that a tensor holds",
        )


_RANGED = 'Widen the range, or add OutOfRange("flag") or ("fallback")'
_WAYS_OUT = {
    "number": _RANGED,
    "integer": _RANGED,
    "date": _RANGED,
    "category": 'Map it: Mapped(categories={…}), or add Category(unseen="flag") or ("fallback")',
    "text": "Raise max_length",
}


def _refused(accepted: Upcast, name: str, what: str, next_step: str) -> UpcastRefused:
    where = f"accepts contract {accepted.contract.version}, feature {name}"
    return UpcastRefused(where, what, f"{next_step}; or do not accept this contract")
