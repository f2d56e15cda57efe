"""What is answered: a status, a body and its own headers, as text. Knows no HTTP framework."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pydantic_core import to_json

from functions.inference.errors import AnswerTooLarge
from functions.inference.observation import Observation
from functions.inference.problems import PROBLEM_JSON, Problem, problem_of

# Lambda allows 6 MB, of which status and headers take little.
LARGEST_ANSWER = 6_000_000


class Reply(NamedTuple):
    """headers: by names in lower case."""

    text: str
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = MappingProxyType({})


def written(body: object) -> Reply:
    """body: of records, mappings and lists. Raises AnswerTooLarge: past its limit Lambda would
    answer with an error of its own."""
    text = to_json(body).decode()
    # Lambda counts the body as a JSON string: a quote takes more room there, an emoji twelve bytes.
    if len(text) > LARGEST_ANSWER // 12 and len(json.dumps(text)) > LARGEST_ANSWER:
        raise AnswerTooLarge(LARGEST_ANSWER)
    return Reply(text)


def refused(error: Exception, observation: Observation) -> Reply:
    """What is told about an error: problem details, which never repeat a value."""
    return told(problem_of(error), observation)


def told(problem: Problem, observation: Observation, **more: str) -> Reply:
    """more: members of the body beside those of RFC 9457."""
    observation.problem = problem.kind.slug
    observation.codes = tuple(sorted({found["code"] for found in problem.errors}))
    body = problem.body(observation.request_id) | more
    return Reply(json.dumps(body), problem.kind.status, PROBLEM_JSON, problem.kind.headers)
