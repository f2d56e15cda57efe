"""What the guard says: one line in its log, a metric and a message when it has moved the alias."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.guard.decision import RollBack
from functions.guard.settings import Settings
from model_store.aws import translated
from model_store.errors import AwsError

LONGEST_SUBJECT = 100


@dataclass(frozen=True)
class Teller:
    """`sns`: its client has no type stubs here. `log` takes one line, `clock` gives seconds."""

    settings: Settings
    sns: Any
    log: Callable[[str], None]
    clock: Callable[[], float]

    def stayed(self, why: str) -> None:
        self._line("stayed", why=why)

    def rolled_back(self, done: RollBack) -> None:
        self._line("rolled back", **_told(done), **self._measured())
        if self.settings.topic:
            self._publish(done)

    def _publish(self, done: RollBack) -> None:
        """The move is made and written down: who cannot be told of it changes nothing."""
        subject = f"Lambent: {self.settings.model} was rolled back"
        try:
            with translated(f"topic {self.settings.topic}"):
                self.sns.publish(
                    TopicArn=self.settings.topic,
                    Subject=subject[:LONGEST_SUBJECT],
                    Message=self._message(done),
                )
        except AwsError as error:
            self._line("not told", why=str(error))

    def _message(self, done: RollBack) -> str:
        model, bad = self.settings.model, f"{self.settings.model}@{done.source.model_version}"
        return (
            f"{model}: live is {done.target.model_version} again "
            f"(Lambda version {done.target.number}), "
            f"not {done.source.model_version} (Lambda version {done.source.number}).\n"
            f"Why: {done.why}\n"
            f"Look: lambent status {model}; lambent logs {model}\n"
            f"Was the release not to blame? lambent deploy {bad} --again\n"
        )

    def _line(self, message: str, **facts: Any) -> None:
        self.log(json.dumps({"message": message, "model": self.settings.model, **facts}))

    def _measured(self) -> dict[str, Any]:
        """CloudWatch reads the metric out of the line (Embedded Metric Format)."""
        metric = {
            "Namespace": "Lambent",
            "Dimensions": [["service"]],
            "Metrics": [{"Name": "AutomaticRollbacks", "Unit": "Count"}],
        }
        about = {"Timestamp": int(self.clock() * 1000), "CloudWatchMetrics": [metric]}
        return {"_aws": about, "service": self.settings.function, "AutomaticRollbacks": 1}


def _told(done: RollBack) -> dict[str, Any]:
    numbers = {"from": done.source, "to": done.target}
    versions = {
        name: {"version": version.model_version, "lambda_version": version.number}
        for name, version in numbers.items()
    }
    return {**versions, "why": done.why}
