r"""A fitted vectorizer of words, as a graph, weighs the terms that scikit-learn finds."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from unicodedata import ucd_3_2_0

import numpy as np
import pytest
from pydantic import BaseModel, Field
from skl2onnx.common.data_types import StringTensorType
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from model_store.contract import freeze
from model_store.packaging import Constant, Model, package
from model_store.packaging.conversion import words
from model_store.packaging.conversion.words import TOKENS, TermWeights
from model_store.packaging.errors import ConversionRefused, InvalidModel, ParityFailed
from model_store.packaging.model import TOLERANCE
from tests.model_store.packaging.conversion.docstrings import LONGEST, docstrings
from tests.model_store.packaging.conversion.graphs import answer

DOCS = docstrings()
TEXTS = DOCS["text"].tolist()
ODD = [
    "",
    " ",
    "!?",
    "a",
    "x y z",
    "DataFrame dataframe DATAFRAME",
    "naïve Größe 日本語 Ωμέγα",
    "\0",
]
VECTORIZERS = {
    "tf-idf": TfidfVectorizer(),
    "counts": CountVectorizer(),
    "whether": CountVectorizer(binary=True),
    "case kept": TfidfVectorizer(lowercase=False),
    "letters alone": TfidfVectorizer(token_pattern=r"(?u)\b\w+\b"),
    "logarithms": TfidfVectorizer(sublinear_tf=True),
    "shares": TfidfVectorizer(norm="l1", smooth_idf=False),
    "idf alone": TfidfVectorizer(norm=None),
    "norm alone": TfidfVectorizer(use_idf=False),
    "stop words": TfidfVectorizer(stop_words="english"),
    "rare and common left out": TfidfVectorizer(min_df=3, max_df=0.5, max_features=300),
    "pairs too": TfidfVectorizer(ngram_range=(1, 2), min_df=2),
    "pairs and triples": CountVectorizer(ngram_range=(2, 3), min_df=3),
    "vocabulary given": CountVectorizer(vocabulary=["return", "frame", "naïve"]),
}


def graph_of(vectorizer: Any, precision: Literal["float32", "float64"], texts: list[str]) -> Any:
    rows = np.array(texts, dtype=object).reshape(-1, 1)
    return answer(TermWeights.of(vectorizer, precision), StringTensorType, rows)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", VECTORIZERS)
def test_a_vectorizer_is_a_graph(name: str, precision: Literal["float32", "float64"]) -> None:
    vectorizer = clone(VECTORIZERS[name]).fit([*TEXTS, *ODD])
    expected = vectorizer.transform([*TEXTS, *ODD]).toarray()
    found = graph_of(vectorizer, precision, [*TEXTS, *ODD])
    assert found.dtype == precision
    rounding = 4 * np.finfo(precision).eps
    np.testing.assert_allclose(found, expected, rtol=rounding, atol=0)


def test_a_row_alone_gets_what_it_gets_among_others() -> None:
    vectorizer = TfidfVectorizer().fit(TEXTS)
    among = graph_of(vectorizer, "float64", [*ODD, *TEXTS[:20]])
    alone = [graph_of(vectorizer, "float64", [text])[0] for text in [*ODD, *TEXTS[:20]]]
    np.testing.assert_array_equal(among, alone)


def characters() -> Iterator[str]:
    """Those that every Unicode of this century has: libraries and Pythons know different ones."""
    for code in range(1, sys.maxunicode + 1):
        if ucd_3_2_0.category(chr(code)) not in ("Cn", "Cs"):
            yield chr(code)


@pytest.mark.parametrize("pattern", TOKENS)
def test_words_are_of_the_same_characters(pattern: str) -> None:
    sample = [c for c in characters() if ord(c) < 0x3000 or ord(c) % 97 == 0]
    vectorizer = CountVectorizer(token_pattern=pattern, lowercase=False)
    vectorizer.fit(["word"])
    found = graph_of(vectorizer, "float32", [f"word{c}word {c}" for c in sample])[:, 0]
    np.testing.assert_array_equal(
        found, vectorizer.transform([f"word{c}word {c}" for c in sample]).toarray()[:, 0]
    )


def test_lower_case_is_pythons_but_for_a_final_sigma_and_a_dotted_i() -> None:
    capitals = [c for c in characters() if c.isalnum() and c.lower() != c]
    texts = [letter * 2 for letter in capitals if letter not in "\u03a3\u0130"]
    vectorizer = CountVectorizer(vocabulary=sorted({text.lower() for text in texts})).fit([])
    expected = vectorizer.transform(texts).toarray()
    np.testing.assert_array_equal(graph_of(vectorizer, "float32", texts), expected)
    assert (expected.sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("vectorizer", "told"),
    [
        (TfidfVectorizer(strip_accents="unicode"), "strip_accents has no ONNX form.*without"),
        (TfidfVectorizer(tokenizer=str.split, token_pattern=None), "tokenizer has no ONNX form"),
        (CountVectorizer(preprocessor=str.upper), "preprocessor has no ONNX form"),
        (CountVectorizer(analyzer="char_wb"), "analyzer='char_wb'.*Use analyzer='word'"),
        (CountVectorizer(token_pattern=r"[a-z]+"), r"token_pattern='\[a-z\]\+'.*Use r'\(\?u\)"),
        (CountVectorizer(stop_words="english", ngram_range=(1, 2)), "stop_words.*before n-grams"),
        (CountVectorizer(vocabulary=["data frame"]), "'data frame', no n-grams of 1 to 1"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_finds_words_otherwise_is_refused_by_its_parameter(vectorizer: Any, told: str) -> None:
    with pytest.raises(ConversionRefused, match=rf"{type(vectorizer).__name__}.*{told}"):
        TermWeights.of(vectorizer.fit(TEXTS), "float32")


def test_a_vocabulary_may_be_so_large(monkeypatch: pytest.MonkeyPatch) -> None:
    vectorizer = CountVectorizer(max_features=100).fit(TEXTS)
    monkeypatch.setattr(words, "MOST_TERMS", 100)
    assert TermWeights.of(vectorizer, "float32").width == 100
    monkeypatch.setattr(words, "MOST_TERMS", 99)
    with pytest.raises(ConversionRefused, match=r"has 100 terms; at most 99.*max_features"):
        TermWeights.of(vectorizer, "float32")


class Doc(BaseModel):
    text: Annotated[str, Field(max_length=LONGEST)] = ""
    length: float


def model_of(estimator: Any, tolerance: float = TOLERANCE) -> Model:
    frame = DOCS.assign(length=DOCS["text"].str.len().astype(float))
    x, x_test, y, y_test = train_test_split(frame, frame["library"], random_state=0, test_size=0.4)
    return Model(
        name="libraries",
        version="1",
        contract=freeze(Doc, version="1.0"),
        estimator=estimator,
        fallback=Constant(value="pandas"),
        train=(x, y),
        held_out=(x_test, y_test),
        tolerance=tolerance,
    )


def columns(*steps: Any) -> Any:
    return make_column_transformer((make_pipeline(*steps), "text"))


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(columns(TfidfVectorizer()), LogisticRegression()),
        make_pipeline(columns(CountVectorizer(), TfidfTransformer()), LogisticRegression()),
        make_pipeline(
            columns(TfidfVectorizer(), TruncatedSVD(20, random_state=0)), SGDClassifier()
        ),
        GridSearchCV(
            make_pipeline(columns(TfidfVectorizer()), LogisticRegression()),
            {"logisticregression__C": [1, 10]},
        ),
    ],
    ids=["tf-idf", "in two steps", "topics", "searched"],
)
def test_a_model_of_texts_is_packaged(estimator: Any, tmp_path: Path) -> None:
    """Its own pipeline's answers on rows that nobody saw; see `prove`."""
    manifest = package(model_of(estimator), tmp_path / "artifact").manifest
    assert manifest.parity.status == "passed"
    assert manifest.metrics["accuracy"] > 0.9


