"""What can go wrong with a model, each told as where, what, and the next step."""


class LambentError(Exception):
    """Base of every error that Lambent raises on purpose.

    `where` names the place (a file, a class field, a model reference), `what` the problem,
    `next_step` what the reader can do about it. `str(error)` is one clean line of all three.
    """

    def __init__(self, where: str, what: str, next_step: str) -> None:
        self.where, self.what, self.next_step = where, what, next_step
        super().__init__(where, what, next_step)

    def __str__(self) -> str:
        return f"{self.where}: {self.what.rstrip('.')}. {self.next_step.rstrip('.')}."


class ContractError(LambentError):
    """A class of features that cannot become a contract, or what does not fit one."""


class ArtifactError(LambentError):
    """An artifact folder, manifest or reference that cannot be believed."""


class ManifestMalformed(ArtifactError):
    """The manifest is not JSON, or breaks its own rules (fault row 10)."""


class ManifestTooNew(ArtifactError):
    """The manifest was written by a newer Lambent than this one (fault row 11)."""


class ConversionError(LambentError):
    """An estimator that does not become an ONNX graph with the same answers."""


class RegistryError(LambentError):
    """The registry in S3 refused, or holds something else than it should."""


class PredictionError(LambentError):
    """The model gave no answer that can be believed. Never carries an input value."""


class ModelNotLoadable(PredictionError):
    """ONNX Runtime refuses the model, or its graph does not match the manifest."""


class ModelOutputInvalid(PredictionError):
    """NaN, a wrong shape, an unknown label, probabilities that do not sum to 1."""


class ModelFailed(PredictionError):
    """ONNX Runtime raised while it ran the model."""


class DeadlineExceeded(PredictionError):
    """The model was stopped because the time for this request was used up."""


class AwsError(LambentError):
    """AWS refused a call, did not answer it, or holds something else than was expected."""


class NotFound(AwsError):
    """Something that is needed is not there."""


class Conflict(AwsError):
    """Somebody else changed the same thing at the same time (fault row 40)."""


class AwsDenied(AwsError):
    """AWS says that these credentials may not."""


class AwsUnavailable(AwsError):
    """A service of AWS does not answer, or answers that it is in trouble."""


class AwsFailed(AwsError):
    """AWS refused a call for any other reason. `code` is the service's own error code."""

    def __init__(self, where: str, what: str, next_step: str, code: str = "") -> None:
        super().__init__(where, what, next_step)
        self.code = code
