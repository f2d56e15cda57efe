"""Copying requests to another version: what is published, moved and refused. Pure."""

from dataclasses import replace
from typing import Any

import pytest

from infra.errors import NotFound, Refused
from infra.release.deployed.live import DRAFT, SHADOW, SHADOW_PERCENT, LambdaVersion, Live
from infra.release.deployed.observed import Observed
from infra.release.switch.shadow import ShadowPlan, plan_off, plan_on
from infra.release.switch.shadow_rules import Candidate
from model_store.compatibility.errors import ContractBroken
from model_store.contract import Contract
from model_store.history.shift import Shift
from tests.infra.release.conftest import digest_of, event, manifest

CODE = {"MemorySize": "1024"}


def version(number: str, model_version: str, **changes: str) -> LambdaVersion:
    environment = {
        "LAMBENT_VERSION": model_version,
        "LAMBENT_DIGEST": digest_of(model_version),
        "LAMBENT_STANDBY": "packed",
        "LAMBENT_BUCKET": "artifacts",
        "POWERTOOLS_SERVICE_NAME": "lambent-scaled",
        **changes,
    }
    digest = environment["LAMBENT_DIGEST"]
    return LambdaVersion(
        number, model_version, digest, "packed", CODE, environment, "code", "revision"
    )


ONE, TWO = version("1", "1"), version("2", "2")
LATEST = replace(TWO, number=DRAFT)
EVENTS = (event(1, "release", None, 1, "1"), event(2, "release", 1, 2, "2"))


def observed(*more: LambdaVersion, live: LambdaVersion = TWO, **changes: Any) -> Observed:
    fields: dict[str, Any] = {"events": EVENTS, "draft": LATEST}
    return Observed(Live(live, {}, "seen"), (ONE, TWO, *more), **fields | changes)


def candidate(model_version: str = "1", **changes: Any) -> Candidate:
    made = manifest(model_version)
    return Candidate(
        **{"manifest": made, "digest": made.digest, "live": manifest("2"), "reserved": 20} | changes
    )


def on(situation: Observed, wanted: Candidate | None = None, percent: int = 10) -> ShadowPlan:
    return plan_on("scaled", situation, wanted or candidate(), percent)


def published(plan: ShadowPlan) -> tuple[LambdaVersion, LambdaVersion]:
    """The two versions that a first plan publishes, as 3 and 4."""
    from infra.release.switch.shadow_rules import shadow_environment

    assert plan.candidate
    environment = shadow_environment("scaled", plan.live.version, plan.candidate)
    shadow = version("3", plan.candidate.manifest.version, **environment)
    copies = {SHADOW: "3", SHADOW_PERCENT: str(plan.percent)}
    return shadow, version("4", "2", **copies)


def test_the_first_time_two_versions_are_published_and_then_the_alias_moves() -> None:
    plan = on(observed())
    assert (plan.shadow, plan.target, plan.changes_nothing) == (None, None, False)
    assert plan.steps == (
        "publish a version of scaled@1 that answers copies alone",
        "ask it whether it is alive",
        "publish a twin of scaled@2 that copies 10 %",
        "put $LATEST back",
        "ask Lambda version (new) whether it is alive",
        "alias live → Lambda version (new) (now 2)",
        "write it into the history",
    )


def test_the_version_for_copies_differs_by_its_model_and_by_whose_metrics_it_writes() -> None:
    """Its errors and fallbacks must not light the alarms of what is live."""
    shadow, _ = published(on(observed()))
    changed = shadow.environment.items() ^ TWO.environment.items()
    assert {name for name, _ in changed} == {
        *("LAMBENT_VERSION", "LAMBENT_DIGEST", "LAMBENT_STANDBY", "POWERTOOLS_SERVICE_NAME")
    }
    assert shadow.environment["POWERTOOLS_SERVICE_NAME"] == "lambent-scaled_shadow"
    assert shadow.is_shadow


def test_what_exists_is_used_again() -> None:
    shadow, twin = published(on(observed()))
    plan = on(observed(shadow, twin))
    assert (plan.shadow, plan.target) == (shadow, twin)
    other = on(observed(shadow, twin), percent=50)
    assert (other.shadow, other.target) == (shadow, None)
    already = on(observed(shadow, twin, live=twin))
    assert already.changes_nothing


def test_off_leads_back_to_the_version_that_was_live() -> None:
    _, twin = published(on(observed()))
    events = (*EVENTS, event(3, "shadow on", 2, 4, "2"))
    plan = plan_off("scaled", observed(twin, live=twin, events=events))
    assert (plan.target, plan.notes) == (TWO, ())
    unknown = plan_off("scaled", observed(twin, live=twin, events=None, trouble="down"))
    assert unknown.target == TWO
    assert "newest with the same model" in unknown.notes[0]
    assert plan_off("scaled", observed()).changes_nothing


def test_a_draft_that_a_killed_switch_left_is_seen_for_what_it_is() -> None:
    """Whichever of the two versions was just being published."""
    for left in published(on(observed())):
        plan = on(observed(draft=replace(left, number=DRAFT)))
        assert plan.draft.is_cut_short
        assert plan.draft.usual == TWO
        assert "cut short" in plan.notes[0]


def older(contract: str) -> Contract:
    features = [{"kind": "number", "name": "y"}]
    return Contract.model_validate({"name": "numbers", "version": contract, "features": features})


@pytest.mark.parametrize(
    ("situation", "wanted", "said"),
    [
        (observed(), candidate("2"), "is what is live"),
        (observed(live=replace(TWO, digest="")), candidate(), "does not show its environment"),
        (observed(live=version("3", "2", LAMBENT_FALLBACK_ONLY="on")), candidate(), "switched off"),
        (observed(draft=replace(LATEST, code="other")), candidate(), "other code"),
        (observed(draft=replace(LATEST, settings={"MemorySize": "2048"})), candidate(), "settings"),
        (observed(), candidate(reserved=1), "second place"),
        (observed(shift=Shift("d-1", "1", "2", 0.1, None)), candidate(), "just being released"),
        (
            observed(),
            candidate(manifest=manifest("3", contract=older("2.0")), digest="d"),
            "does not serve contract 1",
        ),
    ],
)
def test_nonsense_is_refused(situation: Observed, wanted: Candidate, said: str) -> None:
    with pytest.raises(Refused, match=said):
        on(situation, wanted)


def test_fault_row_41_nothing_is_switched_while_traffic_is_shared() -> None:
    shared = replace(observed(), live=Live(TWO, {"1": 0.1}, "seen"))
    with pytest.raises(Refused, match="part of its traffic"):
        on(shared)
    with pytest.raises(Refused, match="just being released"):
        plan_off("scaled", observed(shift=Shift("d-1", "1", "2", 0.1, None)))


def test_a_contract_that_breaks_what_callers_send_is_refused() -> None:
    """Fault row 33: the copies would all be refused."""
    with pytest.raises(ContractBroken):
        on(observed(), candidate(manifest=manifest("3", contract=older("1.1")), digest="d"))


def test_it_says_that_both_share_the_concurrency_and_what_could_not_be_compared() -> None:
    (note,) = on(observed()).notes
    assert "share 20 concurrent executions" in note
    assert on(observed(), candidate(reserved=None)).notes == ()
    (first, _) = on(observed(), candidate(live=None)).notes
    assert "not compared" in first


def test_a_function_that_is_gone_is_named() -> None:
    with pytest.raises(NotFound):
        on(observed(draft=None))
