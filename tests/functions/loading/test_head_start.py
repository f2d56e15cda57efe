"""What is read while modules are imported is what the loader would have read (see also
test_load_faults, which runs every fault both ways)."""

from dataclasses import replace
from typing import Any

import pytest

from functions.inference.loading.head_start import HeadStart, head_start
from functions.inference.loading.s3 import Deadline
from functions.inference.settings import Limits
from model_store.session import open_session
from tests.functions.conftest import PENGUIN, Deployment, only


@pytest.fixture
def ahead(deployment: Deployment) -> Deployment:
    return replace(deployment, reads_ahead=True)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The models of all sessions that are opened."""
    import onnxruntime

    models: list[bytes] = []

    class Session(onnxruntime.InferenceSession):
        def __init__(self, model: bytes, *args: Any, **kwargs: Any) -> None:
            models.append(model)
            super().__init__(model, *args, **kwargs)

    monkeypatch.setattr("onnxruntime.InferenceSession", Session)
    return models


def begun(deployment: Deployment) -> HeadStart:
    found = head_start(deployment.environment(), deployment.cache)
    assert found is not None
    return found


def test_each_object_is_read_once_and_one_session_is_opened(
    ahead: Deployment, opened: list[bytes]
) -> None:
    function = ahead.function()
    assert only(function.predict(PENGUIN))["decision"] == "model"
    assert ahead.s3.requests == [ahead.published.manifest_key, ahead.published.blob_key]
    assert opened == [ahead.published.model]


def test_a_restarted_environment_reads_its_cache_and_not_the_bucket(
    ahead: Deployment, opened: list[bytes]
) -> None:
    ahead.function()
    ahead.s3.requests.clear()
    assert only(ahead.function().predict(PENGUIN))["decision"] == "model"
    assert ahead.s3.requests == []
    assert len(opened) == 2


def test_nothing_is_read_for_a_model_that_is_switched_off(deployment: Deployment) -> None:
    off = deployment.environment() | {"LAMBENT_FALLBACK_ONLY": "on"}
    assert head_start(off, deployment.cache) is None
    assert deployment.s3.requests == []


def test_the_session_is_of_the_bytes_that_were_read_and_is_given_once(
    deployment: Deployment,
) -> None:
    """Equal bytes are not enough: the loader verifies those that it was given."""
    for same, expected in ((False, False), (True, True)):
        started = begun(deployment)
        started.open_with(open_session)
        read = started.get(deployment.published.blob_key, 10**6, Deadline.after(5))
        given = started.session_of(read if same else bytes(bytearray(read)))
        assert (given is not None) == expected
        assert started.session_of(read) is None


def test_without_the_runtime_no_session_is_opened(
    deployment: Deployment, opened: list[bytes]
) -> None:
    started = begun(deployment)
    read = started.get(deployment.published.blob_key, 10**6, Deadline.after(5))
    assert read == deployment.published.model
    assert (started.session_of(read), opened) == (None, [])


@pytest.mark.parametrize("which", ["manifest_key", "blob_key"])
def test_fault_row_5_no_session_is_opened_of_other_bytes(
    deployment: Deployment, opened: list[bytes], which: str
) -> None:
    key = getattr(deployment.published, which)
    deployment.s3.objects[key] = deployment.s3.objects[key][:-1] + b"!"
    started = begun(deployment)
    started.open_with(open_session)
    assert started.get(key, 10**6, Deadline.after(5)) == deployment.s3.objects[key]
    assert opened == []


def test_what_failed_fails_once_and_is_read_anew_after(deployment: Deployment) -> None:
    """As an attempt of the loader itself would."""
    key, kept = deployment.published.blob_key, dict(deployment.s3.objects)
    del deployment.s3.objects[key]
    deployment.reads_ahead = True
    function = deployment.function()
    assert only(function.predict(PENGUIN))["reason"] == "model_unavailable"
    assert deployment.s3.requests.count(key) == 1
    deployment.s3.objects.update(kept)
    deployment.clock.now += Limits().retry_load_after
    assert only(function.predict(PENGUIN))["decision"] == "model"


def test_a_session_that_is_refused_is_told_by_the_loader(
    ahead: Deployment, capsys: pytest.CaptureFixture
) -> None:
    ahead.deploy(b"not an onnx file")
    assert "model_not_loaded" in capsys.readouterr().out