def test_what_is_refused_is_told_once_with_the_way_out(tmp_path: Path) -> None:
    estimator = make_pipeline(columns(TfidfVectorizer(strip_accents="ascii")), LogisticRegression())
    with pytest.raises(ConversionRefused) as refusal:
        package(model_of(estimator), tmp_path / "artifact")
    assert str(refusal.value) == (
        "TfidfVectorizer: strip_accents has no ONNX form. Do without strip_accents."
    )


def test_naive_bayes_of_words_needs_a_wider_tolerance(tmp_path: Path) -> None:
    """It adds logarithms of many words, and its ONNX form does so in float32."""
    estimator = make_pipeline(columns(CountVectorizer()), MultinomialNB())
    with pytest.raises(ParityFailed, match=r"MultinomialNB.*tolerance"):
        package(model_of(estimator), tmp_path / "artifact")
    manifest = package(model_of(estimator, tolerance=1e-4), tmp_path / "artifact").manifest
    assert manifest.metrics["accuracy"] > 0.9


@pytest.mark.parametrize("vectorizer", [TfidfVectorizer(), HashingVectorizer()])
@pytest.mark.parametrize("fitted", [False, True])
def test_a_vectorizer_that_comes_first_is_told_to_name_its_column(
    vectorizer: Any, fitted: bool, tmp_path: Path
) -> None:
    """It would take the names of the columns for its texts."""
    estimator = make_pipeline(vectorizer, LogisticRegression())
    if fitted:
        estimator.fit(DOCS["text"], DOCS["library"])
    told = rf"{type(vectorizer).__name__}.*make_column_transformer"
    with pytest.raises(InvalidModel, match=told):
        package(model_of(estimator), tmp_path / "artifact")
