"""Two contracts served beside each other: the path says which one a caller knows."""

from typing import Any

import pytest

from model_store.artifact import standby
from model_store.artifact.facts import OutputNames
from model_store.artifact.standby import Standby
from model_store.fallbacks.records import Constant
from tests.functions.conftest import Answer, Deployment, Function, logged, only
from tests.functions.models import LAST, ON_DREAM, accepted, classifier, contract, regression

OLD_ROW = {"code": "B", "bill_length_mm": 46.1, "flipper_cm": 21.1, "year": 2007}


@pytest.fixture
def both(deployment: Deployment) -> Function:
    return deploy(deployment)


def deploy(
    deployment: Deployment, model: bytes | None = None, older: Any = None, **changes: Any
) -> Function:
    given = {"contract": contract("2.0"), "accepts": (older or accepted(),)}
    return deployment.deploy(model, **given | changes)


def ask(function: Function, major: int, *rows: Any, **options: Any) -> Answer:
    body: dict[str, Any] = {"instances": list(rows)}
    return function.post(f"/v{major}/predictions", body | ({"options": options} if options else {}))


def test_each_path_reads_rows_by_its_own_contract(both: Function, penguin: dict) -> None:
    new, old = ask(both, 2, penguin), ask(both, 1, OLD_ROW)
    assert (only(new)["value"], only(old)["value"]) == ("Gentoo", "Gentoo")
    assert ask(both, 2, OLD_ROW).status == ask(both, 1, penguin).status == 422


def test_every_answer_names_the_contract_that_its_caller_knows(
    both: Function, penguin: dict
) -> None:
    """Threat ML09; refusals too."""
    for major, version, row in ((2, "2.0", penguin), (1, "1.3", OLD_ROW)):
        answer = ask(both, major, row)
        assert answer.body["model"]["contract"]["version"] == version
        for found in (answer, ask(both, major, {})):
            assert found.headers["lambent-contract"].startswith(f"{version}+")


def test_the_model_gets_what_the_older_row_means(deployment: Deployment) -> None:
    """This one answers the flipper's length, in the millimetres that it was trained on."""
    function = deploy(
        deployment,
        regression(),
        task="regression",
        labels=(),
        outputs=OutputNames(value="value"),
        fallbacks=(Constant(value=0.0),),
        golden=(),
    )
    assert only(ask(function, 1, OLD_ROW))["value"] == 211.0


def test_fault_row_16_a_refusal_names_the_fields_of_the_older_contract(both: Function) -> None:
    answer = ask(both, 1, OLD_ROW | {"code": "X", "flipper_cm": 31, "sex": "male"})
    assert answer.status == 422
    found = {(error["pointer"], error["code"]) for error in answer.body["errors"]}
    assert found == {
        ("/instances/0/code", "unseen_category"),
        ("/instances/0/flipper_cm", "out_of_range"),
        ("/instances/0/sex", "unknown_field"),
    }


def test_fault_row_22_what_is_odd_is_judged_by_the_new_contract_and_told_by_the_old_names(
    deployment: Deployment,
) -> None:
    """Both kinds are flagged by the older one, and one of them is a fallback's now."""
    newest = contract("2.0", island="fallback", bill="flag")
    function = deploy(deployment, older=accepted(code="flag", bill="flag"), contract=newest)
    unseen = only(ask(function, 1, OLD_ROW | {"code": "Atlantis"}))
    assert (unseen["decision"], unseen["reason"]) == ("fallback", "unseen_category")
    assert unseen["flags"] == [
        {"feature": "code", "reason": "unseen_category", "action": "fallback"}
    ]
    short = only(ask(function, 1, OLD_ROW | {"bill_length_mm": 16}))
    assert short["decision"] == "model"
    assert short["flags"][0]["feature"] == "bill_length_mm"


def test_rules_and_other_models_read_the_row_as_the_model_does(deployment: Deployment) -> None:
    function = deploy(deployment, classifier((float("nan"),) * 3), fallbacks=(ON_DREAM, LAST))
    assert only(ask(function, 1, OLD_ROW | {"code": "d"}))["value"] == "Chinstrap"
    assert only(ask(function, 1, OLD_ROW))["source"] == "constant"


def test_options_and_partial_batches_work_for_the_older_contract(both: Function) -> None:
    answer = ask(both, 1, OLD_ROW, OLD_ROW | {"code": "X"}, partial=True, least_confidence=0.5)
    first, second = answer.body["predictions"]
    assert (first["decision"], second["reason"]) == ("model", "invalid_input")
    assert second["errors"][0]["pointer"] == "/instances/1/code"


