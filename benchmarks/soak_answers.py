"""Whether an answer is the documented one: by the API's own schemas, and as it was before."""

from benchmarks.soak_requests import Request
from functions.inference.schemas import PredictionResponse, ProblemDetails
from model_store.predictions import AbstainPrediction, FallbackPrediction, Prediction


class Undocumented(ValueError):
    """The answer is none of those that the request may have."""


class Answers:
    """Of one model. Remembers what each row was answered first, by each version and reason."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._first: dict[tuple[str, str, str], Prediction] = {}

    def check(self, request: Request, request_id: str, body: bytes) -> None:
        """Raises ValueError."""
        told = request.schema.model_validate_json(body)
        if isinstance(told, ProblemDetails):
            _same("status", request.status, told.status)
            _same("instance", request_id, told.instance)
            return
        _same("model", self._model, told.model.name)
        _same("request_id", request_id, told.request_id)
        if isinstance(told, PredictionResponse):
            self._check_predictions(request, told)

    def _check_predictions(self, request: Request, told: PredictionResponse) -> None:
        _same("number of predictions", request.rows, len(told.predictions))
        for each in told.predictions:
            first = self._first.setdefault((request.row, told.model.version, _by(each)), each)
            _same("prediction", first, each)


def _by(prediction: Prediction) -> str:
    """Model or fallback, and why."""
    match prediction:
        case FallbackPrediction() | AbstainPrediction():
            return f"{prediction.decision}, {prediction.reason}"
    return prediction.decision


def _same(what: str, expected: object, found: object) -> None:
    if found != expected:
        raise Undocumented(f"{what} {found!r} instead of {expected!r}")
