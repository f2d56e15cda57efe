"""What a request may ask for beside its rows."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import ValidationError

from functions.inference.errors import InvalidRequest
from functions.inference.validation import details
from model_store.artifact.manifest import Manifest
from model_store.contract import Code, Violation
from model_store.decision import Asked, OptionRefused
from model_store.decision.asked import check


class Options(Asked):
    """Stricter than the policy, never looser.

    partial: a row that breaks the contract is refused alone, in its place among the answers.
    """

    partial: bool = False


NO_OPTIONS = Options()


def read_options(sent: object) -> Options:
    """The member `options` of a body; raises InvalidRequest, which repeats no value."""
    if sent is None:
        return NO_OPTIONS
    try:
        return Options.model_validate(sent, strict=True)
    except ValidationError as error:
        found = [_violation(one["loc"], one["type"]) for one in details(error)[:10]]
    raise InvalidRequest(found or [_violation((), "too_many")])


def check_options(options: Options, manifest: Manifest) -> None:
    """Raises InvalidRequest for what the model's policy does not leave to a caller."""
    try:
        check(options, manifest)
    except OptionRefused as error:
        violation = Violation(("options", error.field), error.code, error.what)
    else:
        return
    raise InvalidRequest([violation])


def _violation(path: tuple[int | str, ...], kind: str) -> Violation:
    code, message = _TOLD.get(kind, (Code.WRONG_TYPE, "is not as the API describes it"))
    known = tuple(name if name in Options.model_fields else "?" for name in path[:1])
    return Violation(("options", *known), code, message)


_TOLD: Mapping[str, tuple[Code, str]] = MappingProxyType(
    {
        "extra_forbidden": (Code.UNKNOWN_FIELD, "is not expected"),
        **dict.fromkeys(
            ("greater_than", "greater_than_equal", "less_than", "less_than_equal"),
            (Code.OUT_OF_RANGE, "is a share: a number from 0 to 1"),
        ),
    }
)
