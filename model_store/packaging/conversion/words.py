"""Vectorizers of text as what they are once fitted: a vocabulary and how its terms are weighed."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from skl2onnx import update_registered_converter
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from model_store.packaging.conversion.nodes import INT64, Nodes, declare_output, dtype_of
from model_store.packaging.errors import PartRefused

MOST_TERMS = 10_000
"""A row becomes one number per term, and a batch of 1,000 rows as many times 1,000."""

TOKENS = {
    r"(?u)\b\w\w+\b": r"[\p{L}\p{N}_]{2,}",
    r"(?u)\b\w+\b": r"[\p{L}\p{N}_]+",
}
r"""Patterns of scikit-learn, and what finds the same in RE2, whose \w is ASCII alone."""

_NO_WORD = "\0"  # fills up the rows of fewer words: no pattern finds it, so no term has it
_SMALLEST_NORM = 1e-12  # of a row without any term, which stays zero

_LOCALE = "C.UTF-8"  # ONNX's default is en_US, which few containers have


class TermWeights(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The transform of a fitted vectorizer of words.

    Lower case is the C library's: a final sigma and a dotted capital I differ from Python's.
    """

    def __init__(self, vectorizer: CountVectorizer, precision: Literal["float32", "float64"]):
        self.vectorizer = vectorizer
        self.precision = precision

    @classmethod
    def of(
        cls, vectorizer: CountVectorizer, precision: Literal["float32", "float64"]
    ) -> "TermWeights":
        """Raises PartRefused for what finds words in a way that no graph does."""
        for what, way_out in (*_odd_words(vectorizer), *_odd_terms(vectorizer)):
            raise PartRefused(type(vectorizer).__name__, what, way_out)
        return cls(vectorizer, precision)

    @property
    def width(self) -> int:
        return len(self.vectorizer.vocabulary_)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _odd_words(vectorizer: CountVectorizer) -> Iterator[tuple[str, str]]:
    """How it finds words as no graph does, and the way out."""
    for name in ("preprocessor", "tokenizer", "strip_accents"):
        if getattr(vectorizer, name) is not None:
            yield f"{name} has no ONNX form", f"Do without {name}"
    if vectorizer.analyzer != "word":
        yield f"analyzer={vectorizer.analyzer!r} has no ONNX form", "Use analyzer='word'"
    elif vectorizer.token_pattern not in TOKENS:
        known = " or ".join(f"r'{pattern}'" for pattern in TOKENS)
        yield f"token_pattern={vectorizer.token_pattern!r} has no ONNX form", f"Use {known}"


def _odd_terms(vectorizer: CountVectorizer) -> Iterator[tuple[str, str]]:
    """What of its terms no graph finds, and the way out."""
    low, high = vectorizer.ngram_range
    if vectorizer.stop_words is not None and high > 1:
        what = "stop_words are left out before n-grams are made, which has no ONNX form"
        yield what, "Use ngram_range=(1, 1), or max_df in place of stop_words"
    terms = vectorizer.vocabulary_
    if len(terms) > MOST_TERMS:
        what = f"has {len(terms):,} terms; at most {MOST_TERMS:,} are converted"
        yield what, "Use max_features or min_df"
    odd = [term for term in terms if not low <= len(term.split(" ")) <= high]
    if odd:
        yield f"has terms such as {odd[0]!r}, no n-grams of {low} to {high}", "Leave them out"


def _shapes(operator: Any) -> None:
    terms = operator.raw_operator
    declare_output(operator, dtype_of(terms.precision), terms.width)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, terms = Nodes(scope, container), operator.raw_operator
    dtype = dtype_of(terms.precision)
    counts = _counts(graph, operator.inputs[0].full_name, terms.vectorizer)
    weights = _weighted(graph, graph.add("Cast", [counts], to=dtype), terms.vectorizer, dtype)
    graph.add("Identity", [weights], operator.outputs[0].full_name)


def _counts(graph: Nodes, texts: str, vectorizer: CountVectorizer) -> str:
    """float32[rows, terms]: how often each term is in each text."""
    words = graph.add("Reshape", [texts, graph.constant(INT64, [-1])], op_version=14)
    if vectorizer.lowercase:
        words = graph.add(
            "StringNormalizer",
            [words],
            op_version=10,
            case_change_action="LOWER",
            is_case_sensitive=1,
            locale=_LOCALE,
        )
    words = graph.add(
        "Tokenizer",
        [words],
        op_domain="com.microsoft",
        op_version=1,
        mark=0,
        mincharnum=1,
        pad_value=_NO_WORD,
        tokenexp=TOKENS[vectorizer.token_pattern],
    )
    return graph.add("TfIdfVectorizer", [words], op_version=9, mode="TF", **_pool(vectorizer))


def _pool(vectorizer: CountVectorizer) -> dict[str, Any]:
    """The vocabulary as ONNX's TfIdfVectorizer takes it: shorter n-grams first."""
    low, high = vectorizer.ngram_range
    places: list[int] = []
    words: list[str] = []
    starts: list[int] = []
    for length in range(1, high + 1):
        starts.append(len(words))
        for term, place in sorted(vectorizer.vocabulary_.items()):
            if len(parts := term.split(" ")) == length:
                words += parts
                places.append(int(place))
    return {
        "min_gram_length": low,
        "max_gram_length": high,
        "max_skip_count": 0,
        "pool_strings": words,
        "ngram_counts": starts,
        "ngram_indexes": places,
    }


def _weighted(graph: Nodes, counts: str, vectorizer: CountVectorizer, dtype: int) -> str:
    """Counts as the vectorizer weighs them; see scikit-learn's TfidfTransformer."""
    if vectorizer.binary:
        counts = graph.add("Sign", [counts])
    if not isinstance(vectorizer, TfidfVectorizer):
        return counts
    weights = counts
    if vectorizer.sublinear_tf:  # 1 + log(count), and 0 for 0
        logarithms = graph.add("Log", [graph.add("Max", [counts, graph.constant(dtype, [1.0])])])
        weights = graph.add("Add", [logarithms, graph.add("Sign", [counts])], op_version=14)
    if vectorizer.use_idf:
        idf = np.asarray(vectorizer.idf_, dtype=np.float64).tolist()
        weights = graph.add("Mul", [weights, graph.constant(dtype, idf)], op_version=14)
    if vectorizer.norm is None:
        return weights
    norm = {"l1": "ReduceL1", "l2": "ReduceL2"}[vectorizer.norm]
    norms = graph.add(norm, [weights, graph.constant(INT64, [1])], op_version=18, keepdims=1)
    norms = graph.add("Max", [norms, graph.constant(dtype, [_SMALLEST_NORM])])
    return graph.add("Div", [weights, norms], op_version=14)


update_registered_converter(TermWeights, "LambentTermWeights", _shapes, _convert)
