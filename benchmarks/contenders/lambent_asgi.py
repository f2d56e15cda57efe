"""The Lambda handler behind an ASGI server: a genuine event for each request."""

from drive import Context

from functions.inference.handler import handler
from model_store.gateway_event import rest_event


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    answer = handler(rest_event(scope["method"], scope["path"], body.decode()), Context())
    text = answer["body"].encode()
    length = (b"content-length", str(len(text)).encode())
    headers = [
        (name.lower().encode(), value.encode())
        for name, value in answer["headers"].items()
        if name.lower() != "content-length"
    ]
    start = {"type": "http.response.start", "status": answer["statusCode"]}
    await send(start | {"headers": [*headers, length]})
    await send({"type": "http.response.body", "body": text})
