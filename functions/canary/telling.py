"""What the judge says: a line per look, and a message when it has stopped a release."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from functions.canary.settings import Settings
from model_store.aws import translated
from model_store.errors import AwsError
from model_store.history.live import Version
from model_store.history.shift import Shift

LONGEST_SUBJECT = 100
Told = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Teller:
    """`sns`: its client has no type stubs here. `log` takes one line."""

    settings: Settings
    sns: Any
    log: Callable[[str], None]

    def judged(self, findings: Told) -> None:
        self._line("judged", findings=findings)

    def failed(self, message: str, why: str) -> None:
        self._line(message, why=why)

    def refused(self, why: str, findings: Told, shift: Shift, live: Version | None) -> None:
        report = {
            "why": why,
            "version": self.settings.version,
            "candidate": shift.target,
            "live": shift.source,
            "findings": findings,
        }
        self._line("refused", report=report)
        if self.settings.topic:
            self._publish(why, shift, live)

    def _publish(self, why: str, shift: Shift, live: Version | None) -> None:
        """The release is stopped: who cannot be told of it changes nothing."""
        name = f"{self.settings.model}@{self.settings.version}"
        stays = f"{self.settings.model}@{live.model_version}" if live else "what was live"
        text = (
            f"{name} (Lambda version {shift.target}) was stopped while it got a part of the "
            f"traffic.\nWhy: {why}\n{stays} (Lambda version {shift.source}) gets all of it again.\n"
            f"Look: lambent history {self.settings.model}; lambent logs {self.settings.model}\n"
            f"Was it not to blame? lambent deploy {name} --again\n"
        )
        try:
            with translated(f"topic {self.settings.topic}"):
                self.sns.publish(
                    TopicArn=self.settings.topic,
                    Subject=f"Lambent: {name} was stopped"[:LONGEST_SUBJECT],
                    Message=text,
                )
        except AwsError as error:
            self.failed("not told", str(error))

    def _line(self, message: str, **facts: Any) -> None:
        self.log(json.dumps({"message": message, "model": self.settings.model, **facts}))
