"""What a deploy refuses before anything is built. Pure."""

from collections.abc import Sequence

from infra.errors import Refused
from infra.release.deployed.live import Live
from infra.release.stack.stacks import Stack
from model_store.artifact.reference import ModelReference
from model_store.history.event import Event
from model_store.history.shift import Shift
from model_store.history.timeline import left_by, moves


def check_no_shift(model: str, shift: Shift | None) -> None:
    """One release of a model at a time."""
    if shift:
        raise Refused(
            f"model {model}",
            f"is just being released: Lambda version {shift.target} has {shift.share:.0%} of the "
            f"traffic, {shift.source} the rest",
            f"Wait until it is done, or end it: lambent rollback {model}",
        )


def check_stack(stack: Stack | None) -> None:
    """A stack that is busy, or that failed so that CloudFormation takes no update."""
    if stack is None:
        return
    if stack.is_busy:
        raise Refused(
            f"stack {stack.name}",
            f"is being changed by somebody else ({stack.status})",
            "Wait until it is done, then run the command again",
        )
    if stack.status == "UPDATE_ROLLBACK_FAILED":
        raise Refused(
            f"stack {stack.name}",
            "is stuck (UPDATE_ROLLBACK_FAILED); what was live still answers",
            f"aws cloudformation continue-update-rollback --stack-name {stack.name}",
        )
    if not stack.is_usable or stack.status == "DELETE_FAILED":
        raise Refused(
            f"stack {stack.name}",
            f"was never complete ({stack.status})",
            f"Remove it, then deploy: lambent destroy {stack.model}",
        )


def check_not_rolled_back(reference: ModelReference, digest: str, events: Sequence[Event]) -> None:
    """A model that somebody rolled back does not come back by accident."""
    event = left_by(events).get(digest)
    if event is None:
        return
    good, name = events[-1].model_version, reference.name
    was = "was refused" if event.action == "refused" else "was rolled back"
    why = f", because: {event.why}" if event.why else ""
    raise Refused(
        str(reference),
        f"{was} on {event.at} by {event.who}{why}; {name}@{good} was live since",
        f"Keep the good one: lambent deploy {name}@{good}; "
        f"or release this one once more: lambent deploy {reference} --again",
    )


def check_fallback(
    reference: ModelReference, live: Live | None, events: Sequence[Event], *, named: bool
) -> None:
    """A model that somebody switched off does not come back by accident."""
    if named or live is None or not live.version.is_fallback_only:
        return
    name, event = reference.name, moves(events)[-1]
    why = f", because: {event.why}" if event.why else ""
    raise Refused(
        f"model {name}",
        f"was put on its fallback on {event.at} by {event.who}{why}",
        f"Switch it on again: lambent fallback {name} off; "
        f"or say which version to release: lambent deploy {reference}",
    )
