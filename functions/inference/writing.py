"""What the routes answer with."""

import json

from pydantic import BaseModel
from starlette.responses import Response

from functions.inference.errors import AnswerTooLarge

# Lambda allows 6 MB, of which status and headers take little.
LARGEST_ANSWER = 6_000_000


def json_response(body: BaseModel) -> Response:
    """Raises AnswerTooLarge: past its limit Lambda would answer with an error of its own."""
    text = body.model_dump_json()
    # Lambda counts the body as a JSON string: a quote takes more room there, an emoji twelve bytes.
    if len(text) > LARGEST_ANSWER // 12 and len(json.dumps(text)) > LARGEST_ANSWER:
        raise AnswerTooLarge(LARGEST_ANSWER)
    return Response(text, media_type="application/json")
