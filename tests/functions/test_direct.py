"""The direct path and the app answer alike: status, headers and body, whatever is sent.

And the log and the metrics say the same of it.
"""

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.inference.app import adapted
from functions.inference.direct import DirectPath, call_of
from functions.inference.events import prepare
from functions.inference.lines import Lines
from functions.inference.service import Service
from functions.inference.telemetry import Telemetry
from model_store.gateway_event import REHEARSAL
from tests.functions.conftest import ORIGIN, OTHER_ORIGIN, PENGUIN, Context, Deployment, rest_event
from tests.functions.models import accepted, contract

Event = dict[str, Any]
UUID = "0d6f9c0e-5d0c-4a53-9f0b-2f6b3f3a5b11"
LIVE = "arn:aws:lambda:us-east-1:123456789012:function:lambent-penguins:live"


@dataclass
class Twins:
    """One function twice: answering directly, and by the app alone."""

    direct: DirectPath
    app: Callable[[Event, Any], Event]
    told: dict[str, list[str]] = field(default_factory=lambda: {"direct": [], "app": []})

    def both(
        self,
        event: Event,
        context: Context | None = None,
    ) -> tuple[Event, Event]:
        """The answers of the direct path and of the app; both have told the same."""
        context = context or Context(invoked_function_arn=LIVE)
        for lines in self.told.values():
            lines.clear()
        direct = self.direct.answer(deepcopy(event), context)
        assert direct is not None
        app = self.app(prepare(deepcopy(event)), context)
        assert [plain(line) for line in self.told["direct"]] == [
            plain(line) for line in self.told["app"]
        ]
        assert self.told["direct"], "there is something to compare"
        return direct, app


def plain(line: str) -> Event:
    """Without the times."""
    document: Event = json.loads(line)
    document.get("_aws", {}).pop("Timestamp", None)
    return {k: v for k, v in document.items() if k not in ("timestamp", "frames")}


