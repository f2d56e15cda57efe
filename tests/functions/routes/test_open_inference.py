"""The Open Inference Protocol V2, asked by tritonclient over HTTP and by raw events."""

import json
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
import uvicorn
from tritonclient.utils import InferenceServerException

from model_store.artifact.facts import FeatureSummary, OutputNames
from model_store.fallbacks.records import Constant
from model_store.policy import Policy
from model_store.uncertainty.novelty import Novelty
from tests.functions.conftest import Deployment, Function, publish, rest_event
from tests.functions.models import classifier, contract, regression

INFER = "/v2/models/penguins/infer"


@contextmanager
def triton_of(deployment: Deployment) -> Iterator[triton.InferenceServerClient]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(deployment.app(), lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with triton.InferenceServerClient(f"127.0.0.1:{listening.getsockname()[1]}") as found:
            yield found
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(deployment: Deployment) -> Iterator[triton.InferenceServerClient]:
    with triton_of(deployment) as found:
        yield found


def tensor(name: str, values: list[Any], datatype: str, binary: bool = False) -> Any:
    array = np.array(values, dtype=object if datatype == "BYTES" else None)
    found = triton.InferInput(name, [len(values)], datatype)
    found.set_data_from_numpy(
        array.astype(np.float64) if datatype == "FP64" else array, binary_data=binary
    )
    return found


def penguins(binary: bool = False) -> list[Any]:
    return [
        tensor("island", ["Biscoe", "Dream"], "BYTES", binary),
        tensor("flipper_length_mm", [211, 190], "FP64", binary),
    ]


def test_tritonclient_finds_server_and_model(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("penguins")
    assert client.is_model_ready("penguins", "1")
    assert not client.is_model_ready("walruses")
    assert client.get_server_metadata()["name"] == "lambent"
    metadata = client.get_model_metadata("penguins")
    assert metadata["versions"] == ["1"]
    assert {t["name"]: t["datatype"] for t in metadata["inputs"]} == {
        "island": "BYTES",
        "bill_length_mm": "FP64",
        "flipper_length_mm": "FP64",
        "sex": "BYTES",
    }
    assert {t["name"]: t["datatype"] for t in metadata["outputs"]} == {
        "value": "BYTES",
        "decision": "BYTES",
        "confidence": "FP64",
        "reason": "BYTES",
        "needs_review": "BOOL",
    }


def test_tritonclient_predicts(client: triton.InferenceServerClient) -> None:
    wanted = [
        triton.InferRequestedOutput(name, binary_data=False)
        for name in ("value", "confidence", "decision")
    ]
    result = client.infer("penguins", penguins(), outputs=wanted, request_id="mine")
    assert result.as_numpy("value").tolist() == ["Gentoo", "Gentoo"]
    assert result.as_numpy("confidence").tolist() == [0.7, 0.7]
    assert result.as_numpy("decision").tolist() == ["model", "model"]
    response = result.get_response()
    assert response["id"] == "mine"
    assert (response["model_name"], response["model_version"]) == ("penguins", "1")


def test_tritonclient_that_names_no_outputs_gets_all_of_them_as_json(
    client: triton.InferenceServerClient,
) -> None:
    """It asks for binary outputs then, and reads JSON as well."""
    result = client.infer("penguins", penguins(), model_version="1")
    assert result.as_numpy("value").tolist() == ["Gentoo", "Gentoo"]
    assert result.as_numpy("reason").tolist() == ["", ""]


def test_tritonclient_is_told_to_leave_out_the_binary_extension(
    client: triton.InferenceServerClient,
) -> None:
    with pytest.raises(InferenceServerException, match="binary_data=False") as refused:
        client.infer("penguins", penguins(binary=True))
    assert refused.value.status() == "400"


def test_tritonclient_can_read_every_error(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="serves penguins@1"):
        client.infer("walruses", penguins())
    with pytest.raises(InferenceServerException, match="does not fit the contract"):
        client.infer("penguins", penguins()[:1])


def body(**changes: Any) -> dict[str, Any]:
    inputs = {
        "island": {"datatype": "BYTES", "shape": [2], "data": ["Biscoe", "Dream"]},
        "flipper_length_mm": {"datatype": "FP32", "shape": [2, 1], "data": [[211], [190.5]]},
    }
    inputs = {**inputs, **changes}
    return {"inputs": [{"name": n, **t} for n, t in inputs.items() if t is not None]}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"flipper_length_mm": {"datatype": "INT64", "shape": [2], "data": [211, 190]}},
        {"flipper_length_mm": {"datatype": "FP64", "shape": [2, 1], "data": [211, 190]}},
        {"sex": {"datatype": "BYTES", "shape": [2], "data": [None, "male"]}},
    ],
)
def test_tensors_of_one_column_are_read(function: Function, change: dict) -> None:
    answer = function.post(INFER, body(**change))
    assert answer.status == 200, answer.text
    assert [output["shape"] for output in answer.body["outputs"]] == [[2]] * 5


