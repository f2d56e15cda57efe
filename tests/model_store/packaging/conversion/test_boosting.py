"""LightGBM and XGBoost are converted by onnxmltools, where it is installed."""

import sys
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from model_store.packaging.conversion import boosting
from model_store.packaging.conversion.boosting import register_boosting
from model_store.packaging.errors import ConversionRefused


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """The classes that skl2onnx is taught."""
    taught: list[type] = []
    monkeypatch.setattr(
        boosting, "update_registered_converter", lambda kind, *_, **__: taught.append(kind)
    )
    return taught


def like(library: str) -> Any:
    return type("Booster", (LogisticRegression,), {"__module__": f"{library}.sklearn"})()


def test_estimators_of_other_libraries_are_left_to_skl2onnx(registered: list[type]) -> None:
    register_boosting(LogisticRegression())
    register_boosting(like("lightgbm_of_somebody_else"))
    assert registered == []


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_the_very_class_of_the_model_is_taught(library: str, registered: list[type]) -> None:
    """A class derived from it is another one."""
    model = like(library)
    register_boosting(model)
    assert registered == [type(model)]


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_without_onnxmltools_the_command_that_installs_it_is_named(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "onnxmltools"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnxmltools", None)
    with pytest.raises(ConversionRefused, match=r"^Booster: .*onnxmltools.*`make boosting`"):
        register_boosting(like(library))
