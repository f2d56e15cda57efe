"""A graph is written only if it answers as the estimator does, and it is said how it got there."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel
from skl2onnx import update_registered_converter
from skl2onnx.common.shape_calculator import calculate_linear_regressor_output_shapes
from skl2onnx.operator_converters.linear_regressor import convert_sklearn_linear_regressor
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, RidgeCV
from sklearn.manifold import TSNE
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from model_store.artifact.manifest import Manifest
from model_store.contract import freeze
from model_store.packaging import Constant, Model, package, prepare
from model_store.packaging.conversion.remedies import CAST_BEFORE_MODEL, EXACT_VOTES, PLAIN
from model_store.packaging.errors import (
    ConversionRefused,
    InvalidModel,
    ParityFailed,
    PartRefused,
)
from tests.model_store.packaging.birds import (
    CONTRACT,
    NUMBERS,
    birds,
    model_of,
    pipeline,
    scaled,
)
from tests.model_store.packaging.measures import cancer, diabetes, numeric_contract


def manifest_of(model: Model, folder: Path) -> Manifest:
    return package(model, folder / "artifact").manifest


LOGISTIC = LogisticRegression(max_iter=1000)
ORDINAL = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
RARE = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=60)
IMPUTED = make_pipeline(
    SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
)
INDICATED = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
BINNED = make_pipeline(
    SimpleImputer(), KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")
)
PIPELINES = [
    ("one-hot", pipeline(LOGISTIC)),
    ("means", pipeline(LOGISTIC, INDICATED, TargetEncoder())),
    ("tree", pipeline(DecisionTreeClassifier(max_depth=5), SimpleImputer())),
]
LINES = [
    (
        "body",
        make_pipeline(ColumnTransformer([("some", StandardScaler(), ["bmi", "bp"])]), Ridge()),
    ),
    ("blood", make_pipeline(ColumnTransformer([("some", "passthrough", ["s1", "s5"])]), Ridge())),
]
VOTERS = [("a", LOGISTIC), ("b", RandomForestClassifier(n_estimators=20, random_state=0))]


@pytest.mark.parametrize(
    "estimator",
    [
        pytest.param(pipeline(LOGISTIC), id="one-hot"),
        pytest.param(pipeline(LOGISTIC, strings=RARE), id="rare and unseen categories together"),
        pytest.param(pipeline(LOGISTIC, strings=IMPUTED), id="imputed strings"),
        pytest.param(pipeline(LOGISTIC, strings=TargetEncoder()), id="target encoding"),
        pytest.param(pipeline(LOGISTIC, numbers=INDICATED), id="missing-value indicator"),
        pytest.param(
            pipeline(HistGradientBoostingClassifier(random_state=0), "passthrough", ORDINAL),
            id="missing values in a HistGradientBoosting",
        ),
        pytest.param(
            pipeline(RandomForestClassifier(n_estimators=20, random_state=0), "passthrough"),
            id="missing values in a forest",
        ),
        pytest.param(pipeline(CalibratedClassifierCV(LOGISTIC)), id="calibrated"),
        pytest.param(
            CalibratedClassifierCV(pipeline(LinearSVC()), ensemble=False), id="calibrated once"
        ),
        pytest.param(CalibratedClassifierCV(pipeline(LinearSVC())), id="calibrated by folds"),
        pytest.param(VotingClassifier(PIPELINES, voting="soft"), id="soft voting of pipelines"),
        pytest.param(VotingClassifier(PIPELINES), id="a vote of pipelines"),
        pytest.param(StackingClassifier(PIPELINES, cv=3), id="stacked pipelines"),
        pytest.param(pipeline(LOGISTIC, numbers=BINNED), id="bins"),
        pytest.param(
            pipeline(RandomizedSearchCV(LOGISTIC, {"C": [0.1, 1.0]}, n_iter=1, random_state=0)),
            id="a search at the end",
        ),
        pytest.param(pipeline(VotingClassifier(VOTERS, voting="soft")), id="soft voting"),
    ],
)
def test_mixed_pipelines_match_on_missing_and_unseen_values_too(
    estimator: Any, tmp_path: Path
) -> None:
    manifest = manifest_of(model_of(estimator), tmp_path)
    assert manifest.task == "multiclass"
    assert manifest.parity.status == "passed"
    assert manifest.parity.rows > len(model_of(estimator).held_out[0])
    assert manifest.parity.max_difference is not None
    assert manifest.parity.max_difference <= 1e-5
    assert manifest.metrics["accuracy"] > 0.9


@pytest.mark.parametrize(
    "regressor",
    [
        RidgeCV(),
        make_pipeline(StandardScaler(), RidgeCV()),
        RandomForestRegressor(n_estimators=20, random_state=0),
        GradientBoostingRegressor(random_state=0),
        HistGradientBoostingRegressor(random_state=0),
        HistGradientBoostingRegressor(loss="poisson", random_state=0),
        make_pipeline(HistGradientBoostingRegressor(loss="gamma", random_state=0)),
        VotingRegressor(LINES),
        StackingRegressor(LINES),
    ],
    ids=lambda e: type(e).__name__,
)
def test_regressors_match_and_are_measured(regressor: Any, tmp_path: Path) -> None:
    manifest = manifest_of(diabetes(regressor), tmp_path)
    assert (manifest.task, manifest.labels) == ("regression", ())
    assert set(manifest.metrics) == {"mae", "rmse", "r2"}
    assert manifest.metrics["r2"] > 0.1


@pytest.mark.parametrize("labels", [("no", "yes"), (0, 1), (1, 0), (False, True), (7, -3)])
@pytest.mark.parametrize("classifier", [LOGISTIC, RandomForestClassifier(20, random_state=0)])
def test_labels_of_every_kind_come_back_as_they_were(
    classifier: Any, labels: tuple[Any, Any], tmp_path: Path
) -> None:
    estimator = make_pipeline(StandardScaler(), classifier)
    manifest = manifest_of(cancer(estimator, labels, fallback=Constant(value=labels[1])), tmp_path)
    assert manifest.task == "binary"
    assert manifest.labels == tuple(sorted(labels))
    assert [type(label) for label in manifest.labels] == [type(label) for label in labels]
    assert manifest.metrics["roc_auc"] > 0.98
    assert {example.answer.value for example in manifest.golden} <= set(labels)


def test_a_classifier_without_probabilities_gives_labels_only(tmp_path: Path) -> None:
    manifest = manifest_of(cancer(RidgeClassifier()), tmp_path)
    assert manifest.outputs.probabilities is None
    assert all(example.answer.confidence is None for example in manifest.golden)


def test_scaled_boosted_trees_disagree_in_float32_and_the_remedy_passes(tmp_path: Path) -> None:
    """Real data: thresholds that float32 moves send rows down other branches."""
    boosted = make_pipeline(StandardScaler(), GradientBoostingClassifier(random_state=1))
    parity = manifest_of(cancer(boosted, labels=(0, 1)), tmp_path).parity
    assert [trial.remedy for trial in parity.tried] == [PLAIN.name, CAST_BEFORE_MODEL.name]
    assert parity.tried[0].outcome.startswith("differences up to")
    assert parity.remedy == CAST_BEFORE_MODEL.name
    assert parity.max_difference is not None
    assert parity.max_difference < 1e-6


def test_a_tied_vote_of_a_forest_stays_a_tie(tmp_path: Path) -> None:
    """Ten times 0.05 is not 0.5 in float32: labels flip unless votes are added first."""
    forest = make_pipeline(StandardScaler(), RandomForestClassifier(20, random_state=0))
    parity = manifest_of(cancer(forest), tmp_path).parity
    assert parity.remedy == EXACT_VOTES.name
    assert "other labels in rows" in parity.tried[1].outcome


def test_a_search_is_packaged_as_its_best_estimator(tmp_path: Path) -> None:
    search = GridSearchCV(pipeline(LOGISTIC), {"logisticregression__C": [0.1, 1]})
    search.fit(prepare(CONTRACT, birds()), birds()["species"])
    assert "LogisticRegression" in str(
        manifest_of(model_of(search, train=None), tmp_path).provenance.estimator
    )


def test_an_estimator_fitted_on_the_raw_frame_in_another_order_is_fine(tmp_path: Path) -> None:
    raw = birds()[list(reversed(CONTRACT.names))]
    fitted = pipeline(LOGISTIC).fit(raw, birds()["species"])
    assert manifest_of(model_of(fitted, train=None), tmp_path).parity.status == "passed"


@pytest.mark.parametrize("by_place", [False, True])
def test_one_fitted_on_a_table_with_more_columns_needs_only_those_it_takes(
    tmp_path: Path, by_place: bool
) -> None:
    whole = birds()[["year", "species", *CONTRACT.names]]
    chosen = [whole.columns.get_loc(name) for name in NUMBERS] if by_place else NUMBERS
    numbers = ColumnTransformer([("numbers", scaled(), chosen)])
    fitted = make_pipeline(numbers, clone(LOGISTIC)).fit(whole, birds()["species"])
    assert manifest_of(model_of(fitted, train=None), tmp_path).parity.status == "passed"


def test_features_that_the_estimator_does_not_use_are_no_inputs(tmp_path: Path) -> None:
    fitted = make_pipeline(SimpleImputer(), clone(LOGISTIC)).fit(
        birds()[["bill_length_mm", "body_mass_g"]], birds()["species"]
    )
    manifest = manifest_of(model_of(fitted, train=None), tmp_path)
    (numbers,) = manifest.inputs
    assert numbers.features == ("bill_length_mm", "body_mass_g")


class WithoutConverter(LogisticRegression):
    """An estimator of the user's own."""


