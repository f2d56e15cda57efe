"""The answers that a manifest promises, asked of the graph through the code that serves it."""

from collections.abc import Sequence

from model_store.agreement import agrees, told
from model_store.artifact.folder import Artifact
from model_store.artifact.manifest import Manifest
from model_store.contract import InvalidRow, Row, normalise
from model_store.decision import Declined, Verdict, judge
from model_store.errors import ArtifactError, PredictionError
from model_store.fallbacks.records import OtherModel
from model_store.predictor import Predictor
from model_store.vetting.smoke import SECONDS, Tensors

_PACKAGE_AGAIN = "Package the model again with `lambent package`"


def golden_rows(manifest: Manifest) -> list[Row]:
    """Raises ArtifactError for a golden row that the manifest's own contract refuses."""
    rows = []
    for index, example in enumerate(manifest.golden):
        try:
            rows.append(normalise(manifest.contract, example.row))
        except InvalidRow as error:
            raise _broken(manifest, index, f"breaks the contract: {error.what}") from None
    return rows


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
    for index, (example, verdict) in enumerate(zip(manifest.golden, given, strict=True)):
        if isinstance(verdict, Declined) or not agrees(example.answer, verdict):
            what = f"promises {told(example.answer)}, and the graph answers {_told(verdict)}"
            raise _broken(manifest, index, what)


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


def _broken(manifest: Manifest, index: int, what: str) -> ArtifactError:
    return ArtifactError(f"{manifest.reference} golden row {index}", what, _PACKAGE_AGAIN)
