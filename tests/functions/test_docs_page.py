"""The page at /docs, down to what a browser would be allowed to do with it."""

import base64
import hashlib
import re

import pytest

from tests.functions.conftest import ORIGIN, Answer, Function


@pytest.fixture
def page(function: Function) -> Answer:
    return function.get("/docs")


def inline(page: Answer, tag: str) -> list[str]:
    return re.findall(f"<{tag}>(.*?)</{tag}>", page.text, re.DOTALL)


def policy(page: Answer) -> dict[str, list[str]]:
    rules = [rule.split() for rule in page.headers["content-security-policy"].split("; ")]
    return {name: sources for name, *sources in rules}


def test_it_finds_openapi_under_any_stage(page: Answer, function: Function) -> None:
    """A relative address: right at /live/docs and at /_aws/execute-api/x/live/docs alike."""
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "url: 'openapi.json'" in inline(page, "script")[-1]
    assert function.get("/openapi.json").body["servers"] == [{"url": "./"}]


@pytest.mark.parametrize(("tag", "rule"), [("script", "script-src"), ("style", "style-src")])
def test_threat_api8_it_runs_what_it_holds_and_nothing_else(
    page: Answer, tag: str, rule: str
) -> None:
    digests = [hashlib.sha256(part.encode()).digest() for part in inline(page, tag)]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    assert policy(page)[rule] == hashes


def test_threat_api8_it_loads_nothing(page: Answer) -> None:
    around = re.sub("<(script|style)>.*?</\\1>", "", page.text, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="([^"]*)"', around) == ["data:,", "openapi.json"]
    assert not re.search("<(script|style)", around)


def test_two_readers_of_one_page_share_no_header(function: Function) -> None:
    first = function.get("/docs", Origin=ORIGIN)
    assert first.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in function.get("/docs").headers


def test_threat_api8_it_may_ask_nobody_but_this_api(page: Answer) -> None:
    rules = policy(page)
    assert rules["default-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'"]
    sources = {re.sub("sha256-.*", "sha256", s) for found in rules.values() for s in found}
    assert sources == {"'none'", "'self'", "'sha256", "data:"}


def test_no_script_can_end_early_or_hide_its_end(page: Answer) -> None:
    """An HTML parser reads <!-- and <script within a script as more than text."""
    held = inline(page, "script")[0]
    assert len(held) > 10**6
    assert not re.search("<(!--|/?script)", held, re.IGNORECASE)


def test_it_fits_into_what_lambda_may_answer(page: Answer) -> None:
    assert len(page.text.encode()) < 6 * 10**6 / 2
