"""A list in S3 that answers in the model's stead, as long as it is fresh."""

import pytest

from functions.inference.settings import Limits
from tests.functions.conftest import TOP_KEY, Clock, Deployment, Function, logged
from tests.functions.models import LAST, TOP, contract
from tests.functions.s3_stand_in import refuse

CHAIN = (TOP, LAST)


def listing(deployment: Deployment) -> Function:
    """A bill that is too long asks for the fallback, and with it for the list."""
    deployment.write_list("Chinstrap", "Gentoo", "Adelie")
    return deployment.deploy(contract=contract(bill="fallback"), fallbacks=CHAIN)


@pytest.fixture
def function(deployment: Deployment) -> Function:
    return listing(deployment)


def answered(function: Function, penguin: dict) -> tuple[str, str]:
    answer = function.predict(penguin | {"bill_length_mm": 99})
    assert answer.status == 200, answer.text
    (found,) = answer.body["predictions"]
    assert found["decision"] == "fallback"
    return found["source"], found["value"]


def reads(deployment: Deployment) -> int:
    return deployment.s3.requests.count(TOP_KEY)


def test_the_first_item_answers_and_the_rest_are_alternatives(
    function: Function, penguin: dict
) -> None:
    odd = penguin | {"bill_length_mm": 99}
    assert function.predict(odd).body["predictions"] == [
        {
            "decision": "fallback",
            "value": "Chinstrap",
            "source": "popular",
            "reason": "out_of_range",
            "alternatives": ["Gentoo", "Adelie"],
            "flags": [
                {"feature": "bill_length_mm", "reason": "out_of_range", "action": "fallback"}
            ],
        }
    ]


def test_the_list_is_read_when_it_is_first_needed_and_once_a_minute_after_that(
    deployment: Deployment, function: Function, penguin: dict, clock: Clock
) -> None:
    function.predict(penguin)
    assert reads(deployment) == 0, "the model answered"
    assert answered(function, penguin) == ("popular", "Chinstrap")
    deployment.write_list("Gentoo")
    clock.now += 59
    assert answered(function, penguin) == ("popular", "Chinstrap")
    assert reads(deployment) == 1
    clock.now += 1
    assert answered(function, penguin) == ("popular", "Gentoo"), "refreshed without a deploy"
    assert reads(deployment) == 2


@pytest.mark.parametrize(
    ("age", "source"),
    [(3600, "popular"), (3601, "constant"), (-300, "popular"), (-301, "constant")],
)
def test_a_list_that_is_stale_or_from_the_future_is_passed_over_and_the_log_says_so(
    deployment: Deployment,
    penguin: dict,
    age: float,
    source: str,
    capsys: pytest.CaptureFixture,
) -> None:
    function = listing(deployment)
    deployment.write_list("Chinstrap", age=age)
    assert answered(function, penguin)[0] == source
    warned = logged(capsys.readouterr().out, "popular_list_unusable")
    assert bool(warned) == (source == "constant")


