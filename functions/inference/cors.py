"""CORS around the whole app, so that browsers can read every answer, errors included."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

ALLOWED_HEADERS = ("Authorization", "Content-Type", "X-Api-Key", "X-Request-Id")
EXPOSED_HEADERS = (
    "Lambent-Contract",
    "Lambent-Model",
    "Retry-After",
    "X-Request-Id",
)
PREFLIGHT_SECONDS = 3600


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Around FastAPI: as a middleware of its own it would miss the 500 of an unexpected error."""
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
        max_age=PREFLIGHT_SECONDS,
    )
