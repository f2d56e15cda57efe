"""What an operator is told before a model is switched off, or refused."""

from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import create_model

from infra.errors import Refused
from infra.release.deployed.draft import Draft
from infra.release.deployed.live import DRAFT, FALLBACK_ONLY, LambdaVersion
from infra.release.switch.fallback_notes import (
    check_environment,
    code_notes,
    draft_notes,
    fallback_notes,
)
from model_store.artifact import standby
from model_store.canonical import sha256_hex
from model_store.contract import freeze
from model_store.fallbacks.records import Popular
from tests.infra.release.conftest import digest_of, manifest


def packed(**changes: Any) -> str:
    return standby.pack(manifest("1").model_copy(update=changes), digest_of("1"))


def version(number: str = "2", **changes: Any) -> LambdaVersion:
    fields: dict[str, Any] = {
        "model_version": "1",
        "digest": digest_of("1"),
        "standby": packed(),
        "code": "c0de",
        "settings": {"MemorySize": "512", "SnapStart": "On"},
    }
    return LambdaVersion(number, **fields | changes)


def warned(live: LambdaVersion, *, force: bool = False) -> str:
    return " ".join(fallback_notes("scaled", live, force=force))


def without_fallback() -> dict[str, LambdaVersion]:
    return {
        "declared none": version(standby=packed(fallbacks=())),
        "plain sam deploy": version(standby=""),
        "of another artifact": version(digest="f" * 64),
    }


def test_a_constant_and_a_contract_leave_nothing_to_say() -> None:
    assert warned(version()) == ""


@pytest.mark.parametrize("case", without_fallback())
def test_a_model_without_a_fallback_stays_on_unless_forced(case: str) -> None:
    live = without_fallback()[case]
    with pytest.raises(Refused, match=r"503.*lambent rollback scaled.*fallback scaled on --force"):
        warned(live)
    assert "callers get 503" in warned(live, force=True)


def test_a_chain_that_may_end_without_an_answer_is_said() -> None:
    live = version(standby=packed(fallbacks=(Popular(list="top", max_age=60),)))
    assert "do not end in a constant" in warned(live)


def test_requests_that_cannot_be_checked_are_said() -> None:
    names = tuple(sha256_hex(bytes([number])) for number in range(100))
    row = create_model("Row", kind=(Literal[names], ...))
    assert "not checked" in warned(version(standby=packed(contract=freeze(row, version="1.0"))))


def test_an_environment_that_kms_does_not_decrypt_is_refused() -> None:
    """Fault row 9: a key of one's own on the function, and no permission for it."""
    with pytest.raises(Refused, match="kms:Decrypt"):
        check_environment("scaled", version(digest=""))
    check_environment("scaled", version())


def test_newer_code_and_other_settings_are_said() -> None:
    live = version()
    newer = {"MemorySize": "1024", "SnapStart": "Off"}
    draft = version(DRAFT, code="newer", settings=newer)
    code, settings = code_notes(live, Draft(draft, draft))
    assert "other code than Lambda version 2" in code
    assert settings == "It runs with the settings of $LATEST: MemorySize 1024."
    same = replace(live, number=DRAFT)
    assert list(code_notes(live, Draft(same, same))) == []


def test_a_switch_that_was_cut_short_is_said() -> None:
    left = version(DRAFT, environment=FALLBACK_ONLY)
    (note,) = draft_notes(Draft.of(left, [version()]))
    assert "cut short" in note
    assert list(draft_notes(Draft.of(version(DRAFT), ()))) == []
