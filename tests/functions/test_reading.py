"""What is read of a request: its body up to a limit, and the time it has."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from functions.inference.errors import (
    BodyNotDecodable,
    BodyTooLarge,
    InvalidRequest,
    UnsupportedMediaType,
)
from functions.inference.events import UNREADABLE_BODY
from functions.inference.reading import read_object, time_left
from functions.inference.settings import Limits
from tests.functions.conftest import Context

LIMITS = Limits(body=100)


def request(chunks: Iterator[bytes], content_type: str = "", **scope: Any) -> Request:
    """A POST whose body arrives in these chunks."""
    waiting = iter([*chunks])

    async def receive() -> dict[str, Any]:
        body = next(waiting, b"")
        return {"type": "http.request", "body": body, "more_body": bool(body)}

    headers = [(b"content-type", content_type.encode())] if content_type else []
    return Request({"type": "http", "method": "POST", "headers": headers, **scope}, receive)


def read(*chunks: bytes, content_type: str = "", **scope: Any) -> dict[str, object]:
    return asyncio.run(read_object(request(iter(chunks), content_type, **scope), LIMITS))


@given(cuts=st.lists(st.integers(1, 10)))
def test_a_body_is_one_however_it_arrives(cuts: list[int]) -> None:
    body, chunks = b'{"instances": [1, 2]}', []
    for cut in cuts:
        chunks.append(body[:cut])
        body = body[cut:]
    assert read(*filter(None, [*chunks, body])) == {"instances": [1, 2]}


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "Application/JSON; charset=utf-8", " application/json"]
)
def test_json_is_known_by_its_media_type_or_by_none(content_type: str) -> None:
    assert read(b"{}", content_type=content_type) == {}


@pytest.mark.parametrize("content_type", ["text/plain", "application/json-seq", "application/*"])
def test_another_media_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        read(b"{}", content_type=content_type)


def test_fault_row_21_a_body_is_read_up_to_the_limit() -> None:
    longest = b'{"a": "' + b"x" * (LIMITS.body - 9) + b'"}'
    assert len(longest) == LIMITS.body
    assert read(longest)
    with pytest.raises(BodyTooLarge):
        read(longest, b" ")


def test_threat_api4_nothing_is_read_after_the_limit() -> None:
    def endless() -> Iterator[bytes]:
        yield b"x" * (LIMITS.body + 1)
        raise AssertionError("read on")

    chunks = endless()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": next(chunks), "more_body": True}

    asked = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(BodyTooLarge):
        asyncio.run(read_object(asked, LIMITS))


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"{}"'])
def test_json_that_is_no_object_is_refused_at_its_root(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(body)
    assert [found.pointer for found in refused.value.violations] == [""]


def test_fault_row_20_a_body_that_could_not_be_decoded_is_told_as_that() -> None:
    with pytest.raises(BodyNotDecodable):
        read(**{"aws.event": {UNREADABLE_BODY: True}})


@pytest.mark.parametrize(
    ("remaining_ms", "left"), [(15_000, 14.5), (1_500, 1.0), (500, 0.0), (100, -0.4)]
)
def test_fault_row_27_the_reserve_is_kept_for_answering(remaining_ms: int, left: float) -> None:
    asked = request(iter([]), **{"aws.context": Context(remaining_ms=remaining_ms)})
    assert time_left(asked, Limits(reserve=0.5)) == pytest.approx(left)


def test_fault_row_27_the_time_is_what_is_left_when_it_is_asked_for() -> None:
    context = Context(remaining_ms=15_000)
    asked = request(iter([]), **{"aws.context": context})
    before = time_left(asked, LIMITS)
    context.remaining_ms -= 4_000
    assert time_left(asked, LIMITS) == before - 4


def test_outside_lambda_a_request_has_a_fixed_time() -> None:
    assert time_left(request(iter([])), Limits(time_without_context=7)) == 7
