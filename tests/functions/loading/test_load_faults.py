"""S3 in every mood: what is answered, how often it is asked, and what the log names."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from functions.inference.settings import Limits
from model_store.artifact import standby
from model_store.artifact.standby import Standby
from model_store.canonical import sha256_hex
from tests.functions.conftest import Clock, Deployment, Function, logged, metrics, publish
from tests.functions.models import LAST, ON_DREAM, TOP, classifier
from tests.functions.s3_stand_in import drip, drip_headers, hang_up, refuse, truncate

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/0e1d"


@pytest.fixture(params=[False, True], ids=["", "ahead"])
def deployment(deployment: Deployment, request: pytest.FixtureRequest) -> Deployment:
    """What is read ahead, while modules are imported, must make no difference."""
    deployment.reads_ahead = request.param
    return deployment


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.inference.loading.s3.BACKOFF_SECONDS", 0.001)


def assert_falls_back(function: Function, penguin: dict, reason: str) -> None:
    answer = function.predict(penguin)
    assert answer.status == 200
    assert answer.body["predictions"] == [
        {
            "decision": "fallback",
            "value": "Adelie",
            "source": "constant",
            "reason": reason,
            "alternatives": [],
            "flags": [],
        }
    ]
    assert function.get("/health/live").status == 200
    assert function.get("/health/ready").status == 503


@contextmanager
def unreachable() -> Iterator[str]:
    """A listening socket whose backlog is full: connecting to it never finishes."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            assert client.connect_ex(("127.0.0.1", port)) in (0, errno.EINPROGRESS)
        yield f"http://127.0.0.1:{port}"
        for client in waiting:
            client.close()


@pytest.mark.parametrize("status", [500, 503])
def test_fault_row_1_a_failing_s3_is_asked_a_few_times_and_then_the_fallback_answers(
    deployment: Deployment, penguin: dict, status: int, capsys: pytest.CaptureFixture
) -> None:
    deployment.s3.misbehave(refuse(status, "SlowDown"), always=True)
    function = deployment.function()
    assert len(deployment.s3.requests) == 3
    assert_falls_back(function, penguin, "model_unavailable")
    counted = metrics(capsys.readouterr().out)
    assert (counted["Fallbacks"], counted["ModelLoadFailures"]) == (1, 1)


@pytest.mark.parametrize("fault", [refuse(503, "SlowDown"), hang_up])
def test_fault_row_1_a_passing_failure_is_not_noticed(
    deployment: Deployment, penguin: dict, fault
) -> None:
    deployment.s3.misbehave(fault, fault)
    assert deployment.function().predict(penguin).body["predictions"][0]["decision"] == "model"