def test_an_estimator_without_a_converter_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConversionRefused, match="WithoutConverter") as refusal:
        manifest_of(model_of(pipeline(WithoutConverter())), tmp_path)
    assert "no converter" in str(refusal.value)
    assert "Model(onnx=…)" in refusal.value.next_step
    assert not (tmp_path / "artifact").exists()


def test_a_custom_function_in_the_pipeline_is_refused_with_the_reason(tmp_path: Path) -> None:
    roots = make_pipeline(SimpleImputer(), FunctionTransformer(np.cbrt))
    with pytest.raises(
        ConversionRefused, match=r"FunctionTransformer.*function cbrt has no ONNX form.*np\.log1p"
    ):
        manifest_of(model_of(pipeline(LOGISTIC, numbers=roots)), tmp_path)


def test_splits_by_category_are_refused_with_the_way_out(tmp_path: Path) -> None:
    by_category = HistGradientBoostingClassifier(categorical_features=[4, 5])
    with pytest.raises(PartRefused, match=r"HistGradientBoostingClassifier.*categorical_features"):
        manifest_of(model_of(pipeline(by_category, "passthrough", ORDINAL)), tmp_path)


@pytest.mark.parametrize("method", ["isotonic", "temperature"])
def test_curves_of_calibration_are_refused_with_the_way_out(tmp_path: Path, method: str) -> None:
    """skl2onnx has of the one steps where scikit-learn has lines, and the other not at all."""
    calibrated = CalibratedClassifierCV(LOGISTIC, method=method, ensemble=False)
    with pytest.raises(PartRefused, match=rf"CalibratedClassifierCV.*calibrate='{method}'"):
        manifest_of(model_of(pipeline(calibrated)), tmp_path)


