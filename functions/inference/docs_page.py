"""The page at /docs: Swagger UI, which Powertools carries, within the page itself.

A browser that reads it contacts nobody but this API.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files

from starlette.responses import HTMLResponse

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="swagger-ui"></div>
<noscript>The API is described in <a href="openapi.json">openapi.json</a>.</noscript>
<script>{script}</script>
<script>{start}</script>
</body>
</html>
"""
# Relative to /docs: right under any stage, custom domain or local gateway.
_START = "SwaggerUIBundle({url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true})"
# What would end an inline script early, or hide its end (HTML standard, 4.12.1.3).
_MARKUP = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)


@cache
def docs_page(title: str) -> HTMLResponse:
    """1.7 MB, read and hashed when first asked for. Starlette copies its headers to each reader."""
    style = _shipped("swagger-ui.min.css")
    script = _MARKUP.sub(r"\\x3c", _shipped("swagger-ui-bundle.min.js"))
    return HTMLResponse(
        _PAGE.format(title=escape(title), style=style, script=script, start=_START),
        headers={
            "Content-Security-Policy": _policy([script, _START], style),
            "Referrer-Policy": "no-referrer",
        },
    )


def _policy(scripts: Sequence[str], style: str) -> str:
    rules = [
        "default-src 'none'",
        f"script-src {' '.join(map(_hash, scripts))}",
        f"style-src {_hash(style)}",
        "img-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    return "; ".join(rules)


def _shipped(name: str) -> str:
    # Found from the top: importing the package it lies in costs more than a prediction.
    folder = files("aws_lambda_powertools") / "event_handler/openapi/swagger_ui"
    return (folder / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
