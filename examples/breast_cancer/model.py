"""Whether a tumour is malignant: two classes, told from the cell nuclei of a needle biopsy."""

from typing import Annotated

from pydantic import BaseModel, Field
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from model_store.contract import OutOfRange, freeze
from model_store.packaging import Constant, Model, Policy

SEED = 3

Share = Annotated[float, Field(ge=0, le=2), OutOfRange("flag")]


class Nuclei(BaseModel):
    """The three largest cell nuclei of the image, averaged (Wolberg, Street, Mangasarian)."""

    radius: Annotated[float, Field(ge=5, le=50), OutOfRange("fallback")]
    texture: Annotated[float, Field(ge=5, le=60, description="Spread of the grey values")]
    perimeter: Annotated[float, Field(ge=30, le=350), OutOfRange("flag")]
    area: Annotated[float, Field(ge=100, le=6000), OutOfRange("flag")]
    smoothness: Share
    compactness: Share
    concavity: Share
    concave_points: Share
    symmetry: Share
    fractal_dimension: Share


def two_questions() -> DecisionTreeClassifier:
    """Version 1: a tree that a doctor can read."""
    return DecisionTreeClassifier(max_depth=2, random_state=SEED)


def many_trees() -> Pipeline:
    """Version 2: boosted trees on scaled values, whose conversion takes a remedy."""
    return make_pipeline(StandardScaler(), HistGradientBoostingClassifier(random_state=SEED))


def model(version: str) -> Model:
    images = load_breast_cancer(as_frame=True)
    nuclei = images.data.filter(like="worst ")
    nuclei.columns = nuclei.columns.str.removeprefix("worst ").str.replace(" ", "_")
    diagnosis = images.target.map(dict(enumerate(images.target_names)))
    x_train, x_test, y_train, y_test = train_test_split(
        nuclei, diagnosis, test_size=0.4, random_state=SEED, stratify=diagnosis
    )
    return Model(
        name="breast-cancer",
        version=version,
        title="Breast cancer",
        description="Tells malignant from benign tumours.",
        contract=freeze(Nuclei, version="1.0"),
        estimator=two_questions() if version == "1" else many_trees(),
        train=(x_train, y_train),
        held_out=(x_test, y_test),
        policy=Policy(
            costs={"malignant": {"benign": 20}},  # a missed tumour
            most_cost=0.5,
            low_confidence="review",
            ambiguous="review",
            novel="review",
        ),
        fallback=Constant(value="malignant", note="where in doubt, a person looks"),
    )