class Crooked(Ridge):  # type: ignore[misc]
    """Answers one more than its coefficients say."""

    def predict(self, X: Any) -> Any:
        return super().predict(X) + 1


def test_a_graph_that_differs_is_refused_with_all_that_was_tried(tmp_path: Path) -> None:
    """In every row, whatever the precision."""
    shapes, converter = calculate_linear_regressor_output_shapes, convert_sklearn_linear_regressor
    update_registered_converter(Crooked, "Crooked", shapes, converter)
    with pytest.raises(ParityFailed, match="Crooked") as refusal:
        manifest_of(diabetes(make_pipeline(StandardScaler(), Crooked())), tmp_path)
    text = str(refusal.value)
    assert "Tried float32: differences up to" in text
    assert "in rows 0, " in text
    assert "float64 throughout: differences up to" in text


def test_float64_trees_behind_a_scaler_are_told_to_leave_it_out(tmp_path: Path) -> None:
    """LightGBM compares in float64; a value that is a threshold falls to the other side."""
    lightgbm = import_module("lightgbm")
    bins = make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(n_estimators=5, verbose=-1))
    grid = pd.DataFrame({"x": np.arange(600) / 100})
    steps = np.floor(grid["x"] * 37) % 5
    between = pd.DataFrame({"x": np.arange(1199) / 200})
    model = Model(
        name="grid",
        version="1",
        contract=numeric_contract(grid),
        estimator=bins,
        train=(grid, steps),
        held_out=(between, np.zeros(len(between))),
    )
    with pytest.raises(ParityFailed, match="leave StandardScaler and its like out"):
        manifest_of(model, tmp_path)


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_boosting_libraries_convert(library: str, tmp_path: Path) -> None:
    module = import_module(library)
    quiet = {"verbose": -1} if library == "lightgbm" else {}
    classes = ("LGBMClassifier", "LGBMRegressor") if quiet else ("XGBClassifier", "XGBRegressor")
    classifier, regressor = (getattr(module, name)(n_estimators=40, **quiet) for name in classes)
    binary = manifest_of(cancer(classifier, labels=(0, 1)), tmp_path / "a")
    several = birds()["species"].map({"Adelie": 0, "Chinstrap": 1, "Gentoo": 2})
    data = birds(), several
    multiclass = manifest_of(
        model_of(pipeline(classifier), train=data, held_out=data, fallback=None), tmp_path / "b"
    )
    value = manifest_of(diabetes(regressor), tmp_path / "c")
    assert binary.metrics["roc_auc"] > 0.98
    assert multiclass.labels == (0, 1, 2)
    assert value.metrics["r2"] > 0
    assert {"onnxmltools"} <= set(value.provenance.libraries)


