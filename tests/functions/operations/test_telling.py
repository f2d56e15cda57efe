"""What a function says: to its log always, to people where there is a topic."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.operations.telling import LONGEST_SUBJECT, Message, Teller


class Topic:
    def __init__(self, *, answers: bool = True) -> None:
        self.answers, self.sent = answers, list[dict[str, Any]]()

    def publish(self, **message: Any) -> None:
        if not self.answers:
            raise EndpointConnectionError(endpoint_url="sns")
        self.sent.append(message)


MESSAGE = Message("s" * 200, "text")


def test_a_subject_is_no_longer_than_sns_takes() -> None:
    sns = Topic()
    Teller("iris", "arn", sns, print).send(MESSAGE)
    (sent,) = sns.sent
    assert (sent["TopicArn"], len(sent["Subject"])) == ("arn", LONGEST_SUBJECT)


def test_without_a_topic_nobody_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    sns = Topic(answers=False)
    Teller("iris", "", sns, print).send(MESSAGE)
    assert capsys.readouterr().out == ""


def test_that_nobody_can_be_told_is_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    Teller("iris", "arn", Topic(answers=False), print).send(MESSAGE)
    line = json.loads(capsys.readouterr().out)
    assert (line["message"], line["model"]) == ("not told", "iris")
