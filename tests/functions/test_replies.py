"""Answers are as large as Lambda carries them, and no larger."""

import json

import pytest
from pydantic import BaseModel

from functions.inference.errors import AnswerTooLarge
from functions.inference.replies import LARGEST_ANSWER, written


class Answer(BaseModel):
    text: str


def test_an_answer_is_json() -> None:
    reply = written(Answer(text="Müsli"))
    assert reply.media_type == "application/json"
    assert json.loads(reply.text) == {"text": "Müsli"}


def carried(text: str) -> int:
    """Lambda's payload is JSON of its own, which holds the body as a string."""
    return len(json.dumps(Answer(text=text).model_dump_json()))


@pytest.mark.parametrize("character", ["x", '"', "ü", "😀"], ids=["plain", "quote", "ü", "emoji"])
def test_threat_api4_an_answer_is_measured_as_lambda_measures_it(character: str) -> None:
    """A quote takes four bytes there, an umlaut six, an emoji twelve."""
    each = carried(character) - carried("")
    most = (LARGEST_ANSWER - carried("")) // each
    assert carried(character * most) <= LARGEST_ANSWER < carried(character * (most + 1))
    assert written(Answer(text=character * most)).status == 200
    with pytest.raises(AnswerTooLarge):
        written(Answer(text=character * (most + 1)))