@pytest.mark.parametrize("path", ["/v3/predictions", "/v0/predictions", "/v01/predictions"])
def test_a_major_that_is_not_served_is_a_404_that_names_those_that_are(
    both: Function, penguin: dict, path: str
) -> None:
    answer = both.post(path, {"instances": [penguin]})
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.body["type"] == "urn:lambent:problem:no-such-contract"
    assert "/v2/predictions, /v1/predictions" in answer.body["detail"]
    assert "/openapi.json" in answer.body["detail"]
    assert both.get(path.replace("predictions", "model")).status == 404


@pytest.mark.parametrize("major", ["9" * 400, "-1", "1.0", "\u0661"])
def test_a_major_that_is_no_number_is_a_404_too(both: Function, major: str) -> None:
    assert both.post(f"/v{major}/predictions", {"instances": [OLD_ROW]}).status == 404


def test_the_model_card_tells_the_features_that_its_caller_knows(both: Function) -> None:
    cards = [both.get(f"/v{major}/model").body for major in (2, 1)]
    assert [card["model"]["contract"]["version"] for card in cards] == ["2.0", "1.3"]
    assert [feature["name"] for feature in cards[1]["features"]] == list(OLD_ROW)
    assert cards[0]["labels"] == cards[1]["labels"]


def test_a_problem_of_a_contract_2_is_no_message_of_the_open_inference_protocol(
    both: Function,
) -> None:
    assert "error" not in ask(both, 2, {}).body
    assert "error" in both.post("/v2/models/penguins/infer", {}).body


def test_the_open_inference_protocol_speaks_the_newest_contract_alone(both: Function) -> None:
    metadata = both.get("/v2/models/penguins").body
    assert [tensor["name"] for tensor in metadata["inputs"]] == list(contract().names)


def test_the_log_says_which_contracts_are_still_asked_for(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    both = deploy(deployment)
    ask(both, 1, OLD_ROW)
    ask(both, 2, penguin)
    ask(both, 9, penguin)
    routes = [line["route"] for line in logged(capsys.readouterr().out, "request")]
    assert routes == ["/v1/predictions", "/v2/predictions", "/v{major}/predictions"]


def test_while_s3_is_down_older_rows_are_answered_by_a_fallback_that_reads_no_feature(
    deployment: Deployment, penguin: dict
) -> None:
    """The standby has no room for older contracts, but knows which are served."""
    deploy(deployment, fallbacks=(ON_DREAM, LAST))
    deployment.s3.objects.clear()
    deployment.cache = deployment.cache.with_name("empty")
    function = deployment.function()
    old = ask(function, 1, OLD_ROW | {"code": "D"})
    assert (only(old)["source"], only(old)["reason"]) == ("constant", "model_unavailable")
    assert old.body["model"]["contract"] is None
    assert only(ask(function, 2, penguin | {"island": "Dream"}))["source"] == "rules"
    assert ask(function, 2, {}).status == 422
    assert ask(function, 3, penguin).status == 404
    assert function.get("/v1/model").status == 503
    paths = function.get("/openapi.json").body["paths"]
    assert {"/v1/predictions", "/v2/predictions"} <= set(paths)


def test_a_model_that_comes_back_reads_older_rows_again(deployment: Deployment, clock: Any) -> None:
    deploy(deployment)
    kept = dict(deployment.s3.objects)
    deployment.s3.objects.clear()
    deployment.cache = deployment.cache.with_name("empty")
    function = deployment.function()
    assert only(ask(function, 1, OLD_ROW))["decision"] == "fallback"
    deployment.s3.objects.update(kept)
    clock.now += 1000
    assert only(ask(function, 1, OLD_ROW))["decision"] == "model"


def test_while_nothing_is_known_of_the_contract_any_major_falls_back(
    deployment: Deployment, penguin: dict
) -> None:
    deploy(deployment)
    deployment.s3.objects.clear()
    deployment.cache = deployment.cache.with_name("empty")
    published = deployment.published
    bare = Standby(
        name="penguins",
        version="1",
        digest=published.digest,
        fallbacks=published.manifest.fallbacks,
    )
    function = deployment.function(LAMBENT_STANDBY=standby._encode(bare))
    assert {only(ask(function, major, penguin))["decision"] for major in (1, 2, 9)} == {"fallback"}
    assert "/v{major}/predictions" in function.get("/openapi.json").body["paths"]
