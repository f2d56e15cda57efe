"""Every row is answered by the first fallback that has an answer for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from model_store.artifact.facts import OutputNames
from model_store.contract import Flag, Row, Scalar, TensorSpec
from model_store.fallbacks.chain import NoSources, fall_back
from model_store.fallbacks.expression import Comparison, FeatureOf, Value
from model_store.fallbacks.records import Constant, Fallback, OtherModel, Popular, Rule, Rules
from model_store.predictions import FallbackPrediction, Label, Reason

INPUTS = (TensorSpec(name="x", dtype="float32", features=("x",)),)
BASELINE = OtherModel(role="baseline", inputs=INPUTS, outputs=OutputNames(label="l"))
PREVIOUS = OtherModel(role="previous", inputs=INPUTS, outputs=OutputNames(label="l"))
TOP = Popular(list="top", max_age=60)
LAST = Constant(value="safe")


@dataclass
class Stored:
    """Lists by name, and by role of a model the answer to each x it knows.

    turns: how many rows there is time for.
    """

    lists: dict[str, list[Label]] = field(default_factory=dict)
    models: dict[str, dict[float, str]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    turns: float = inf

    def have_time(self) -> bool:
        self.turns -= 1
        return self.turns >= 0

    def popular(self, link: Popular) -> Sequence[Label]:
        self.asked.append((link.list, 0))
        return self.lists.get(link.list, [])

    def ask(self, link: OtherModel, rows: Sequence[Row]) -> Sequence[Scalar | None]:
        self.asked.append((link.role, len(rows)))
        known = self.models.get(link.role, {})
        return [known.get(row.values["x"]) for row in rows]


def above(limit: float, answer: str) -> Rule:
    condition = Comparison(op=">", a=FeatureOf(f="x"), b=Value(v=limit))
    return Rule(when=f"x > {limit}", condition=condition, value=answer)


def at(*numbers: float | None) -> list[Row]:
    return [Row({"x": number}) for number in numbers]


def answers(
    chain: Sequence[Fallback], rows: Sequence[Row], sources: Stored | NoSources
) -> list[tuple[Scalar, str] | None]:
    found = fall_back(chain, rows, [Reason.NOVEL] * len(rows), sources)
    return [(answer.value, answer.source) if answer else None for answer in found]


def test_each_link_is_asked_only_for_the_rows_that_are_still_open() -> None:
    stored = Stored(models={"previous": {1.0: "old"}, "baseline": {1.0: "never", 2.0: "simple"}})
    chain = (Rules(rules=(above(9, "many"),)), PREVIOUS, BASELINE, LAST)
    assert answers(chain, at(10, 1, 2, 3), stored) == [
        ("many", "rules"),
        ("old", "previous"),
        ("simple", "baseline"),
        ("safe", "constant"),
    ]
    assert stored.asked == [("previous", 3), ("baseline", 2)]


def test_nobody_is_asked_once_every_row_has_an_answer() -> None:
    stored = Stored(lists={"top": ["a"]})
    assert answers((Rules(rules=(above(0, "yes"),)), TOP), at(1, 2), stored) == [
        ("yes", "rules"),
        ("yes", "rules"),
    ]
    assert stored.asked == []


def test_rules_are_tried_in_their_order_then_the_constant() -> None:
    chain = (Rules(rules=(above(9, "many"), above(3, "some"))), LAST)
    found = answers(chain, at(10, 4, 1, None), NoSources())
    assert [answer and answer[0] for answer in found] == ["many", "some", "safe", "safe"]


def test_a_popular_list_answers_its_first_and_offers_the_rest() -> None:
    (answer,) = fall_back([TOP, LAST], at(1), [Reason.NOVEL], Stored(lists={"top": ["a", 2, True]}))
    assert answer is not None
    assert (answer.value, answer.source, answer.alternatives) == ("a", "popular", (2, True))


def test_an_empty_list_leaves_the_row_to_the_next() -> None:
    """Missing, stale and corrupt lists are all empty to the chain."""
    assert answers([TOP, LAST], at(1), Stored()) == [("safe", "constant")]
    assert answers([TOP], at(1), NoSources()) == [None]


def test_without_a_fallback_that_answers_there_is_none() -> None:
    """Fault row 31: the caller gets 503 for it, never an invented answer."""
    assert answers([], at(1), NoSources()) == [None]
    assert answers([PREVIOUS, BASELINE], at(1, 2), NoSources()) == [None, None]


def test_a_row_of_an_unknown_contract_is_answered_by_constants_and_lists_alone() -> None:
    stored = Stored(models={"baseline": {1.0: "a"}})
    chain = (Rules(rules=(above(0, "yes"),)), BASELINE, LAST)
    assert answers(chain, [Row({})], stored) == [("safe", "constant")]
    assert stored.asked == []


def test_an_answer_keeps_the_reason_and_the_flags_of_its_row() -> None:
    flag = Flag("x", "out_of_range", "fallback")
    rows = [Row({"x": 1.0}, (flag,)), Row({"x": 2.0})]
    first, second = fall_back([LAST], rows, [Reason.OUT_OF_RANGE, Reason.NOVEL], NoSources())
    assert first is not None
    assert second is not None
    assert (first.reason, first.flags) == (Reason.OUT_OF_RANGE, (flag,))
    assert (second.reason, second.flags) == (Reason.NOVEL, ())


NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.0, 3.0]))
LINKS: st.SearchStrategy[Fallback] = st.one_of(
    st.sampled_from([BASELINE, PREVIOUS, LAST]),
    st.builds(Popular, list=st.sampled_from(["top", "new"]), max_age=st.just(60)),
    st.lists(st.floats(0, 3), min_size=1, max_size=3).map(
        lambda limits: Rules(rules=tuple(above(limit, f"above {limit}") for limit in limits))
    ),
)
KNOWN = st.dictionaries(st.sampled_from([0.0, 1.0, 2.0, 3.0]), st.sampled_from(["p", "q"]))
STORED = st.builds(
    Stored,
    lists=st.dictionaries(st.sampled_from(["top", "new"]), st.lists(st.sampled_from(["s", 7]))),
    models=st.fixed_dictionaries({}, optional={"baseline": KNOWN, "previous": KNOWN}),
    asked=st.builds(list),
    turns=st.just(inf),
)


def alone(link: Fallback, number: float | None, stored: Stored) -> Scalar | None:
    """What one link answers to one row, told without the chain."""
    match link:
        case Constant():
            return link.value
        case Popular():
            return next(iter(stored.lists.get(link.list, [])), None)
        case OtherModel():
            return stored.models.get(link.role, {}).get(number)
        case Rules():
            limits = [float(rule.when.removeprefix("x > ")) for rule in link.rules]
            above_it = (limit for limit in limits if number is not None and number > limit)
            limit = next(above_it, None)
            return None if limit is None else f"above {limit}"


@given(st.lists(LINKS, max_size=5), st.lists(NUMBERS, max_size=6), STORED)
def test_every_row_gets_the_first_link_that_has_an_answer_and_never_a_confidence(
    chain: list[Fallback], numbers: list[float | None], stored: Stored
) -> None:
    found = fall_back(chain, at(*numbers), [Reason.NOVEL] * len(numbers), stored)
    for number, answer in zip(numbers, found, strict=True):
        each = [alone(link, number, stored) for link in chain]
        expected = next((value for value in each if value is not None), None)
        assert (answer.value if answer else None) == expected
        assert answer is None or "confidence" not in answer.model_dump_json()
    assert "confidence" not in FallbackPrediction.model_fields


def test_threat_api4_rules_stop_when_the_time_is_up_and_a_constant_answers_the_rest() -> None:
    """The largest rules over a thousand rows would take minutes, and Lambda ends before."""
    chain = (Rules(rules=(above(0, "rule"),)), LAST)
    found = answers(chain, at(1, 1, 1), Stored(turns=2))
    assert found == [("rule", "rules"), ("rule", "rules"), ("safe", "constant")]