@pytest.mark.parametrize(
    "change",
    [
        {"flipper_length_mm": {"datatype": "FP32", "shape": [3], "data": [1, 2, 3]}},
        {"flipper_length_mm": {"datatype": "FP32", "shape": [2], "data": [1]}},
        {"flipper_length_mm": {"datatype": "FP32", "shape": [1, 2], "data": [1, 2]}},
        {"flipper_length_mm": {"datatype": "BYTES", "shape": [2], "data": ["a", "b"]}},
        {"island": {"datatype": "FP64", "shape": [2], "data": [1, 2]}},
        {"island": {"datatype": "BYTES", "shape": [2]}},
        {"island": {"datatype": "BYTES", "shape": "2", "data": []}},
        {"island": None, "flipper_length_mm": None},
        {
            "island": {"datatype": "BYTES", "shape": [0], "data": []},
            "flipper_length_mm": {"datatype": "FP32", "shape": [0], "data": []},
        },
    ],
)
def test_tensors_that_break_the_protocol_are_a_400(function: Function, change: dict) -> None:
    answer = function.post(INFER, body(**change))
    assert answer.status == 400, answer.text
    assert answer.body["type"] == "urn:lambent:problem:invalid-tensors"
    assert answer.body["error"]


def test_a_tensor_named_twice_is_a_400(function: Function) -> None:
    document = body()
    document["inputs"] *= 2
    assert function.post(INFER, document).status == 400


def test_an_unknown_output_is_a_400_that_names_the_known_ones(function: Function) -> None:
    answer = function.post(INFER, body() | {"outputs": [{"name": "logits"}]})
    assert answer.status == 400
    assert "confidence" in answer.body["detail"]


def test_fault_row_16_what_breaks_the_contract_is_a_422_that_names_the_feature(
    function: Function,
) -> None:
    extra = {"datatype": "BYTES", "shape": [2], "data": ["a", "b"]}
    answer = function.post(INFER, body(island=extra | {"data": ["Atlantis", "Dream"]}, wings=extra))
    assert answer.status == 422
    assert {error["pointer"]: error["code"] for error in answer.body["errors"]} == {
        "/inputs/0/data/0": "unseen_category",
        "/inputs/2": "unknown_field",
    }
    assert "Atlantis" not in answer.text


def test_fault_row_16_a_tensor_that_is_missing_is_missed_once_by_name(function: Function) -> None:
    answer = function.post(INFER, body(island=None))
    assert answer.status == 422
    (error,) = answer.body["errors"]
    assert (error["pointer"], error["message"]) == ("/inputs", "island is required")


def test_fault_row_17_infinity_in_a_tensor_is_a_422(function: Function) -> None:
    text = json.dumps(body()).replace("190.5", "1e999")
    answer = function.post(INFER, text)
    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] == "/inputs/1/data/1"


def test_fault_row_21_too_many_rows_are_a_413(function: Function) -> None:
    rows = 1001
    answer = function.post(
        INFER,
        body(
            island={"datatype": "BYTES", "shape": [rows], "data": ["Dream"] * rows},
            flipper_length_mm={"datatype": "FP64", "shape": [rows], "data": [200] * rows},
        ),
    )
    assert answer.status == 413


def test_a_binary_body_is_refused_with_the_way_out(function: Function) -> None:
    event = rest_event("POST", INFER, "AAAA", {"Content-Type": "application/octet-stream"})
    event["isBase64Encoded"] = True
    answer = function.send(event)
    assert answer.status == 400
    assert "binary_data=False" in answer.body["error"]


def test_fallbacks_are_visible_as_tensors(deployment: Deployment) -> None:
    deployment.published = publish(contract=contract(island="fallback"))
    deployment.published.put(deployment.s3)
    island = {"datatype": "BYTES", "shape": [2], "data": ["Atlantis", "Dream"]}
    answer = deployment.function().post(INFER, body(island=island))
    outputs = {output["name"]: output["data"] for output in answer.body["outputs"]}
    assert outputs == {
        "value": ["Adelie", "Gentoo"],
        "decision": ["fallback", "model"],
        "confidence": [None, 0.7],
        "reason": ["unseen_category", ""],
        "needs_review": [False, False],
    }


NOVEL = {
    "policy": Policy(novel="abstain"),
    "novelty": Novelty(score=None, false_alarms=0.01),
    "baseline": {
        "flipper_length_mm": FeatureSummary(
            count=300, missing=0, quantiles={"0.01": 170, "0.99": 230}
        )
    },
}
ODD = {"flipper_length_mm": {"datatype": "FP64", "shape": [2], "data": [299, 190]}}
REGRESSION = {
    "model": regression(),
    "task": "regression",
    "labels": (),
    "outputs": OutputNames(value="value"),
    "fallbacks": (Constant(value=200),),
    "golden": (),
}


