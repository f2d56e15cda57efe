"""How a function says what it did: a line in its log, and a message to the topic of the alarms."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from model_store.aws import translated
from model_store.errors import AwsError

LONGEST_SUBJECT = 100
"""Characters that SNS takes."""


@dataclass(frozen=True)
class Message:
    """To people."""

    subject: str
    text: str


@dataclass(frozen=True)
class Teller:
    """`topic`: of SNS, empty where nobody is to be told. `sns`: its client has no type stubs here.
    `write` takes one line of the log."""

    model: str
    topic: str
    sns: Any
    write: Callable[[str], None]

    def log(self, message: str, **facts: Any) -> None:
        self.write(json.dumps({"message": message, "model": self.model, **facts}))

    def send(self, message: Message) -> None:
        """What is told is done by then: that nobody can be told of it changes nothing."""
        if not self.topic:
            return
        try:
            with translated(f"topic {self.topic}"):
                self.sns.publish(
                    TopicArn=self.topic,
                    Subject=message.subject[:LONGEST_SUBJECT],
                    Message=message.text,
                )
        except AwsError as error:
            self.log("not told", why=str(error))


def write_line(line: str) -> None:
    """To the function's log, at once: an environment may be frozen right after."""
    print(line, flush=True)
