"""The answers that a manifest promises, asked of the graph through the code that serves it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model_store.agreement import agrees, told
from model_store.artifact.accepted import Accepted
from model_store.artifact.facts import GoldenExample
from model_store.artifact.folder import Artifact
from model_store.artifact.manifest import Manifest
from model_store.contract import InvalidRow, Row, normalise, upcast
from model_store.decision import Declined, Verdict, judge
from model_store.errors import ArtifactError, PredictionError
from model_store.fallbacks.records import OtherModel
from model_store.predictor import Predictor
from model_store.vetting.smoke import SECONDS, Tensors

_PACKAGE_AGAIN = "Package the model again with `lambent package`"


def golden_rows(manifest: Manifest) -> list[Row]:
    """Also those of the older contracts that are served, as the model gets them.

    Raises ArtifactError for a golden row that the contract it is of refuses.
    """
    return [_read(manifest, promise) for promise in _promises(manifest)]


@dataclass(frozen=True)
class _Promise:
    """A golden example, and the older contract it is of, if any."""

    example: GoldenExample
    where: str
    accepted: Accepted | None = None


def _promises(manifest: Manifest) -> Iterator[_Promise]:
    for index, example in enumerate(manifest.golden):
        yield _Promise(example, f"{manifest.reference} golden row {index}")
    for accepted in manifest.accepts:
        of = f"golden row {{}} of contract {accepted.contract.version}"
        for index, example in enumerate(accepted.golden):
            yield _Promise(example, f"{manifest.reference} {of.format(index)}", accepted)


def _read(manifest: Manifest, promise: _Promise) -> Row:
    accepted = promise.accepted
    try:
        row = normalise(accepted.contract if accepted else manifest.contract, promise.example.row)
    except InvalidRow as error:
        raise _broken(promise, f"breaks the contract: {error.what}") from None
    return upcast(row, accepted, manifest.contract) if accepted else row


def check_answers(artifact: Artifact, rows: Sequence[Row], trial: Tensors) -> None:
    """Ask the graph for `trial`, which are the golden `rows` wherever there are any.

    Raises ArtifactError when graph and manifest do not fit, or an answer is not the promised one.
    """
    manifest = artifact.manifest
    try:
        outputs = Predictor(artifact.model, manifest).predict(trial, SECONDS)
        given = judge(outputs, rows, manifest)
    except PredictionError as error:
        raise ArtifactError(error.where, error.what, _PACKAGE_AGAIN) from None
    for promise, verdict in zip(_promises(manifest), given, strict=True):
        answer = promise.example.answer
        if isinstance(verdict, Declined) or not agrees(answer, verdict):
            what = f"promises {told(answer)}, and the graph answers {_told(verdict)}"
            raise _broken(promise, what)


def check_other(artifact: Artifact, link: OtherModel, trial: Tensors) -> None:
    """Raises ArtifactError when a fallback's graph does not fit what the manifest says of it."""
    manifest = artifact.manifest.read_by(link)
    try:
        Predictor(artifact.models[link.file], manifest).predict(trial, SECONDS)
    except PredictionError as error:
        where = f"{manifest.reference} {link.file}"
        raise ArtifactError(where, error.what, _PACKAGE_AGAIN) from None


def _told(verdict: Verdict) -> str:
    if isinstance(verdict, Declined):
        return f"its fallback: {verdict.reason}"
    return told(verdict)


def _broken(promise: _Promise, what: str) -> ArtifactError:
    return ArtifactError(promise.where, what, _PACKAGE_AGAIN)
