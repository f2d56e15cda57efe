"""The answers that a manifest promises, asked of the graph through the code that serves it."""

from collections.abc import Sequence
from math import isclose

from model_store.artifact.folder import Artifact
from model_store.artifact.manifest import Manifest
from model_store.contract import InvalidRow, Row, Scalar, normalise
from model_store.decision import Declined, Verdict, judge
from model_store.errors import ArtifactError, PredictionError
from model_store.fallbacks.records import OtherModel
from model_store.predictions import AbstainPrediction, ModelPrediction, Prediction
from model_store.predictor import Predictor
from model_store.vetting.smoke import SECONDS, Tensors

# Another processor may round the last digits of a float32 otherwise.
CONFIDENCE_TOLERANCE = 1.5e-4
VALUE_TOLERANCE = 1e-4
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
        if not _agrees(example.answer, verdict):
            what = f"promises {_told(example.answer)}, and the graph answers {_told(verdict)}"
            raise _broken(manifest, index, what)


def check_other(artifact: Artifact, link: OtherModel, trial: Tensors) -> None:
    """Raises ArtifactError when a fallback's graph does not fit what the manifest says of it."""
    manifest = artifact.manifest.read_by(link)
    try:
        Predictor(artifact.models[link.file], manifest).predict(trial, SECONDS)
    except PredictionError as error:
        where = f"{manifest.reference} {link.file}"
        raise ArtifactError(where, error.what, _PACKAGE_AGAIN) from None


def _agrees(promised: Prediction, given: Verdict) -> bool:
    if isinstance(promised, ModelPrediction) and isinstance(given, ModelPrediction):
        return _same_value(promised.value, given.value) and _same_confidence(
            promised.confidence, given.confidence
        )
    if isinstance(promised, AbstainPrediction) and isinstance(given, AbstainPrediction):
        return promised.reason == given.reason
    return False


def _same_value(promised: Scalar, given: Scalar) -> bool:
    if isinstance(given, float) and isinstance(promised, int | float):
        return isclose(promised, given, rel_tol=VALUE_TOLERANCE, abs_tol=1e-6)
    return type(promised) is type(given) and promised == given


def _same_confidence(promised: float | None, given: float | None) -> bool:
    if promised is None or given is None:
        return promised is given
    return abs(promised - given) <= CONFIDENCE_TOLERANCE


def _told(answer: Prediction | Verdict) -> str:
    if isinstance(answer, ModelPrediction):
        return f"{answer.value!r} (confidence {answer.confidence})"
    done = "its fallback" if isinstance(answer, Declined) else answer.decision
    return f"{done}: {answer.reason}"


def _broken(manifest: Manifest, index: int, what: str) -> ArtifactError:
    return ArtifactError(f"{manifest.reference} golden row {index}", what, _PACKAGE_AGAIN)
