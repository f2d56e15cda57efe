"""One bad row does not fail the others, when the caller asks for that."""

import pytest

from tests.functions.conftest import Deployment, Function, logged, metrics
from tests.functions.models import ON_DREAM, TOP, classifier, contract

CANARY = "canary-90aa"


def test_bad_rows_abstain_in_their_place_with_pointers_and_good_rows_are_answered(
    function: Function, penguin: dict
) -> None:
    answer = function.predict(
        penguin, penguin | {"island": CANARY}, {}, penguin, CANARY, partial=True
    )
    assert answer.status == 200
    good, unseen, empty, last, text = answer.body["predictions"]
    assert [good["decision"], last["decision"]] == ["model", "model"]
    assert unseen == {
        "decision": "abstain",
        "reason": "invalid_input",
        "message": "",
        "prediction_set": None,
        "interval": None,
        "needs_review": False,
        "errors": [
            {
                "pointer": "/instances/1/island",
                "code": "unseen_category",
                "message": unseen["errors"][0]["message"],
            }
        ],
        "flags": [],
    }
    assert {(error["pointer"], error["code"]) for error in empty["errors"]} == {
        ("/instances/2/island", "missing"),
        ("/instances/2/flipper_length_mm", "missing"),
    }
    assert [error["pointer"] for error in text["errors"]] == ["/instances/4"]
    assert CANARY not in answer.text


def test_a_batch_of_bad_rows_alone_is_answered_without_the_model(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.inference.attempt.encode", None)
    answer = function.predict({}, 3, partial=True)
    assert answer.status == 200
    assert [p["reason"] for p in answer.body["predictions"]] == ["invalid_input"] * 2


def test_without_the_option_one_bad_row_refuses_the_batch(
    function: Function, penguin: dict
) -> None:
    assert function.predict(penguin, {}).status == 422
    assert function.predict(penguin, {}, partial=False).status == 422


def test_partial_batches_are_counted_and_logged_by_code_and_never_by_value(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.function()
    capsys.readouterr()
    function.predict(penguin, penguin | {"island": CANARY}, {}, partial=True)
    output = capsys.readouterr().out
    counted = metrics(output)
    assert (counted["Predictions"], counted["Abstentions"]) == (3, 2)
    assert (counted["Fallbacks"], counted.get("Reviews"), counted["Refused"]) == (0, None, 0)
    (line,) = logged(output, "request")
    assert line["abstentions"] == {"invalid_input": 2}
    assert line["codes"] == ["missing", "unseen_category"]
    assert CANARY not in output


def test_a_row_with_many_errors_reports_the_first_of_them(function: Function) -> None:
    """A thousand such rows still fit into one response."""
    (found,) = function.predict({f"wing_{n}": 1 for n in range(50)}, partial=True).body[
        "predictions"
    ]
    assert len(found["errors"]) == 10


def test_threat_api4_features_are_suggested_for_the_first_bad_row_alone(
    function: Function, penguin: dict
) -> None:
    """To look for them in a thousand rows of a wide contract took seven minutes."""
    odd = penguin | {"islands": 1}
    found = function.predict(odd, odd, partial=True).body["predictions"]
    told = [prediction["errors"][0]["message"] for prediction in found]
    assert ["did you mean island?" in message for message in told] == [True, False]


def test_bad_rows_of_a_partial_batch_abstain_while_a_fallback_answers_the_others(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.s3.objects.clear()
    found = deployment.function().predict({}, penguin, partial=True).body["predictions"]
    assert [p["decision"] for p in found] == ["abstain", "fallback"]


@pytest.mark.parametrize("partial", [False, True])
def test_fault_row_31_a_chain_that_is_exhausted_is_a_503_in_a_partial_batch_too(
    deployment: Deployment, penguin: dict, partial: bool
) -> None:
    """The rule knows Dream only, there is no list, and a retry may find the model again."""
    function = deployment.deploy(classifier((float("nan"),) * 3), fallbacks=(ON_DREAM, TOP))
    on_dream = function.predict(penguin | {"island": "Dream"}, partial=partial)
    assert on_dream.body["predictions"][0]["source"] == "rules"
    answer = function.predict(penguin, penguin | {"island": "Dream"}, partial=partial)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["type"] == "urn:lambent:problem:no-answer"


def test_fault_row_22_a_row_that_no_fallback_knows_abstains_and_spoils_no_other(
    deployment: Deployment, penguin: dict
) -> None:
    """Asked again it would have the same fate, so that a 503 would be a lie."""
    function = deployment.deploy(contract=contract(bill="fallback"), fallbacks=(ON_DREAM, TOP))
    body = function.predict(penguin, penguin | {"bill_length_mm": 99}).body
    answered, odd = body["predictions"]
    assert answered["decision"] == "model"
    assert (odd["decision"], odd["reason"]) == ("abstain", "out_of_range")