def test_fault_row_2_an_s3_that_cannot_be_reached_leaves_the_fallback(
    deployment: Deployment,
    penguin: dict,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    """Every attempt ends by its own connect timeout, not by the deadline of the whole load."""
    monkeypatch.setattr("functions.inference.loading.s3.CONNECT_SECONDS", 0.05)
    with unreachable() as url:
        function = deployment.function(AWS_ENDPOINT_URL=url)
        assert_falls_back(function, penguin, "model_unavailable")
    (line,) = logged(capsys.readouterr().out, "model_not_loaded")
    assert (line["error"], "ConnectTimeoutError" in line["what"]) == ("StoreUnavailable", True)


@pytest.mark.parametrize("dripping", [drip, drip_headers])
def test_fault_row_3_one_deadline_bounds_a_dripping_answer(
    deployment: Deployment, penguin: dict, dripping, capsys: pytest.CaptureFixture
) -> None:
    """No read ever waits long, so only a deadline over all of them ends this."""
    deployment.limits = Limits(load_at_start=0.3)
    deployment.s3.misbehave(dripping, always=True)
    function = deployment.function()
    (line,) = logged(capsys.readouterr().out, "model_not_loaded")
    assert line["error"] == "LoadTimedOut"
    assert_falls_back(function, penguin, "model_unavailable")


def test_fault_row_4_a_truncated_body_is_read_once_more(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.s3.misbehave(truncate)
    assert deployment.function().predict(penguin).body["predictions"][0]["decision"] == "model"


def test_fault_row_4_a_body_truncated_twice_leaves_the_fallback(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.s3.misbehave(truncate, always=True)
    function = deployment.function()
    assert len(deployment.s3.requests) == 2
    assert_falls_back(function, penguin, "model_unavailable")


def flipped(data: bytes) -> bytes:
    return data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]


@pytest.mark.parametrize("which", ["manifest_key", "blob_key"])
def test_fault_row_5_one_flipped_bit_is_never_loaded_and_raises_the_alarm(
    deployment: Deployment,
    penguin: dict,
    which: str,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("onnxruntime.InferenceSession", None)  # no session may be created
    key = getattr(deployment.published, which)
    deployment.s3.objects[key] = flipped(deployment.s3.objects[key])
    function = deployment.function()
    assert_falls_back(function, penguin, "model_corrupt")
    output = capsys.readouterr().out
    assert metrics(output)["ArtifactCorrupt"] == 1
    assert key in logged(output, "model_not_loaded")[0]["where"]


def test_fault_row_6_threat_ml06_another_valid_model_under_the_same_key_is_never_loaded(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    other = publish(classifier(probabilities=(0.9, 0.05, 0.05)))
    deployment.s3.objects[deployment.published.blob_key] = other.model
    deployment.s3.objects[deployment.published.manifest_key] = other.manifest.to_bytes()
    assert_falls_back(deployment.function(), penguin, "model_corrupt")
    assert metrics(capsys.readouterr().out)["ArtifactCorrupt"] == 1


def test_threat_ml06_an_object_larger_than_its_manifest_says_is_not_read_to_its_end(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.s3.objects[deployment.published.blob_key] += b"x" * 10_000_000
    assert_falls_back(deployment.function(), penguin, "model_corrupt")


@pytest.mark.parametrize("which", ["manifest_key", "blob_key"])
def test_fault_row_7_a_missing_object_is_named_in_the_log_and_not_to_callers(
    deployment: Deployment, penguin: dict, which: str, capsys: pytest.CaptureFixture
) -> None:
    key = getattr(deployment.published, which)
    del deployment.s3.objects[key]
    function = deployment.function()
    assert_falls_back(function, penguin, "model_unavailable")
    assert logged(capsys.readouterr().out, "model_not_loaded")[0]["where"].endswith(key)
    ready = function.get("/health/ready")
    assert "not in the model store" in ready.body["detail"]
    assert key not in ready.text


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("Access Denied", "s3:GetObject"),
        (
            "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: "
            "s3:GetObjectVersion on resource: arn:aws:s3:::artifacts/x",
            "s3:GetObjectVersion",
        ),
    ],
)
def test_fault_row_8_a_403_is_not_tried_again_and_names_the_missing_action(
    deployment: Deployment,
    penguin: dict,
    message: str,
    action: str,
    capsys: pytest.CaptureFixture,
) -> None:
    deployment.s3.misbehave(refuse(403, "AccessDenied", message), always=True)
    function = deployment.function()
    assert len(deployment.s3.requests) == 1
    assert_falls_back(function, penguin, "model_unavailable")
    assert action in logged(capsys.readouterr().out, "model_not_loaded")[0]["what"]


@pytest.mark.parametrize(
    "fault",
    [
        refuse(400, "KMS.DisabledException", f"{KEY_ARN} is disabled."),
        refuse(
            403,
            "AccessDenied",
            "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: kms:Decrypt "
            f"on resource: {KEY_ARN} because no identity-based policy allows it",
        ),
    ],
    ids=["disabled", "denied"],
)
def test_fault_row_9_an_unusable_kms_key_is_named(
    deployment: Deployment, penguin: dict, fault, capsys: pytest.CaptureFixture
) -> None:
    deployment.s3.misbehave(fault, always=True)
    function = deployment.function()
    assert len(deployment.s3.requests) == 1
    assert_falls_back(function, penguin, "model_unavailable")
    (line,) = logged(capsys.readouterr().out, "model_not_loaded")
    assert KEY_ARN in line["what"]
    assert "kms:Decrypt" in line["next_step"]


@pytest.mark.parametrize(
    ("row", "manifest", "word"),
    [
        (10, b"not json", "not JSON"),
        (10, b'{"schema_version": 1}', "name"),
        (11, b'{"schema_version": 2}', "schema version 2"),
    ],
)
def test_fault_rows_10_and_11_a_pinned_manifest_that_cannot_be_read_is_refused(
    deployment: Deployment,
    penguin: dict,
    row: int,
    manifest: bytes,
    word: str,
    capsys: pytest.CaptureFixture,
) -> None:
    """Nothing can answer then but what was deployed with it: here nothing was."""
    deployment.s3.objects[deployment.published.manifest_key] = manifest
    function = deployment.function(LAMBENT_DIGEST=sha256_hex(manifest), LAMBENT_STANDBY="")
    assert function.predict(penguin).status == 503
    assert word in logged(capsys.readouterr().out, "model_not_loaded")[0]["what"]
    deployment.clock.now += 1000
    asked = len(deployment.s3.requests)
    function.predict(penguin)
    assert len(deployment.s3.requests) == asked, "the same bytes were read again in vain"


def test_fault_row_14_a_full_tmp_does_not_matter(
    deployment: Deployment,
    penguin: dict,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert deployment.function().predict(penguin).body["predictions"][0]["decision"] == "model"
    assert logged(capsys.readouterr().out, "cache_not_written")


def test_a_restarted_runtime_finds_the_artifact_without_s3(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.function()
    deployment.s3.objects.clear()
    assert deployment.function().predict(penguin).body["predictions"][0]["decision"] == "model"


def test_fault_row_15_an_altered_cache_is_noticed_and_read_anew(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    deployment.function()
    for cached in deployment.cache.iterdir():
        cached.write_bytes(flipped(cached.read_bytes()))
    asked = len(deployment.s3.requests)
    assert deployment.function().predict(penguin).body["predictions"][0]["decision"] == "model"
    assert len(deployment.s3.requests) == asked + 2
    assert len(logged(capsys.readouterr().out, "cache_altered")) == 2


def test_loading_is_tried_again_after_a_while_and_only_then(
    deployment: Deployment, penguin: dict, clock: Clock
) -> None:
    deployment.s3.misbehave(refuse(503, "SlowDown"), always=True)
    function = deployment.function()
    function.predict(penguin)
    assert len(deployment.s3.requests) == 3
    clock.now += Limits().retry_load_after
    function.predict(penguin)
    assert len(deployment.s3.requests) == 6
    deployment.s3.recover()
    assert function.predict(penguin).body["predictions"][0]["decision"] == "fallback"
    clock.now += Limits().retry_load_after
    assert function.predict(penguin).body["predictions"][0]["decision"] == "model"
    assert function.get("/health/ready").status == 200


def test_a_request_without_time_does_not_spend_it_on_loading(
    deployment: Deployment, penguin: dict, clock: Clock
) -> None:
    deployment.s3.misbehave(refuse(503, "SlowDown"), always=True)
    function = deployment.function()
    asked = len(deployment.s3.requests)
    clock.now += 1000
    function.context.remaining_ms = 400
    function.predict(penguin)
    assert len(deployment.s3.requests) == asked


def test_a_bug_in_loading_does_not_keep_the_function_from_starting(
    deployment: Deployment,
    penguin: dict,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    def bug(data: bytes) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr("functions.inference.loading.artifact_loader.Manifest.parse", bug)
    assert_falls_back(deployment.function(), penguin, "model_unavailable")
    assert "ZeroDivisionError" in logged(capsys.readouterr().out, "model_not_loaded")[0]["what"]


def test_while_there_is_no_model_the_contract_still_judges(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.s3.objects.clear()
    function = deployment.function()
    assert function.predict(penguin | {"island": 3}).status == 422
    assert function.predict({}).status == 422
    assert function.get("/v1/model").status == 503


def test_a_standby_without_a_contract_answers_any_objects(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.s3.objects.clear()
    bare = Standby(
        name="penguins",
        version="1",
        digest=deployment.published.digest,
        fallbacks=deployment.published.manifest.fallbacks,
    )
    function = deployment.function(LAMBENT_STANDBY=standby._encode(bare))
    answer = function.predict({"anything": 1}, penguin)
    assert [p["decision"] for p in answer.body["predictions"]] == ["fallback"] * 2
    assert answer.body["model"]["contract"] is None
    assert answer.headers["lambent-contract"] == "unknown"
    assert function.predict(1).status == 422
    assert function.get("/openapi.json").status == 200


@pytest.mark.parametrize("text", ["garbage", "", "other"])
def test_fault_row_31_without_model_and_fallback_there_is_a_503_that_says_when_to_retry(
    deployment: Deployment, penguin: dict, text: str
) -> None:
    deployment.s3.objects.clear()
    if text == "other":
        other = publish(version="9")
        text = standby.pack(other.manifest, other.digest)
    answer = deployment.function(LAMBENT_STANDBY=text).predict(penguin)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["type"] == "urn:lambent:problem:no-answer"


CHAIN = (ON_DREAM, TOP, LAST)


def sources(function: Function, penguin: dict) -> list[tuple[str, str]]:
    """Who answers for a penguin on Dream, whom a rule knows, and for one elsewhere."""
    answer = function.predict(penguin | {"island": "Dream"}, penguin)
    assert answer.status == 200, answer.text
    assert {p["decision"] for p in answer.body["predictions"]} == {"fallback"}
    return [(p["source"], p["value"]) for p in answer.body["predictions"]]


@pytest.fixture
def chained(deployment: Deployment) -> Deployment:
    """Nothing is left in the cache, as in a new environment; the list is in S3."""
    deployment.published = publish(fallbacks=CHAIN)
    deployment.published.put(deployment.s3)
    deployment.write_list("Gentoo", "Adelie")
    deployment.limits = Limits(load_at_start=0.3)
    return deployment


@pytest.mark.parametrize(
    "fault",
    [
        refuse(503, "SlowDown"),
        drip,
        drip_headers,
        truncate,
        refuse(403, "AccessDenied"),
        refuse(400, "KMS.DisabledException", f"{KEY_ARN} is disabled."),
    ],
    ids=["row 1", "row 3 body", "row 3 headers", "row 4", "row 8", "row 9"],
)
def test_fault_rows_1_and_3_and_4_and_8_and_9_with_all_of_s3_gone_the_chain_goes_on_past_the_list(
    chained: Deployment, penguin: dict, fault
) -> None:
    chained.s3.misbehave(fault, always=True)
    expected = [("rules", "Chinstrap"), ("constant", "Adelie")]
    assert sources(chained.function(), penguin) == expected


def test_fault_row_2_with_s3_out_of_reach_the_chain_goes_on_past_the_list(
    chained: Deployment, penguin: dict
) -> None:
    with unreachable() as url:
        found = sources(chained.function(AWS_ENDPOINT_URL=url), penguin)
    assert found == [("rules", "Chinstrap"), ("constant", "Adelie")]


@pytest.mark.parametrize("row", [5, 6, 7])
def test_fault_rows_5_to_7_with_the_model_gone_from_s3_the_list_still_answers(
    chained: Deployment, penguin: dict, row: int
) -> None:
    key = chained.published.blob_key
    if row == 5:
        chained.s3.objects[key] = flipped(chained.s3.objects[key])
    elif row == 6:
        chained.s3.objects[key] = classifier(probabilities=(0.9, 0.05, 0.05))
    else:
        del chained.s3.objects[key]
    expected = [("rules", "Chinstrap"), ("popular", "Gentoo")]
    assert sources(chained.function(), penguin) == expected


def test_rules_need_the_contract_and_are_passed_over_without_it(
    chained: Deployment, penguin: dict
) -> None:
    """The standby had no room for it: rows are not checked, and their values not used."""
    for key in (chained.published.blob_key, chained.published.manifest_key):
        del chained.s3.objects[key]
    bare = Standby(
        name="penguins",
        version="1",
        digest=chained.published.digest,
        fallbacks=chained.published.manifest.fallbacks,
    )
    function = chained.function(LAMBENT_STANDBY=standby._encode(bare))
    assert sources(function, penguin) == [("popular", "Gentoo")] * 2


def test_fault_row_3_attempts_do_not_pile_up_while_one_hangs(
    chained: Deployment, penguin: dict, clock: Clock
) -> None:
    chained.s3.misbehave(drip_headers, always=True)
    function = chained.function()
    for _ in range(3):
        clock.now += 1000
        sources(function, penguin)
    assert len(chained.s3.requests) == 1
