"""Which contracts a version serves beside each other, and whether their rows are read alike."""

from model_store.artifact.manifest import Manifest
from model_store.compatibility.change import Kind
from model_store.compatibility.rule import Rule, always
from model_store.contract import predictions_path


def _gone(a: Manifest, b: Manifest) -> list[int]:
    return [major for major in a.majors if major not in b.majors]


def _majors_told(old: Manifest, new: Manifest) -> str:
    gone, come = _gone(old, new), _gone(new, old)
    told = [(gone, "no more"), (come, "now")]
    return "; ".join(
        f"{', '.join(map(predictions_path, majors))} is served {word}"
        for majors, word in told
        if majors
    )


def _fewer(a: Manifest, b: Manifest) -> Kind:
    return Kind.BREAKING if _gone(a, b) else Kind.COMPATIBLE


def _read_otherwise(old: Manifest, new: Manifest) -> list[str]:
    """Features of an older contract that both accept, whose values mean something else now."""
    return [
        f"{name}, from contract {before.contract.version}"
        for before in old.accepts
        if (after := new.accepted(before.contract.major))
        for name in old.contract.names
        if name in new.contract.by_name and before.source(name) != after.source(name)
    ]


def _reading_told(old: Manifest, new: Manifest) -> str:
    if old.contract.major != new.contract.major:
        return ""
    found = ", ".join(_read_otherwise(old, new))
    return f"{found}: is read otherwise" if found else ""


SERVED: tuple[Rule[Manifest], ...] = (
    Rule(
        "majors",
        frozenset({"accepts"}),
        _majors_told,
        _fewer,
        "Keep the older contract: Model(accepts=[Upcast(contract=…)])",
    ),
    Rule(
        "upcast",
        frozenset({"accepts"}),
        _reading_told,
        always(Kind.SILENT),
        "Keep where the values of the older contract come from",
    ),
)