@pytest.fixture(scope="module")
def twins(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    from tests.functions.conftest import Clock, publish
    from tests.functions.s3_stand_in import S3StandIn

    with S3StandIn() as s3:
        published = publish(
            contract=contract("2.0", island="fallback", bill="flag", sex="flag"),
            accepts=(accepted(bill="flag"),),
        )
        published.put(s3)
        folder = tmp_path_factory.mktemp("cache")
        yield twins_of(Deployment(s3, folder, Clock(), published))


def twins_of(deployment: Deployment) -> Twins:
    found: dict[str, Any] = {}
    told: dict[str, list[str]] = {"direct": [], "app": []}
    for name in told:
        service, telemetry = serving(deployment, told[name])
        found[name] = (service, telemetry, [ORIGIN, OTHER_ORIGIN], deployment.clock)
    return Twins(DirectPath(*found["direct"]), adapted(*found["app"]), told)


def serving(deployment: Deployment, written: list[str]) -> tuple[Service, Telemetry]:
    service, _ = deployment.service()
    lines = Lines("lambent-test", now=lambda: 0.0, write=written.append)
    return service, Telemetry(lines, service.pin, deployment.clock, "7")


def headers_of(answer: Event) -> Event:
    return {**answer["headers"], **answer["multiValueHeaders"]}


# What is sent.

numbers = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from([46.1, 211, 10**45, -0.0, 1e39, 20, 80, 19.99]),
)
values = st.one_of(
    numbers,
    st.text(max_size=12),
    st.none(),
    st.booleans(),
    st.sampled_from(["Biscoe", " biscoe ", "DREAM", "female", "", "Moon"]),
    st.lists(st.integers(), max_size=2),
)
named = st.sampled_from([*PENGUIN, "code", "flipper_cm", "year", "unknown", "körper"])
penguins = st.one_of(
    st.just(PENGUIN),
    st.builds(lambda name, value: PENGUIN | {name: value}, named, values),
    st.dictionaries(named, values, max_size=5),
    st.just({"code": "B", "bill_length_mm": 46.1, "flipper_cm": 21.1, "year": 2007}),
)
rows = st.one_of(penguins, penguins, values)
options = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "least_confidence": st.sampled_from([0.1, 0.5, 0.9, 1.0, 2, "x"]),
            "coverage": st.sampled_from([0.9, 0.5]),
            "probabilities": st.booleans(),
            "partial": st.booleans(),
            "other": values,
        },
    ),
    values,
)
documents = st.one_of(
    st.fixed_dictionaries(
        {"instances": st.lists(rows, max_size=4)},
        optional={"options": options, "extra": values},
    ),
    st.builds(lambda row, count: {"instances": [row] * count}, rows, st.sampled_from([20, 1001])),
    values,
)
mangled = st.sampled_from(
    [
        "",
        "{",
        '{"instances": [{"sex": NaN}]}',
        '{"instances": [{"year": 1, "year": 2}]}',
        '{"instances": [' + "[" * 2000,
        '\ufeff{"instances": [{}]}',
        '{"instances": [{"flipper_length_mm": ' + "9" * 41 + "}]}",
        '{"instances": [{"sex": "\\ud800", "island": "\\ud83d\\ude00"}]}',
        '{"instances": [1e999]} ',
        '{"instances": [{}]} {}',
        "x" * 6_000_001,
    ]
)
depths = st.integers(1, 2000) | st.integers(95, 105) | st.integers(900, 1000)
nested = st.one_of(
    st.builds(lambda depth: "[" * depth + "]" * depth, depths),
    st.builds(lambda depth: '{"instances": ' * depth + "0" + "}" * depth, depths),
    st.builds(lambda depth: '{"instances": [{"sex": "' + "[" * depth + '"}]}', depths),
)
bodies = st.one_of(
    nested,
    documents.map(json.dumps),
    documents.map(lambda d: json.dumps(d, ensure_ascii=False, indent=1)),
    mangled,
    st.none(),
    st.text(max_size=30),
)
sent_headers = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(
            ["application/json", "Application/JSON; charset=x", "text/plain", "", "a/b, c/d"]
        ),
        "content-type": st.sampled_from(["application/json", "text/csv"]),
        "Origin": st.sampled_from([ORIGIN, OTHER_ORIGIN, "https://evil.example", "null", ""]),
        "origin": st.just(ORIGIN),
        "X-Request-Id": st.sampled_from([UUID, UUID.upper(), "x", UUID + "\n"]),
        "Host": st.sampled_from(["api.example", "localhost:3000", ""]),
        "X-Forwarded-Port": st.sampled_from(["443", " 8443 "]),
        "X-Forwarded-Proto": st.sampled_from(["http", "ftp"]),
        "Access-Control-Request-Method": st.just("POST"),
        "Cookie": st.text(st.characters(codec="ascii"), max_size=8),
    },
)
gateway = st.fixed_dictionaries(
    {},
    optional={
        "requestId": st.sampled_from(["c6af9ac6", 7, "ü", "a\nb", " "]),
        "stage": st.sampled_from(["live", REHEARSAL, "prod"]),
        "identity": st.sampled_from([{}, {"sourceIp": "203.0.113.7"}]),
    },
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    event = rest_event("POST", draw(st.sampled_from(PATHS)))
    event["headers"] = sent = draw(sent_headers)
    shape = draw(st.sampled_from(["single", "multiple", "both", "neither"]))
    event["multiValueHeaders"] = {name: [text, *draw(again)] for name, text in sent.items()}
    if shape in ("single", "neither"):
        event["multiValueHeaders"] = draw(st.sampled_from([None, {}]))
    if shape in ("multiple", "neither"):
        event["headers"] = None
    event["requestContext"] |= draw(gateway)
    body = draw(bodies)
    event |= {"body": body, "isBase64Encoded": draw(st.booleans())}
    if event["isBase64Encoded"] and draw(st.integers(0, 3)):
        event["body"] = base64.b64encode((body or "").encode("utf-8", "surrogatepass")).decode()
    return event


PATHS = ["/v2/predictions"] * 4 + ["/v1/predictions", "/v3/predictions", "/v0/predictions"]
again = st.sampled_from([[], [], [], ["again"]])


@given(event=events())
@settings(
    max_examples=4000,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_both_paths_answer_alike(twins: Twins, event: Event) -> None:
    if call_of(event) is None:
        return  # the app answers both times
    direct, app = twins.both(event)
    assert direct["statusCode"] == app["statusCode"]
    assert headers_of(direct) == headers_of(app)
    assert direct["body"] == app["body"]
    assert direct == app


def test_a_bug_is_told_alike(
    deployment: Deployment, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the headers that let a browser read it."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("functions.inference.answering.identity", broken)
    body = json.dumps({"instances": [penguin]})
    direct, app = twins_of(deployment).both(rest_event("POST", "/v1/predictions", body))
    assert direct["statusCode"] == 500
    assert direct == app


def test_a_context_that_fails_is_told_alike(deployment: Deployment) -> None:
    class Broken(Context):
        def get_remaining_time_in_millis(self) -> int:
            raise ZeroDivisionError

    direct, app = twins_of(deployment).both(GOOD, Broken())
    assert direct["statusCode"] == 500
    assert direct == app


def test_without_a_model_both_say_so_alike(deployment: Deployment, penguin: dict) -> None:
    deployment.s3.objects.clear()
    body = json.dumps({"instances": [penguin]})
    direct, app = twins_of(deployment).both(rest_event("POST", "/v1/predictions", body))
    assert json.loads(direct["body"])["predictions"][0]["reason"] == "model_unavailable"
    assert direct == app


GOOD = rest_event("POST", "/v1/predictions", json.dumps({"instances": [PENGUIN]}))


def test_an_ordinary_prediction_is_answered_directly(deployment: Deployment) -> None:
    direct = twins_of(deployment).direct.answer(GOOD, Context())
    assert direct is not None
    assert direct["statusCode"] == 200


@pytest.mark.parametrize(
    "odd",
    [
        {"httpMethod": "OPTIONS"},
        {"httpMethod": "GET"},
        {"path": "/v1/predictions/", "pathParameters": {"proxy": "v1/predictions/"}},
        {"path": "/v1/model", "pathParameters": {"proxy": "v1/model"}},
        {"path": "/v01/predictions", "pathParameters": {"proxy": "v01/predictions"}},
        {"path": "/v%31/predictions", "pathParameters": {"proxy": "v%31/predictions"}},
        {"path": None},
        {"version": "2.0"},
        {"queryStringParameters": {"a": "b"}},
        {"headers": {"X-Name": "Müller"}, "multiValueHeaders": None},
        {"headers": {"X-Number": 1}, "multiValueHeaders": None},
        {"headers": {"Host": "a:b"}, "multiValueHeaders": None},
        {"headers": {"X-Forwarded-Port": "x"}, "multiValueHeaders": None},
        {"headers": "x"},
        {"body": 1},
        {"body": "\ud800"},
        {"requestContext": None},
        {"requestContext": {"identity": None}},
        {"requestContext": {"elb": {}}},
        {"resource": 1},
    ],
    ids=str,
)
def test_what_is_no_prediction_or_odd_is_left_to_the_app(odd: Event) -> None:
    assert call_of(GOOD) is not None
    assert call_of(GOOD | odd) is None
