"""The page at /docs: Swagger UI under a strict content security policy."""

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse

# Exactly this version; the page may load scripts from nowhere else, nor run others inline.
CDN = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.17.14/"
# Relative to /docs: right under any stage, custom domain or local gateway.
_START = "SwaggerUIBundle({url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true})"
_HASH = base64.b64encode(hashlib.sha256(_START.encode()).digest()).decode()
_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src {CDN} 'sha256-{_HASH}'",
        # Swagger UI sets style attributes on its own elements.
        f"style-src {CDN} 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)


def docs_page(title: str) -> HTMLResponse:
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{CDN}swagger-ui.css" crossorigin="anonymous">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>The API is described in <a href="openapi.json">openapi.json</a>.</noscript>
<script src="{CDN}swagger-ui-bundle.js" crossorigin="anonymous"></script>
<script>{_START}</script>
</body>
</html>
"""
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
    return HTMLResponse(page, headers=headers)