def test_an_estimator_that_raises_on_what_the_contract_allows_is_refused(tmp_path: Path) -> None:
    strict = pipeline(LOGISTIC, strings=OneHotEncoder())
    with pytest.raises(InvalidModel, match="island unseen") as refusal:
        manifest_of(model_of(strict), tmp_path)
    assert "let the contract refuse them" in refusal.value.next_step


class Other(BaseModel):
    """Not the columns of the estimator."""

    height: float


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"train": None}, "is not fitted"),
        (
            {"fallback": Constant(value="Emperor")},
            "'Emperor' is none .* one of 'Adelie', 'Ch",
        ),
        ({"name": "Penguins!"}, "name"),
        ({"estimator": TSNE(), "train": None}, "TSNE"),
        ({"held_out": (birds(), ["Emperor"] * 344)}, "classes that the model does not know"),
        ({"held_out": (birds(), [])}, "344 rows in X and 0 in y"),
    ],
)
def test_what_cannot_be_packaged_is_refused_with_the_next_step(
    changes: dict[str, Any], told: str, tmp_path: Path
) -> None:
    arguments = {"estimator": pipeline(LOGISTIC)} | changes
    with pytest.raises(InvalidModel, match=told) as refusal:
        manifest_of(model_of(**arguments), tmp_path)
    assert refusal.value.next_step


def test_a_pipeline_fitted_only_in_its_last_step_is_fitted_here(tmp_path: Path) -> None:
    shared = clone(LOGISTIC).fit([[0.0], [1.0]], ["Adelie", "Gentoo"])
    half_fitted = make_pipeline(*[step for _, step in pipeline(LOGISTIC).steps[:-1]], shared)
    assert manifest_of(model_of(half_fitted), tmp_path).parity.status == "passed"


def test_an_estimator_of_other_columns_is_refused(tmp_path: Path) -> None:
    fitted = clone(LOGISTIC).fit(birds()[["year"]], birds()["species"])
    with pytest.raises(InvalidModel, match="year, which are not the contract's features"):
        manifest_of(model_of(fitted, train=None), tmp_path)


def test_the_contract_of_another_class_is_refused(tmp_path: Path) -> None:
    fitted = pipeline(LOGISTIC).fit(prepare(CONTRACT, birds()), birds()["species"])
    data = pd.DataFrame({"height": [1.0]}), ["Adelie"]
    model = model_of(fitted, train=None, contract=freeze(Other, version="1.0"), held_out=data)
    with pytest.raises(InvalidModel, match="which are not the contract's features"):
        manifest_of(model, tmp_path)


