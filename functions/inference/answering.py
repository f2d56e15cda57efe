"""POST /v{major}/predictions: from the bytes of a request to what is answered.

The app's route and the direct path both end here, so that they answer alike.
"""

from collections.abc import Callable

from functions.inference.contracts import Served
from functions.inference.errors import InvalidRequest
from functions.inference.observation import Observation
from functions.inference.options import read_options
from functions.inference.reading import Sent, object_of
from functions.inference.replies import Reply, refused, written
from functions.inference.schemas import identity
from functions.inference.service import Service
from model_store.contract import Code, Violation, predictions_path
from model_store.errors import LambentError

LONGEST_NAME = 64
ROUTE = predictions_path("{major}")


def answered(
    service: Service,
    major: str,
    sent: Sent,
    observation: Observation,
    left: Callable[[], float],
) -> Reply:
    """Predict each instance, or say what is wrong with the request; raises only for a bug.

    major: of the contract, as the path says it. left: seconds that this request still has.
    """
    try:
        return _predicted(service, major, sent, observation, left)
    except LambentError as error:
        return refused(error, observation)


def asked_contract(
    service: Service, path: str, major: str, observation: Observation, left: float
) -> Served:
    """What a path, a template with {major}, names; kept for the headers. Raises NoSuchContract."""
    observation.route = path
    served = service.served_at(major, left)
    observation.contract = served.contract
    observation.route = path.replace("{major}", major)
    return served


def _predicted(
    service: Service,
    major: str,
    sent: Sent,
    observation: Observation,
    left: Callable[[], float],
) -> Reply:
    served = asked_contract(service, ROUTE, major, observation, left())
    body = sent.checked(service.limits.body)
    if (plain := served.read_plain(body, service.limits.rows)) is not None:
        found = service.predict_rows(plain, left)
    else:
        document = object_of(body)
        rows, options = instances(document), read_options(document.get("options"))
        found = service.predict(rows, left, options, served)
    observation.note(found.predictions, found.failure)
    # By the schema PredictionResponse; each record was checked when it was made.
    return written(
        {
            "predictions": found.predictions,
            "model": identity(service.pin, served.contract),
            "request_id": observation.request_id,
        }
    )


def shown(name: str) -> str:
    """A member's name if it looks like one: free text may be personal data, and long."""
    return name if name.isidentifier() and len(name) <= LONGEST_NAME else "?"


def instances(document: dict[str, object]) -> list[object]:
    """The rows of a request body; raises InvalidRequest."""
    found = document.get("instances")
    violations = [
        Violation((shown(name),), Code.UNKNOWN_FIELD, "is not expected")
        for name in list(document)[:10]
        if name not in ("instances", "options")
    ]
    if not isinstance(found, list) or not found:
        code = Code.WRONG_TYPE if "instances" in document else Code.MISSING
        violations.append(Violation(("instances",), code, "must be a list of at least one object"))
        raise InvalidRequest(violations)
    if violations:
        raise InvalidRequest(violations)
    return found
