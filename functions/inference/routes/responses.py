"""Replies as the responses of an ASGI app."""

from pydantic import BaseModel
from starlette.responses import Response

from functions.inference.replies import Reply, written


def response_of(reply: Reply) -> Response:
    return Response(
        reply.text,
        status_code=reply.status,
        media_type=reply.media_type,
        headers=dict(reply.headers),
    )


def json_response(body: BaseModel) -> Response:
    """Raises AnswerTooLarge."""
    return response_of(written(body))
