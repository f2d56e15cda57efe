"""A popular list is checked, then written over what was there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model_store.artifact.facts import OutputNames
from model_store.artifact.manifest import Manifest
from model_store.errors import ArtifactError
from model_store.fallbacks.popular_list import LARGEST_LIST, PopularList
from model_store.fallbacks.records import Constant, Popular
from model_store.registry.bucket import Bucket, checksum
from model_store.registry.errors import ListRefused, RegistryDenied
from model_store.registry.lists import ListName, apply, link_of, plan, read

from .conftest import KEY_ARN, make_manifest
from .s3_faults import inject, s3_error

NOW = datetime(2030, 1, 1, 12, 0, 0, 999, UTC)
TOP = ListName("penguins", "top")
SPECIES = ("Adelie", "Chinstrap", "Gentoo")


def classifier(*labels: Any, **changes: Any) -> Manifest:
    told = {"outputs": OutputNames(label="l"), "labels": labels, "task": "multiclass"}
    fallbacks = (Popular(list="top", max_age=60), Constant(value=labels[0]))
    return make_manifest(b"", **{"name": "penguins", **told, "fallbacks": fallbacks} | changes)


PENGUINS = classifier(*SPECIES)


@pytest.mark.parametrize(
    "text",
    [
        '["Gentoo", "Adelie"]',
        "Gentoo\nAdelie",
        "\n  Gentoo \r\n\nAdelie\n",
        ' ["Gentoo","Adelie"]\n',
    ],
)
def test_a_json_array_and_lines_of_text_say_the_same(text: str) -> None:
    planned = plan(TOP, text, PENGUINS, NOW)
    assert planned.content.items == ("Gentoo", "Adelie")
    assert planned.content.updated == NOW.replace(microsecond=0)
    assert planned.key == "lists/penguins/top.json"
    assert planned.notes == ()


def test_what_is_written_is_what_serving_reads() -> None:
    planned = plan(TOP, '["Gentoo"]', PENGUINS, NOW)
    assert json.loads(planned.data) == {"updated": "2030-01-01T12:00:00Z", "items": ["Gentoo"]}
    assert PopularList.parse(planned.data) == planned.content


@pytest.mark.parametrize(
    ("labels", "text", "items"),
    [
        ((1, 2, 3), "3\n1", (3, 1)),
        ((1, 2, 3), "[3, 1]", (3, 1)),
        (("1", "2", "3"), "3\n1", ("3", "1")),
        ((True, False, 2), "false\ntrue", (False, True)),
    ],
)
def test_a_line_is_the_label_that_is_spelled_so(labels: Any, text: str, items: Any) -> None:
    found = plan(TOP, text, classifier(*labels), NOW).content.items
    assert found == items
    assert [type(item) for item in found] == [type(item) for item in items]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Gentoo\nAdeli", "holds 'Adeli', which penguins@1 does not know. Perhaps 'Adelie'"),
        ("Gentoo\n77", "Its labels are 'Adelie', 'Chinstrap', 'Gentoo'"),
        ("[1]", "holds 1, which penguins@1 does not know"),
        ("Gentoo\nGentoo", "holds 'Gentoo' 2 times"),
        ("", "Keep the best 1 to 1000"),
        ("[]", "Keep the best 1 to 1000"),
        ("[null]", "holds null, which is no label"),
        ("[0.0]", "holds 0.0, which is no label"),
        ('[["Gentoo"]]', 'holds ["Gentoo"], which is no label'),
        ("[Gentoo]", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_no_model_could_answer_from_is_refused(text: str, told: str) -> None:
    with pytest.raises(ListRefused) as refusal:
        plan(TOP, text, PENGUINS, NOW)
    assert told in str(refusal.value)


def test_many_unknown_labels_are_told_in_one_short_line() -> None:
    with pytest.raises(ListRefused) as refusal:
        plan(TOP, "\n".join(str(n) * 500 for n in range(1, 100)), PENGUINS, NOW)
    assert "and 89 more" in str(refusal.value)
    assert len(str(refusal.value)) < 1200


def test_a_list_for_a_regression_is_refused() -> None:
    with pytest.raises(ListRefused, match="scaled@1 is a regression"):
        plan(ListName("scaled", "top"), "1", make_manifest(b""), NOW)


def test_before_a_model_is_published_its_list_is_taken_as_it_is_and_that_is_said() -> None:
    planned = plan(TOP, "Gentoo\n7", None, NOW)
    assert planned.content.items == ("Gentoo", "7")
    assert planned.notes == (
        "No version of penguins is published yet: its labels were not checked.",
    )


@pytest.mark.parametrize("count", [1001, 1000])
def test_a_list_that_serving_would_not_read_is_refused(count: int) -> None:
    text = "\n".join(f"{n}{'é' * 190}" for n in range(count))
    with pytest.raises(ListRefused, match=f"larger than {LARGEST_LIST}|at most 1000"):
        plan(TOP, text, None, NOW)


def test_a_list_that_no_fallback_reads_is_written_and_said() -> None:
    planned = plan(ListName("penguins", "topp"), "Gentoo", PENGUINS, NOW)
    assert planned.notes == ("penguins@1 has no fallback that answers from 'topp'.",)
    assert link_of(TOP, PENGUINS) == Popular(list="top", max_age=60)
    assert link_of(TOP, None) is None


@pytest.mark.parametrize(
    ("model", "name"), [("Penguins", "top"), ("penguins", "../top"), ("a/b", "top"), ("a", "")]
)
def test_a_name_that_would_lead_elsewhere_in_the_bucket_is_refused(model: str, name: str) -> None:
    with pytest.raises(ListRefused, match="is no name"):
        ListName(model, name)


def test_a_list_is_written_over_and_read_back(bucket: Bucket) -> None:
    for text, at in (("Gentoo", NOW), ("Adelie\nGentoo", NOW + timedelta(hours=1))):
        planned = plan(TOP, text, PENGUINS, at)
        apply(bucket, planned)
        assert read(bucket, TOP) == planned.content


def test_it_is_encrypted_and_checked_like_every_other_object(bucket: Bucket) -> None:
    planned = plan(TOP, "Gentoo", PENGUINS, NOW)
    sent: list[dict[str, Any]] = []
    bucket.s3.meta.events.register_first(
        "provide-client-params.s3.PutObject", lambda params, **_: sent.append(params)
    )
    apply(bucket, planned)
    (request,) = sent
    assert (request["ServerSideEncryption"], request["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)
    assert request["ChecksumSHA256"] == checksum(planned.data)
    assert "IfNoneMatch" not in request


def test_a_missing_and_a_damaged_list_name_the_command_that_writes_it(bucket: Bucket) -> None:
    with pytest.raises(ListRefused, match="lambent popular penguins top FILE"):
        read(bucket, TOP)
    bucket.replace(TOP.key, b"{}")
    with pytest.raises(ArtifactError, match="lambent popular"):
        read(bucket, TOP)


def test_a_writer_without_the_right_is_told_which(bucket: Bucket) -> None:
    inject(bucket, "PutObject", s3_error(403, "AccessDenied"))
    with pytest.raises(RegistryDenied, match="PutObject"):
        apply(bucket, plan(TOP, "Gentoo", PENGUINS, NOW))
