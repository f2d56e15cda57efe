"""What the routes answer with."""

from pydantic import BaseModel
from starlette.responses import Response


def json_response(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), media_type="application/json")