@pytest.mark.parametrize("broken", ["down", "corrupt", "gone"])
def test_a_list_that_cannot_be_refreshed_serves_on_while_it_is_fresh_and_no_longer(
    deployment: Deployment, function: Function, penguin: dict, clock: Clock, broken: str
) -> None:
    assert answered(function, penguin) == ("popular", "Chinstrap")
    if broken == "down":
        deployment.s3.misbehave(refuse(403, "AccessDenied"), always=True)
    elif broken == "corrupt":
        deployment.s3.objects[TOP_KEY] = b'{"updated": "now", "items": ["Gentoo"]}'
    else:
        del deployment.s3.objects[TOP_KEY]
    clock.now += 3600
    assert answered(function, penguin) == ("popular", "Chinstrap")
    clock.now += 1
    assert answered(function, penguin) == ("constant", "Adelie")


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"\xff",
        b"[]",
        b'{"items": ["Gentoo"]}',
        b'{"updated": "2026-03-01T00:16:40", "items": ["Gentoo"]}',
        b'{"updated": "2026-03-01T00:16:40Z", "items": []}',
        b'{"updated": "2026-03-01T00:16:40Z", "items": ["Gentoo"], "x": 1}',
        b" " * 300_000,
    ],
)
def test_a_list_that_is_missing_or_cannot_be_read_leaves_the_next_fallback(
    deployment: Deployment,
    penguin: dict,
    clock: Clock,
    data: bytes | None,
    capsys: pytest.CaptureFixture,
) -> None:
    """The time zone of a list is not guessed, and a list of nothing is none."""
    function = listing(deployment)
    del deployment.s3.objects[TOP_KEY]
    if data is not None:
        deployment.s3.objects[TOP_KEY] = data
    assert answered(function, penguin) == ("constant", "Adelie")
    assert answered(function, penguin) == ("constant", "Adelie")
    assert reads(deployment) == 1, "not for every request"
    assert len(logged(capsys.readouterr().out, "popular_list_not_read")) == 1
    deployment.write_list("Gentoo")
    clock.now += Limits().retry_load_after
    assert answered(function, penguin) == ("popular", "Gentoo")


def test_threat_ml06_a_list_cannot_make_the_function_answer_what_is_no_label(
    deployment: Deployment, function: Function, penguin: dict
) -> None:
    """Who may write the list may not write the model."""
    deployment.write_list("Emperor", 3, True, "Gentoo", "<script>", "Adelie")
    (found,) = function.predict(penguin | {"bill_length_mm": 99}).body["predictions"]
    assert (found["value"], found["alternatives"]) == ("Gentoo", ["Adelie"])


def test_a_list_without_any_label_of_the_model_is_passed_over_and_the_log_says_so(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    function = listing(deployment)
    deployment.write_list("Emperor")
    assert answered(function, penguin) == ("constant", "Adelie")
    (line,) = logged(capsys.readouterr().out, "popular_list_unusable")
    assert "no label" in line["what"]


def test_a_boolean_is_not_taken_for_a_number(deployment: Deployment, penguin: dict) -> None:
    """1 == True in Python, and not in JSON."""
    deployment.write_list(True, 1.0, 0)
    function = deployment.deploy(
        task="binary",
        labels=(0, 1),
        outputs={"probabilities": "probabilities"},
        contract=contract(bill="fallback"),
        fallbacks=(TOP,),
        golden=(),
    )
    (found,) = function.predict(penguin | {"bill_length_mm": 99}).body["predictions"]
    assert (found["value"], found["alternatives"]) == (0, [])


def test_a_long_list_is_not_repeated_in_full_for_every_row(
    deployment: Deployment, penguin: dict
) -> None:
    labels = tuple(f"species-{number}" for number in range(500))
    deployment.write_list(*labels)
    function = deployment.deploy(
        labels=labels, contract=contract(bill="fallback"), fallbacks=(TOP,), golden=()
    )
    (found,) = function.predict(penguin | {"bill_length_mm": 99}).body["predictions"]
    assert [found["value"], *found["alternatives"]] == list(labels[:20])


def test_the_standby_knows_the_labels_while_there_is_no_manifest(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.deploy(fallbacks=CHAIN)
    deployment.s3.objects.clear()
    deployment.cache = deployment.cache.with_name("empty")
    deployment.write_list("Emperor", "Gentoo")
    (found,) = deployment.function().predict(penguin).body["predictions"]
    assert (found["source"], found["value"]) == ("popular", "Gentoo")
    assert (found["reason"], found["alternatives"]) == ("model_unavailable", [])


def test_without_time_the_list_is_not_read_but_one_that_is_there_is_used(
    deployment: Deployment, function: Function, penguin: dict
) -> None:
    usual = function.context.remaining_ms
    function.context.remaining_ms = 100
    assert answered(function, penguin)[0] == "constant"
    assert reads(deployment) == 0
    function.context.remaining_ms = usual
    assert answered(function, penguin)[0] == "popular"
    function.context.remaining_ms = 100
    assert answered(function, penguin)[0] == "popular"
