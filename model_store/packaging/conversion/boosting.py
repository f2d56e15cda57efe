"""LightGBM and XGBoost, installed by `make boosting`: their converters come from onnxmltools."""

from typing import Any

from skl2onnx import update_registered_converter
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from sklearn.base import BaseEstimator, is_classifier

from model_store.packaging.errors import ConversionRefused

LIBRARIES = ("lightgbm", "xgboost")
INSTALL = "Install it with `make boosting`"
_CLASSIFIER_OPTIONS = {"nocl": [True, False], "zipmap": [True, False, "columns"]}


def register_boosting(model: BaseEstimator) -> None:
    """Teach skl2onnx this model's class, if it is LightGBM's or XGBoost's."""
    library = type(model).__module__.partition(".")[0]
    if library not in LIBRARIES:
        return
    try:
        converter, options = _converter(library, is_classifier(model))
    except ImportError as error:
        raise ConversionRefused(
            type(model).__name__,
            f"converting {library} needs onnxmltools ({error})",
            INSTALL,
        ) from error
    update_registered_converter(
        type(model),
        f"Lambent{type(model).__name__}",
        _shapes(is_classifier(model)),
        converter,
        options=options,
    )


def _converter(library: str, classifier: bool) -> tuple[Any, dict[str, Any]]:
    if library == "lightgbm":
        from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm

        return convert_lightgbm, _CLASSIFIER_OPTIONS if classifier else {"split": None}
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost

    return convert_xgboost, _CLASSIFIER_OPTIONS if classifier else {}


def _shapes(classifier: bool) -> Any:
    if classifier:
        return calculate_linear_classifier_output_shapes
    return calculate_linear_regressor_output_shapes