def odd_penguins() -> list[Any]:
    return [penguins()[0], tensor("flipper_length_mm", [299, 190], "FP64")]


def test_tritonclient_reads_an_abstention_as_an_empty_text_without_a_confidence(
    deployment: Deployment,
) -> None:
    deployment.deploy(**NOVEL)
    with triton_of(deployment) as client:
        result = client.infer("penguins", odd_penguins())
    assert result.as_numpy("value").tolist() == ["", "Gentoo"]
    assert result.as_numpy("decision").tolist() == ["abstain", "model"]
    assert result.as_numpy("reason").tolist() == ["novel", ""]
    assert result.as_numpy("needs_review").tolist() == [True, False]
    none, some = result.as_numpy("confidence").tolist()
    assert (math.isnan(none), some) == (True, 0.7)


def test_tritonclient_reads_an_abstention_of_a_regression_as_no_number(
    deployment: Deployment,
) -> None:
    deployment.deploy(**REGRESSION, **NOVEL)
    with triton_of(deployment) as client:
        result = client.infer("penguins", odd_penguins())
        metadata = client.get_model_metadata("penguins")
    assert metadata["outputs"][0]["datatype"] == "FP64"
    none, some = result.as_numpy("value").tolist()
    assert (math.isnan(none), some) == (True, 190.0)
    assert [math.isnan(number) for number in result.as_numpy("confidence")] == [True, True]


@pytest.mark.parametrize(("labels", "datatype"), [((0, 1), "INT64"), ((False, True), "BOOL")])
def test_a_tensor_that_cannot_say_that_there_is_no_answer_is_refused_with_the_way_out(
    deployment: Deployment, labels: tuple, datatype: str
) -> None:
    """numpy, and so tritonclient, makes an error of null as INT64, and False of it as BOOL."""
    deployment.deploy(
        classifier((0.3, 0.7)),
        task="binary",
        labels=labels,
        outputs=OutputNames(probabilities="probabilities"),
        fallbacks=(Constant(value=labels[0]),),
        golden=(),
        **NOVEL,
    )
    function = deployment.function()
    answer = function.post(INFER, body(**ODD))
    assert answer.status == 422
    assert answer.body["type"] == "urn:lambent:problem:no-tensor-for-answer"
    assert datatype in answer.body["error"]
    assert "/openapi.json" in answer.body["error"]
    named = [{"name": "decision"}, {"name": "reason"}]
    outputs = function.post(INFER, body(**ODD) | {"outputs": named}).body["outputs"]
    assert [output["data"] for output in outputs] == [["abstain", "model"], ["novel", ""]]
    answered = function.post(INFER, body()).body["outputs"][0]
    assert (answered["datatype"], answered["data"]) == (datatype, [labels[1]] * 2)


def test_a_whole_number_of_a_fallback_does_not_change_the_type_of_a_regression(
    deployment: Deployment,
) -> None:
    deployment.deploy(**REGRESSION, contract=contract(island="fallback"))
    island = {"datatype": "BYTES", "shape": [2], "data": ["Atlantis", "Atlantis"]}
    value = deployment.function().post(INFER, body(island=island)).body["outputs"][0]
    assert (value["datatype"], value["data"]) == ("FP64", [200, 200])


def test_a_model_that_is_switched_off_answers_by_its_fallbacks_and_is_not_ready(
    deployment: Deployment,
) -> None:
    function = deployment.function(LAMBENT_FALLBACK_ONLY="on")
    outputs = {o["name"]: o["data"] for o in function.post(INFER, body()).body["outputs"]}
    assert outputs["reason"] == ["switched_off"] * 2
    assert outputs["value"] == ["Adelie"] * 2
    for path in ("/v2/health/ready", "/v2/models/penguins/ready", "/v2/models/penguins"):
        assert "switched it off" in function.get(path).body["error"]
    assert deployment.s3.requests == []


def test_without_the_model_the_protocol_says_not_ready_and_the_fallback_answers(
    deployment: Deployment,
) -> None:
    deployment.s3.objects.clear()
    function = deployment.function()
    for path in ("/v2/health/ready", "/v2/models/penguins/ready", "/v2/models/penguins"):
        answer = function.get(path)
        assert answer.status == 503
        assert answer.body["error"]
    assert function.get("/v2/health/live").status == 200
    outputs = function.post(INFER, body()).body["outputs"]
    assert next(o["data"] for o in outputs if o["name"] == "decision") == ["fallback"] * 2