@pytest.mark.parametrize("arguments", [{}, {"estimator": LOGISTIC}, {"estimator": 1, "onnx": "x"}])
def test_a_model_needs_one_source_and_held_out_rows(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidModel, match="Model 'm'"):
        Model(name="m", version="1", contract=CONTRACT, **arguments)


def test_a_fallback_that_is_no_label_is_refused_before_converting() -> None:
    model = model_of(pipeline(LOGISTIC), fallback=Constant(value="STAY"))
    with pytest.raises(InvalidModel, match=r"one of 0, .*, 9 and 2 more"):
        model.check_fallback(tuple(range(12)))
    steps: list[str] = []
    with pytest.raises(InvalidModel, match="'STAY' is none of its labels"):
        package(model, "unused", progress=steps.append)
    assert steps == ["reading the data by the contract"]


def two(tree: type, **settings: Any) -> list[tuple[str, Any]]:
    return [(f"depth {d}", tree(max_depth=d, random_state=0, **settings)) for d in (3, 5)]


@pytest.mark.parametrize(
    "model",
    [
        cancer(BaggingClassifier(n_estimators=3, random_state=0)),
        diabetes(BaggingRegressor(n_estimators=3, random_state=0)),
        cancer(AdaBoostClassifier(DecisionTreeClassifier(max_depth=4), n_estimators=3)),
        cancer(VotingClassifier(two(DecisionTreeClassifier), voting="soft")),
        diabetes(VotingRegressor(two(DecisionTreeRegressor))),
    ],
    ids=["bagging", "bagged regressors", "boosted", "voting", "voting regressors"],
)
def test_an_ensemble_of_separate_trees_is_packaged(model: Model, tmp_path: Path) -> None:
    """skl2onnx converts each tree by itself, so that no tree is another's."""
    assert manifest_of(model, tmp_path).parity.status == "passed"


@pytest.mark.parametrize("labels", [("no", "yes"), (0, 1), (False, True)], ids=str)
def test_a_linear_support_vector_machine_is_packaged(labels: Any, tmp_path: Path) -> None:
    model = cancer(make_pipeline(StandardScaler(), LinearSVC()), labels)
    assert manifest_of(model, tmp_path).parity.status == "passed"


def test_a_search_that_is_not_fitted_is_fitted_and_its_best_is_packaged(tmp_path: Path) -> None:
    search = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 10]})
    assert "Ridge" in (manifest_of(diabetes(search), tmp_path).provenance.estimator or "")


class OneForAll(Ridge):
    """Answers as a pipeline does whose first step is of the user's own and counts its input."""

    def predict(self, X: Any) -> Any:
        return super().predict(X)[:1]


def test_an_estimator_that_does_not_answer_every_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match=r"OneForAll.*gives 1 answers to \d+ rows"):
        package(diabetes(OneForAll()), tmp_path / "artifact")


def test_what_cannot_be_fitted_is_refused_by_name_and_reason(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match=r"Ridge.*cannot be fitted on train \(ValueError"):
        package(model_of(Ridge()), tmp_path / "artifact")


@pytest.mark.parametrize("kind", [np.int64, np.str_])
def test_targets_may_be_scalars_of_numpy(kind: type, tmp_path: Path) -> None:
    model = cancer(LogisticRegression(max_iter=10_000), (0, 1) if kind is np.int64 else ("a", "b"))
    x, y = model.held_out
    scalars = replace(model, held_out=(x, [kind(target) for target in y]))
    assert manifest_of(scalars, tmp_path).metrics == manifest_of(model, tmp_path / "plain").metrics


def test_targets_that_are_missing_are_refused(tmp_path: Path) -> None:
    model = diabetes(Ridge())
    x, y = model.held_out
    lacking = replace(model, held_out=(x, y.where(y.index != y.index[0])))
    with pytest.raises(InvalidModel, match=r"held_out.*has 1 missing targets in y"):
        package(lacking, tmp_path / "artifact")


def test_a_graph_of_operators_that_nobody_knows_is_refused_by_the_estimator_s_name(
    tmp_path: Path,
) -> None:
    """skl2onnx writes KNNImputer by functions of its own."""
    model = cancer(make_pipeline(KNNImputer(), LogisticRegression(max_iter=10_000)))
    with pytest.raises(ConversionRefused, match=r"LogisticRegression.*local_domain"):
        package(model, tmp_path / "artifact")
