"""CORS around the whole app, so that browsers can read every answer, errors included."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

ALLOWED_HEADERS = ("Authorization", "Content-Type", "X-Api-Key", "X-Request-Id")
EXPOSED_HEADERS = (
    "Lambent-Contract",
    "Lambent-Model",
    "Retry-After",
    "X-Request-Id",
)
PREFLIGHT_SECONDS = 3600


def with_cors(app: "ASGIApp", origins: Sequence[str]) -> "ASGIApp":
    """Around FastAPI: as a middleware of its own it would miss the 500 of an unexpected error."""
    from starlette.middleware.cors import CORSMiddleware  # a prediction is answered without it

    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
        max_age=PREFLIGHT_SECONDS,
    )


def cors_headers(origin: str | None, origins: Sequence[str]) -> dict[str, str]:
    """What that middleware adds to the answer to a request that is no preflight."""
    if origin is None:
        return {"vary": "Origin"}
    exposed = {"access-control-expose-headers": ", ".join(EXPOSED_HEADERS), "vary": "Origin"}
    return exposed | {"access-control-allow-origin": origin} if origin in origins else exposed
