"""`lambent popular`: a list is refreshed without a deploy, or shown."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.aws import Aws
from infra.release.stack.platform import artifact_bucket, require_platform
from model_store.artifact.facts import OutputNames
from model_store.artifact.layout import manifest_key
from model_store.fallbacks.records import Constant, Popular
from model_store.history import table
from model_store.registry.bucket import Bucket

from ..release.conftest import StrictLambda, lambda_version, manifest
from .conftest import Lambent

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
KEY = "lists/birds/top.json"
Publish = Callable[..., None]


@pytest.fixture
def bucket(aws: Aws) -> Bucket:
    return artifact_bucket(aws, require_platform(aws))


@pytest.fixture
def publish(bucket: Bucket) -> Publish:
    def publish(version: str, *labels: str) -> None:
        made = manifest(
            version,
            name="birds",
            task="multiclass",
            outputs=OutputNames(label="l"),
            labels=labels,
            fallbacks=(Popular(list="top", max_age=3600), Constant(value=labels[0])),
        )
        bucket.create(manifest_key(made.reference), made.to_bytes())

    return publish


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    def later(by: timedelta) -> None:
        monkeypatch.setattr(table, "utc_now", lambda: NOW + by)

    later(timedelta(0))
    return later


def test_a_list_is_planned_then_written_then_written_over(
    lambent: Lambent, publish: Publish, bucket: Bucket, tmp_path: Path
) -> None:
    publish("1", "robin", "wren", "tit")
    file = tmp_path / "birds.txt"
    file.write_text("wren\ntit\n")
    planned = lambent("popular", "birds", "top", str(file), "--dry-run", "--json").json
    assert (planned["outcome"], planned["key"], bucket.read(KEY)) == ("planned", KEY, None)
    told = lambent("popular", "birds", "top", str(file))
    assert "written, 2 items, the first 'wren'" in told.out
    assert told.err == ""
    written = lambent("popular", "birds", "top", "-", "--json", typed='["robin"]').json
    assert (written["outcome"], written["items"]) == ("written", ["robin"])
    assert json.loads(bucket.read(KEY) or b"") == {
        "updated": "2030-01-01T12:00:00Z",
        "items": ["robin"],
    }


def test_the_present_list_is_shown_with_its_age(
    lambent: Lambent, publish: Publish, clock: Callable[[timedelta], None]
) -> None:
    publish("1", "robin", "wren", "tit")
    lambent("popular", "birds", "top", "-", typed="wren\ntit")
    clock(timedelta(minutes=59))
    shown = lambent("popular", "birds", "top").out
    assert "0:59:00 ago" in shown
    assert "1.  " in shown
    assert "not answered from" not in shown
    clock(timedelta(hours=2))
    assert "not answered from: older than 1:00:00" in lambent("popular", "birds", "top").out
    document = lambent("popular", "birds", "top", "--json").json
    assert document["age_seconds"] == 7200
    assert (document["max_age_seconds"], document["fresh"]) == (3600, False)
    assert document["items"] == ["wren", "tit"]


def test_a_list_that_is_not_there_is_said(lambent: Lambent, publish: Publish) -> None:
    publish("1", "robin", "wren", "tit")
    answer = lambent("popular", "birds", "top")
    assert answer.code == 1
    assert "Write it: lambent popular birds top FILE" in answer.err


def test_unknown_labels_are_refused_with_a_suggestion_and_nothing_is_written(
    lambent: Lambent, publish: Publish, bucket: Bucket
) -> None:
    publish("1", "robin", "wren", "tit")
    answer = lambent("popular", "birds", "top", "-", typed="wren\nrobbin")
    assert (answer.code, bucket.read(KEY)) == (1, None)
    assert "'robbin', which birds@1 does not know. Perhaps 'robin' is meant" in answer.err


def test_labels_are_those_of_the_version_that_is_live_else_of_the_newest(
    lambent: Lambent, publish: Publish, aws: Aws
) -> None:
    publish("1", "robin", "wren", "tit")
    publish("2", "robin", "wren", "kite")
    assert lambent("popular", "birds", "top", "-", typed="kite").code == 0
    aws.__dict__["lambda_"] = StrictLambda([lambda_version(1, "1")], "1")
    assert "birds@1 does not know" in lambent("popular", "birds", "top", "-", typed="kite").err


def test_a_list_may_be_there_before_its_model(lambent: Lambent, bucket: Bucket) -> None:
    answer = lambent("popular", "birds", "top", "-", "--json", typed="wren")
    assert answer.json["outcome"] == "written"
    assert "No version of birds is published yet" in answer.err
    assert bucket.read(KEY) is not None


def test_a_list_that_nothing_reads_is_said(lambent: Lambent, publish: Publish) -> None:
    publish("1", "robin", "wren", "tit")
    answer = lambent("popular", "birds", "tops", "-", typed="wren")
    assert answer.code == 0
    assert "birds@1 has no fallback that answers from 'tops'" in answer.err


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_said(
    lambent: Lambent, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "birds.txt"
    if content is not None:
        file.write_bytes(content)
    answer: Any = lambent("popular", "birds", "top", str(file))
    assert answer.code == 1
    assert "cannot be read" in answer.err


def test_a_name_that_is_none_is_refused(lambent: Lambent) -> None:
    assert "is no name" in lambent("popular", "birds", "../models/birds/1/manifest").err
