"""What callers of the live version may send, and whether the candidate takes it still."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.pretraffic.manifests import Manifests
from functions.pretraffic.report import Check
from model_store.artifact.facts import FeatureSummary
from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import ModelReference
from model_store.contract import Contract, InvalidRow, normalise
from model_store.errors import ArtifactError, AwsError
from model_store.history.live import Version
from model_store.samples.probes import probes, typical_row
from model_store.samples.traffic import Raw

NAME = "contract"
SHOWN = 5


def served_contract(manifest: Manifest, major: int) -> Contract | None:
    """The contract with this major version, if it is among those that are served."""
    if manifest.contract.major == major:
        return manifest.contract
    accepted = manifest.accepted(major)
    return accepted.contract if accepted else None


def check_contract(live: Contract, served: Contract, rows: Sequence[Raw]) -> Check:
    """Whether every row that the live contract takes is taken still (fault row 33).

    Asked of `rows` and of everything odd that the live contract lets through. `lambent deploy`
    compares the contracts themselves; this asks them, whatever made the release.
    """
    odd = [probe.row.values for probe in probes(live, typical_row(live))]
    found = Counter(fault for row in [*odd, *rows] for fault in _refusals(served, row))
    asked = len(odd) + len(rows)
    if not found:
        return Check(NAME, "passed", f"{asked} rows of contract {live.version} are taken")
    worst = ", ".join(f"{fault} ({times} rows)" for fault, times in found.most_common(SHOWN))
    told = f"refuses rows that callers of contract {live.version} send: {worst}"
    return Check(NAME, "failed", told)


def _refusals(contract: Contract, row: Raw) -> set[str]:
    try:
        normalise(contract, row, hints=False)
    except InvalidRow as error:
        return {f"{found.pointer} {found.code}" for found in error.violations}
    return set()


@dataclass(frozen=True, slots=True)
class Comparable:
    """The live version as callers know it. served: the candidate's contract of the same major.

    baseline, examples: what the rows to send are like.
    """

    number: str
    live: Contract
    served: Contract
    baseline: Mapping[str, FeatureSummary]
    examples: tuple[Raw, ...]


def comparable(
    candidate: Manifest, live: Version | None, manifests: Manifests, number: str
) -> Comparable | str:
    """Or why the two versions cannot be compared: that alone refuses no candidate, which may be
    what is to repair the live one. number: the candidate's Lambda version."""
    if live is None or live.number == number:
        return "nothing else is live"
    if live.is_fallback_only:
        return "the live version answers from its fallbacks alone"
    try:
        before = manifests.read(ModelReference(candidate.name, live.model_version), live.digest)
    except (ArtifactError, AwsError) as error:
        return f"the manifest of the live version cannot be read: {error}"
    served = served_contract(candidate, before.contract.major)
    if served is None:
        return f"contract {before.contract.version} of the live version is not served any more"
    same = served is candidate.contract
    baseline = candidate.baseline if same else before.baseline
    examples = tuple(example.row for example in before.golden)
    return Comparable(live.number, before.contract, served, baseline, examples)
