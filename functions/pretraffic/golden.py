"""The golden examples, asked of the deployed version through its real handler."""

from collections.abc import Callable, Iterator

from functions.pretraffic.asking import Callee
from functions.pretraffic.report import Check
from model_store.agreement import agrees, told
from model_store.artifact.facts import GoldenExample
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract

NAME = "golden examples"


def replay(manifest: Manifest, digest: str, ask: Callable[[Contract], Callee]) -> Check:
    """Each promised answer, of every contract that is served, one request each.

    ask: the candidate by one of its contracts. Examples are told by their number: row 1 is first.
    """
    asked = 0
    for contract, examples in _promises(manifest):
        version = ask(contract)
        for number, example in enumerate(examples, start=1):
            if fault := _fault(version, digest, example):
                of = f" of contract {contract.version}" if contract != manifest.contract else ""
                return Check(NAME, "failed", f"golden example {number}{of}: {fault}")
            asked += 1
    if not asked:
        return Check(NAME, "skipped", "the artifact has none")
    return Check(NAME, "passed", f"{asked} answered as promised")


def _promises(manifest: Manifest) -> Iterator[tuple[Contract, tuple[GoldenExample, ...]]]:
    yield manifest.contract, manifest.golden
    for accepted in manifest.accepts:
        yield accepted.contract, accepted.golden


def _fault(version: Callee, digest: str, example: GoldenExample) -> str:
    """What is wrong with the answer; empty if nothing is."""
    reply = version.predict([example.row])
    found = reply.predictions(1)
    if found is None:
        return f"{reply.told}, expected {told(example.answer)}"
    if reply.body.get("model", {}).get("digest") != digest:
        return "was answered by another model"
    if agrees(example.answer, found[0]):
        return ""
    answered, expected = told(found[0]), told(example.answer)
    if answered == expected:
        return f"answered {answered}, but with another set or interval than expected"
    return f"answered {answered}, expected {expected}"
