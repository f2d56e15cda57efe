"""`lambent diff`, as a person and as a pipeline read it."""

from typing import Any

import pytest

from model_store.artifact.accepted import Accepted
from model_store.contract import Scaled

from .conftest import Lambent
from .test_contract_gate import Put, contract
from .test_contract_gate import artifact as artifact
from .test_contract_gate import put as put


@pytest.fixture
def three(put: Put) -> None:
    """1, the same as 1, one with another unit and a wider range."""
    put("1", contract=contract(unit="mm", minimum=0))
    put("2", contract=contract(unit="mm", minimum=0))
    put("3", contract=contract("1.1", unit="cm", minimum=None))


@pytest.mark.usefixtures("three")
def test_versions_that_callers_cannot_tell_apart(lambent: Lambent) -> None:
    answer = lambent("diff", "scaled@1", "scaled@2")
    assert (answer.code, answer.out) == (
        0,
        "scaled@1 → scaled@2, contract 1.0 → 1.0: compatible\n",
    )


@pytest.mark.usefixtures("three")
def test_a_table_of_what_differs_the_worst_first_and_the_ways_out(lambent: Lambent) -> None:
    answer = lambent("diff", "scaled@1", "scaled@3")
    assert answer.code == 1
    head, unit, span, *ways = answer.out.splitlines()
    assert head.endswith("contract 1.0 → 1.1: silent")
    assert unit.split(maxsplit=3) == ["silent", "feature", "x", "unit: mm → cm"]
    assert span.split(maxsplit=3)[:3] == ["compatible", "feature", "x"]
    assert "at least 0 mm → any value" in span
    assert ways[0] == "Ways out:"
    assert "feature x, unit: Keep the unit" in ways[1]
    assert "raise the major version" in ways[-1]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("mode", "verdict"), [("backward", "silent"), ("forward", "breaking"), ("full", "breaking")]
)
def test_the_mode_says_whose_view_counts(lambent: Lambent, mode: str, verdict: str) -> None:
    answer = lambent("diff", "scaled@1", "scaled@3", "--mode", mode, "--json")
    assert (answer.code, answer.json["verdict"], answer.json["mode"]) == (1, verdict, mode)


@pytest.mark.usefixtures("three")
def test_a_pipeline_reads_every_change_with_its_rule(lambent: Lambent) -> None:
    document: Any = lambent("diff", "scaled@1", "scaled@3", "--json").json
    assert document["from"] == {"model": "scaled@1", "contract": "1.0", "accepts": []}
    assert document["to"] == {"model": "scaled@3", "contract": "1.1", "accepts": []}
    unit, span = document["changes"]
    assert (unit["where"], unit["rule"], unit["kind"]) == ("feature x", "unit", "silent")
    assert (span["backward"], span["forward"]) == ("compatible", "breaking")


def test_which_contracts_a_version_serves_and_whom_it_leaves_behind(
    lambent: Lambent, put: Put
) -> None:
    """Fault row 33."""
    put("1", contract=contract(unit="mm"))
    older = Accepted(contract=contract(unit="mm"), features={"x": Scaled(scale=0.1)})
    put("2", contract=contract("2.0", unit="cm"), accepts=(older,))
    put("3", contract=contract("2.0", unit="cm"))
    kept = lambent("diff", "scaled@1", "scaled@2")
    assert kept.code == 0
    assert kept.out.startswith("scaled@1 → scaled@2, contract 1.0 → 2.0 and 1.0: compatible")
    assert "/v2/predictions is served now" in kept.out
    lost = lambent("diff", "scaled@1", "scaled@3", "--json")
    assert (lost.code, lost.json["verdict"]) == (1, "breaking")
    assert lambent("diff", "scaled@1", "scaled@2", "--json").json["to"]["accepts"] == ["1.0"]
    assert "1.0 (/v1/predictions)" in lambent("show", "scaled@2").out


def test_strict_counts_additions_too(lambent: Lambent, put: Put) -> None:
    put("1", contract=contract(minimum=0, out_of_range="flag"))
    put("2", contract=contract("1.1", minimum=-1, out_of_range="flag"))
    assert lambent("diff", "scaled@1", "scaled@2").code == 0
    assert lambent("diff", "scaled@1", "scaled@2", "--strict").code == 1


def test_an_artifact_is_compared_before_it_is_published(
    lambent: Lambent, put: Put, artifact: Any
) -> None:
    put("1", contract=contract(unit="mm"))
    folder = artifact("2", contract=contract("1.1", unit="cm"))
    assert lambent("diff", "scaled@1", folder, "--json").json["verdict"] == "silent"


@pytest.mark.usefixtures("three")
def test_an_unknown_mode_is_wrong_usage(lambent: Lambent) -> None:
    assert lambent("diff", "scaled@1", "scaled@2", "--mode", "sideways").code == 2


def test_a_tuned_policy_differs_and_stands_in_nobodys_way(lambent: Lambent, put: Put) -> None:
    from model_store.fallbacks.records import Constant

    put("1")
    put("2", fallbacks=(Constant(value=1.0),))
    answer = lambent("diff", "scaled@1", "scaled@2")
    assert (answer.code, "Nothing of it stands in the way" in answer.out) == (1, True)
