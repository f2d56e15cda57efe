"""Callers of the live version are served as before, or the candidate meets none of them."""

from typing import Any

import pytest

from model_store.artifact.accepted import Accepted
from model_store.artifact.facts import GoldenExample
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, Renamed, TensorSpec, default_tensors
from model_store.contract.features import CategoryFeature, Default, Feature, Number
from model_store.predictions import ModelPrediction
from tests.functions.conftest import publish
from tests.functions.models import contract, features
from tests.functions.pretraffic.conftest import parts
from tests.functions.pretraffic.stage import Stage

ISLAND, BILL, FLIPPER, SEX = features()


def told(stage: Stage, name: str) -> tuple[str, str]:
    """Verdict and sentence of one check."""
    checks = {check["name"]: check for check in stage.lines[-1]["report"]["checks"]}
    return checks[name]["verdict"], checks[name]["told"]


def of(*found: Feature, version: str = "1.1") -> Contract:
    return Contract(name="penguin", version=version, features=found)


def candidate(found: Contract, **changes: Any) -> tuple[Manifest, dict[str, bytes]]:
    """penguins@2 by this contract, over the same graph: what it lacks, another feature fills."""
    inputs = [_input(found, spec) for spec in default_tensors(contract())]
    return parts(publish(version="2", contract=found, inputs=tuple(inputs), golden=(), **changes))


def _input(found: Contract, spec: TensorSpec) -> TensorSpec:
    if spec.name in found.by_name:
        return spec
    of_strings = spec.dtype == "string"
    fitting = (f.name for f in found.features if (f.kind == "category") == of_strings)
    return TensorSpec(name=spec.name, dtype=spec.dtype, features=(next(fitting),))


@pytest.mark.parametrize(
    ("breaking", "fault"),
    [
        (of(ISLAND, BILL, FLIPPER, SEX, Number(name="body_mass_g")), "/body_mass_g missing"),
        (of(ISLAND, BILL, FLIPPER), "/sex unknown_field"),
        (
            of(CategoryFeature(name="island", categories=("Biscoe", "Dream")), BILL, FLIPPER, SEX),
            "/island unseen_category",
        ),
        (
            of(ISLAND, BILL, FLIPPER.model_copy(update={"maximum": 250}), SEX),
            "/flipper_length_mm out_of_range",
        ),
    ],
)
def test_a_contract_that_breaks_the_live_one_is_refused_before_traffic(
    stage: Stage, breaking: Contract, fault: str
) -> None:
    """Fault row 33, for a release that went around the gate of `lambent deploy`.

    The candidate's own golden examples pass; no row of a caller has been sent to it.
    """
    stage.deploy("7", *candidate(breaking))
    why = stage.release()["why"]
    assert why.startswith("refuses rows that callers of contract 1.0 send: ")
    assert fault in why
    assert stage.verdict == "Failed"
    assert [event["path"] for _, event in stage.asked] == ["/health/ready"]


def test_a_contract_that_takes_more_is_compared_on_rows_of_the_live_one(stage: Stage) -> None:
    wider = of(*features(), Number(name="body_mass_g", missing=Default(value=4000)))
    stage.deploy("7", *candidate(wider))
    stage.release()
    assert stage.verdict == "Succeeded"
    assert told(stage, "golden examples") == ("skipped", "the artifact has none")
    assert told(stage, "churn")[0] == "passed"


def test_a_contract_of_another_major_version_is_not_compared(stage: Stage) -> None:
    """What the old callers are owed, `lambent deploy` has decided; this has nothing in common."""
    stage.deploy("7", *candidate(of(ISLAND, FLIPPER, version="2.0")))
    stage.release()
    verdict, why = told(stage, "comparison")
    assert (verdict, why) == (
        "skipped",
        "contract 1.0 of the live version is not served any more",
    )
    assert stage.asked_of("6") == 0


def test_an_older_contract_that_is_still_served_is_compared_by_its_own_path(stage: Stage) -> None:
    """Each promise of it is replayed, and its callers' rows are answered as before."""
    renamed = FLIPPER.model_copy(update={"name": "flipper"})
    newer = of(ISLAND, BILL, renamed, SEX, version="2.0")
    row = {"island": "Dream", "bill_length_mm": 40.0, "flipper_length_mm": 190.0, "sex": None}
    older = Accepted(
        contract=contract(),
        features={"flipper": Renamed(was="flipper_length_mm")},
        golden=(GoldenExample(row=row, answer=ModelPrediction(value="Gentoo", confidence=0.7)),),
    )
    stage.deploy("7", *candidate(newer, accepts=(older,)))
    assert stage.release()["why"] == ""
    assert told(stage, "golden examples") == ("passed", "1 answered as promised")
    assert told(stage, "churn")[1].startswith("0 of 390 answers differ")
    paths = {event["path"] for number, event in stage.asked if number == "7"}
    assert paths == {"/health/ready", "/v1/predictions"}


def test_a_live_version_whose_manifest_is_gone_keeps_no_remedy_away(stage: Stage) -> None:
    del stage.s3_stand_in.objects["models/penguins/1/manifest.json"]
    stage.client("s3").delete_object(Bucket="artifacts", Key="models/penguins/1/manifest.json")
    stage.deploy("7", *parts(publish(version="2")))
    stage.release()
    assert stage.verdict == "Succeeded"
    assert told(stage, "comparison")[0] == "skipped"


def test_a_live_version_on_its_fallbacks_is_not_compared(stage: Stage) -> None:
    stage.versions["6"].environment["LAMBENT_FALLBACK_ONLY"] = "on"
    stage.deploy("7", *parts(publish(version="2")))
    stage.release()
    assert told(stage, "comparison") == (
        "skipped",
        "the live version answers from its fallbacks alone",
    )


def test_a_live_version_that_crashes_keeps_no_remedy_away(stage: Stage) -> None:
    def crash(event: object, context: object) -> dict[str, object]:
        raise MemoryError

    stage.versions["6"].handler = crash
    stage.deploy("7", *parts(publish(version="2")))
    stage.release()
    assert stage.verdict == "Succeeded"
    assert told(stage, "churn") == ("skipped", "no row was answered by both models")


def test_a_live_version_that_may_not_be_asked_keeps_no_remedy_away(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(version="2")))
    stage.denied = "6"
    stage.release()
    assert stage.verdict == "Succeeded"
    assert "AWS denies Invoke" in told(stage, "comparison")[1]
