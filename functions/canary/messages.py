"""What people are told when the judge has stopped a release. Pure."""

from functions.canary.settings import Settings
from functions.operations.telling import Message
from model_store.history.live import Version
from model_store.history.shift import Shift


def message(settings: Settings, why: str, shift: Shift, live: Version | None) -> Message:
    """`live`: what gets all of the traffic again, None where that could not be read."""
    name = f"{settings.model}@{settings.version}"
    stays = f"{settings.model}@{live.model_version}" if live else "what was live"
    text = (
        f"{name} (Lambda version {shift.target}) was stopped while it got a part of the "
        f"traffic.\nWhy: {why}\n{stays} (Lambda version {shift.source}) gets all of it again.\n"
        f"Look: lambent history {settings.model}; lambent logs {settings.model}\n"
        f"Was it not to blame? lambent deploy {name} --again\n"
    )
    return Message(f"Lambent: {name} was stopped", text)
