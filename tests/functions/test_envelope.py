"""What every request gets, whatever becomes of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.inference.envelope import Envelope, begun, observation_of
from functions.inference.settings import Pin
from tests.functions.conftest import Clock

GATEWAYS = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
CONTRACT = SimpleNamespace(version="1.0", digest="0123456789abcdef" * 4)


@dataclass
class Telemetry:
    crashes: list[BaseException] = field(default_factory=list)
    observations: list[Any] = field(default_factory=list)

    def crashed(self, error: BaseException) -> None:
        self.crashes.append(error)

    def ended(self, observation: Any) -> None:
        self.observations.append(observation)


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


Ask = Callable[..., Headers]


@pytest.fixture
def ask(telemetry: Telemetry) -> Ask:
    """The headers of what `app` answers in its envelope."""

    def asking(app: ASGIApp, contract: Any = CONTRACT, **changes: Any) -> Headers:
        pin, holder = Pin("penguins", "7", "ab" * 32), SimpleNamespace(manifest=None)
        service: Any = SimpleNamespace(pin=pin, contract=contract, holder=holder)
        envelope = Envelope(app, service, telemetry, Clock(5.0))
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        asyncio.run(envelope(scope(**changes), receive, send))
        return Headers(raw=sent[0]["headers"])

    return asking


def scope(sent: str | None = None, **changes: Any) -> dict[str, Any]:
    headers = [] if sent is None else [(b"x-request-id", sent.encode("latin-1", "replace"))]
    event = {"requestContext": {"requestId": GATEWAYS}}
    return {"type": "http", "method": "GET", "headers": headers, "aws.event": event} | changes


@pytest.mark.parametrize(("asked", "expected"), [(":live", True), (":8", False), ("", False)])
def test_what_callers_send_is_told_from_what_is_sent_to_one_version(
    ask: Ask, telemetry: Telemetry, asked: str, expected: bool
) -> None:
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:lambent-penguins{asked}"
    ask(PlainTextResponse("ok"), **{"aws.context": SimpleNamespace(invoked_function_arn=arn)})
    assert telemetry.observations[0].through_live is expected


def test_threat_ml09_every_answer_names_request_model_and_contract(ask: Ask) -> None:
    headers = ask(PlainTextResponse("ok"))
    assert headers["x-request-id"] == GATEWAYS
    assert headers["lambent-model"] == "penguins@7"
    assert headers["lambent-contract"] == "1.0+0123456789ab"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_contract_that_nobody_knows_is_told_as_such(ask: Ask) -> None:
    assert ask(PlainTextResponse("ok"), contract=None)["lambent-contract"] == "unknown"


def test_an_answer_is_not_kept_by_caches_unless_it_says_so_itself(ask: Ask) -> None:
    assert ask(PlainTextResponse("ok")).getlist("cache-control") == ["no-store"]
    public = PlainTextResponse("ok", headers={"Cache-Control": "public"})
    assert ask(public).getlist("cache-control") == ["public"]


def test_a_request_is_observed_from_its_start_to_its_status_and_route(
    ask: Ask, telemetry: Telemetry
) -> None:
    ask(PlainTextResponse("ok", 201), route=SimpleNamespace(path="/v1/{x}"), method="POST")
    (found,) = telemetry.observations
    assert (found.request_id, found.method, found.started) == (GATEWAYS, "POST", 5.0)
    assert (found.status, found.route) == (201, "/v1/{x}")
    assert telemetry.crashes == []


def test_the_app_can_reach_what_is_observed(ask: Ask, telemetry: Telemetry) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        observation_of(Request(scope)).problem = "told by the app"
        await PlainTextResponse("ok")(scope, receive, send)

    ask(app)
    assert telemetry.observations[0].problem == "told by the app"


def test_a_crash_after_the_answer_is_told_and_ends_there(ask: Ask, telemetry: Telemetry) -> None:
    """Starlette answers 500 and raises again, for the log of a server that is not there."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("failed", 500)(scope, receive, send)
        raise ZeroDivisionError

    assert ask(app)["x-request-id"] == GATEWAYS
    assert [type(crash) for crash in telemetry.crashes] == [ZeroDivisionError]
    assert [found.status for found in telemetry.observations] == [500]


def test_a_crash_before_any_answer_is_told_and_raised(ask: Ask, telemetry: Telemetry) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(app)
    assert len(telemetry.crashes) == len(telemetry.observations) == 1


def id_of(scope: dict[str, Any]) -> str:
    return begun(scope, 0.0).request_id


@given(sent=st.uuids())
def test_the_id_of_the_caller_is_taken_if_it_is_a_uuid(sent: UUID) -> None:
    assert id_of(scope(str(sent))) == str(sent)


@given(sent=st.text(max_size=40))
def test_threat_personal_data_any_other_id_could_hold_anything_and_is_not_taken(sent: str) -> None:
    assert id_of(scope(sent)) == GATEWAYS


@pytest.mark.parametrize("affix", ["{}x", "x{}", "{{{}}}", "{} "])
def test_a_uuid_within_something_else_is_not_taken(affix: str) -> None:
    assert id_of(scope(affix.format(uuid4()))) == GATEWAYS


@pytest.mark.parametrize(
    "event", [{}, {"requestContext": None}, {"requestContext": {"requestId": ""}}, None]
)
def test_without_caller_and_gateway_each_request_has_an_id_of_its_own(event: Any) -> None:
    ids = {id_of(scope(**{"aws.event": event})) for _ in range(3)}
    assert len(ids) == 3
    assert all(UUID(found) for found in ids)
