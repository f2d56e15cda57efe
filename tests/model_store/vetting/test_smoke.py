"""One run in a process of its own shows what only shows while a graph runs."""

import os
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from model_store.vetting.errors import SmokeTestFailed
from model_store.vetting.graph import inspect_graph
from model_store.vetting.smoke import smoke_test
from tests.model_store.vetting.graphs import FLOAT, ONE, identity, onnx_model


def test_the_smoke_test_runs_the_runtime_that_serves() -> None:
    """Fault row 13: the tool and the Lambda bundle pin the same onnxruntime."""
    pins = Path(__file__).parents[3] / "requirements" / "lambda.txt"
    assert f"onnxruntime=={version('onnxruntime')} " in pins.read_text()


def memory_bomb() -> bytes:
    """65 bytes that ask for 64 GiB."""
    graph = helper.make_graph(
        [helper.make_node("ConstantOfShape", ["s"], ["y"])],
        "g",
        [],
        [helper.make_tensor_value_info("y", FLOAT, None)],
        initializer=[helper.make_tensor("s", TensorProto.INT64, [1], [2**34])],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def test_a_memory_bomb_dies_in_the_limited_process() -> None:
    """Fault row 28."""
    bomb = memory_bomb()
    assert len(bomb) < 80
    inspect_graph(bomb)  # nothing in it is declared too large
    with pytest.raises(SmokeTestFailed, match="needs more than 1024 MiB"):
        smoke_test(bomb, {})


def endless_loop() -> bytes:
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Identity", ["v"], ["w"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", FLOAT, None),
        ],
    )
    always = numpy_helper.from_array(np.array(True), "always")
    times = numpy_helper.from_array(np.array(2**62), "times")
    loop = helper.make_node("Loop", ["times", "always", "x"], ["y"], body=body)
    return onnx_model([loop], initializers=[always, times]).SerializeToString()


def test_a_graph_that_never_ends_is_stopped() -> None:
    """Threat "ONNX resource bombs"."""
    with pytest.raises(SmokeTestFailed, match="took more than 1 s"):
        smoke_test(endless_loop(), ONE, seconds=1)


def test_a_graph_that_the_runtime_refuses_fails_with_its_reason() -> None:
    node = helper.make_node("NoSuchOperator", ["x"], ["y"])
    with pytest.raises(SmokeTestFailed, match="NoSuchOperator"):
        smoke_test(onnx_model([node]).SerializeToString(), ONE)


def test_a_sound_graph_with_strings_survives() -> None:
    strings = onnx_model([helper.make_node("Identity", ["x"], ["y"])])
    for value in (strings.graph.input[0], strings.graph.output[0]):
        value.type.tensor_type.elem_type = TensorProto.STRING
    feeds = {"x": np.array([["Dream"], [""]], dtype=object)}
    smoke_test(strings.SerializeToString(), feeds)


def appetite(megabytes: int) -> bytes:
    """Fills that much memory with zeros."""
    shape = helper.make_tensor("s", TensorProto.INT64, [1], [megabytes * 2**18])
    graph = helper.make_graph(
        [helper.make_node("ConstantOfShape", ["s"], ["y"])],
        "g",
        [],
        [helper.make_tensor_value_info("y", FLOAT, None)],
        initializer=[shape],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def test_a_run_has_the_memory_that_it_is_given_and_no_more() -> None:
    """Fault row 28: on top of the loaded runtime, which takes hundreds of megabytes itself."""
    smoke_test(appetite(300), {}, memory_bytes=800 * 2**20)
    with pytest.raises(SmokeTestFailed, match="needs more than 100 MiB"):
        smoke_test(appetite(300), {}, memory_bytes=100 * 2**20)


def test_feeds_that_the_graph_does_not_take_fail_with_their_name() -> None:
    with pytest.raises(SmokeTestFailed, match="z"):
        smoke_test(identity(), {"z": ONE["x"]})


def test_it_runs_wherever_it_is_called_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no module of the folder is taken for one of ours."""
    (tmp_path / "json.py").write_text("raise SystemExit('mistaken for the standard library')")
    monkeypatch.chdir(tmp_path)
    smoke_test(identity(), ONE)
    assert os.listdir(tmp_path) == ["json.py"]  # noqa: PTH208 - names, as they are on disk
