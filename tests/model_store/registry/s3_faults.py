"""What S3 can be made to answer."""

from typing import Any

from botocore.awsrequest import AWSResponse

from model_store.registry.bucket import Bucket


def s3_error(status: int, code: str) -> AWSResponse:
    body = f"<Error><Code>{code}</Code><Message>injected</Message></Error>".encode()

    class Raw:
        def stream(self, *_: Any, **__: Any) -> Any:
            yield body

    return AWSResponse("https://s3", status, {}, Raw())


class Nothing:
    def stream(self, *_: Any, **__: Any) -> Any:
        return iter(())


def inject(bucket: Bucket, operation: str, *answers: AWSResponse | None) -> list[str]:
    """Answer the first calls of `operation` (None lets one through); returns the URLs called."""
    waiting, called = list(answers), []

    def answer(request: Any, **_: Any) -> AWSResponse | None:
        called.append(request.url)
        return waiting.pop(0) if waiting else None

    bucket.s3.meta.events.register_first(f"before-send.s3.{operation}", answer)
    return called
