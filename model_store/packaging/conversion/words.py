"""Vectorizers of text as what they are once fitted: a vocabulary and how its terms are weighed."""

from typing import Any, Literal

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.proto import onnx_proto
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from model_store.packaging.errors import ConversionRefused

MOST_TERMS = 10_000
"""A row becomes one number per term, and a batch of 1,000 rows as many times 1,000."""

TOKENS = {
    r"(?u)\b\w\w+\b": r"[\p{L}\p{N}_]{2,}",
    r"(?u)\b\w+\b": r"[\p{L}\p{N}_]+",
}
r"""Patterns of scikit-learn, and what finds the same in RE2, whose \w is ASCII alone."""

NO_WORD = "\0"  # fills up the rows of fewer words: no pattern finds it, so no term has it
SMALLEST_NORM = 1e-12  # of a row without any term, which stays zero

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
        """Raises ConversionRefused for what finds words in a way that no graph does."""
        if found := _not_converted(vectorizer):
            raise ConversionRefused(type(vectorizer).__name__, *found)
        return cls(vectorizer, precision)

    @property
    def width(self) -> int:
        return len(self.vectorizer.vocabulary_)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _not_converted(vectorizer: CountVectorizer) -> tuple[str, str] | None:
    """What of it has no ONNX form, and the way out."""
    for name in ("preprocessor", "tokenizer", "strip_accents"):
        if getattr(vectorizer, name) is not None:
            return f"{name} has no ONNX form", f"Do without {name}"
    if vectorizer.analyzer != "word":
        return f"analyzer={vectorizer.analyzer!r} has no ONNX form", "Use analyzer='word'"
    if vectorizer.token_pattern not in TOKENS:
        known = " or ".join(f"r'{pattern}'" for pattern in TOKENS)
        return f"token_pattern={vectorizer.token_pattern!r} has no ONNX form", f"Use {known}"
    if vectorizer.stop_words is not None and vectorizer.ngram_range != (1, 1):
        way_out = "Use ngram_range=(1, 1), or max_df in place of stop_words"
        return "stop_words are left out before n-grams are made: no ONNX form", way_out
    if len(vectorizer.vocabulary_) > MOST_TERMS:
        size = f"the vocabulary has {len(vectorizer.vocabulary_):,} terms; at most {MOST_TERMS:,}"
        return f"{size} are converted", "Use max_features or min_df"
    low, high = vectorizer.ngram_range
    odd = [term for term in vectorizer.vocabulary_ if not low <= len(term.split(" ")) <= high]
    if odd:
        return f"terms such as {odd[0]!r} are no n-grams of {low} to {high}", "Leave them out"
    return None


def _shapes(operator: Any) -> None:
    terms = operator.raw_operator
    kind = DoubleTensorType if terms.precision == "float64" else FloatTensorType
    operator.outputs[0].type = kind([operator.inputs[0].get_first_dimension(), terms.width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, terms = _Nodes(scope, container, operator.raw_operator.precision), operator.raw_operator
    counts = _counts(graph, operator.inputs[0].full_name, terms.vectorizer)
    weights = _weighted(graph, graph.add("Cast", [counts], to=graph.kind), terms.vectorizer)
    container.add_node(
        "Identity",
        weights,
        operator.outputs[0].full_name,
        op_version=16,
        name=scope.get_unique_operator_name("Identity"),
    )


class _Nodes:
    """Adds nodes and constants to the graph that is being written."""

    def __init__(self, scope: Any, container: Any, precision: str) -> None:
        self._scope, self._container = scope, container
        proto = onnx_proto.TensorProto
        self.kind = proto.DOUBLE if precision == "float64" else proto.FLOAT

    def add(self, kind: str, inputs: list[str], version: int = 13, **attributes: Any) -> str:
        output: str = self._scope.get_unique_variable_name(kind.lower())
        name = self._scope.get_unique_operator_name(kind)
        self._container.add_node(kind, inputs, output, name=name, op_version=version, **attributes)
        return output

    def constant(self, values: list[Any], kind: int | None = None) -> str:
        name: str = self._scope.get_unique_variable_name("constant")
        self._container.add_initializer(name, kind or self.kind, [len(values)], values)
        return name


def _counts(graph: _Nodes, texts: str, vectorizer: CountVectorizer) -> str:
    """float32[rows, terms]: how often each term is in each text."""
    flat = graph.constant([-1], onnx_proto.TensorProto.INT64)
    words = graph.add("Reshape", [texts, flat], 14)
    if vectorizer.lowercase:
        lower = {"case_change_action": "LOWER", "is_case_sensitive": 1, "locale": _LOCALE}
        words = graph.add("StringNormalizer", [words], 10, **lower)
    words = graph.add(
        "Tokenizer",
        [words],
        1,
        op_domain="com.microsoft",
        mark=0,
        mincharnum=1,
        pad_value=NO_WORD,
        tokenexp=TOKENS[vectorizer.token_pattern],
    )
    return graph.add("TfIdfVectorizer", [words], 9, mode="TF", **_pool(vectorizer))


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


def _weighted(graph: _Nodes, counts: str, vectorizer: CountVectorizer) -> str:
    """Counts as the vectorizer weighs them; see scikit-learn's TfidfTransformer."""
    if vectorizer.binary:
        counts = graph.add("Sign", [counts])
    if not isinstance(vectorizer, TfidfVectorizer):
        return counts
    weights = counts
    if vectorizer.sublinear_tf:  # 1 + log(count), and 0 for 0
        logarithms = graph.add("Log", [graph.add("Max", [counts, graph.constant([1.0])])])
        weights = graph.add("Add", [logarithms, graph.add("Sign", [counts])], 14)
    if vectorizer.use_idf:
        idf = graph.constant(np.asarray(vectorizer.idf_, dtype=np.float64).tolist())
        weights = graph.add("Mul", [weights, idf], 14)
    if vectorizer.norm is None:
        return weights
    kind = {"l1": "ReduceL1", "l2": "ReduceL2"}[vectorizer.norm]
    columns = graph.constant([1], onnx_proto.TensorProto.INT64)
    norms = graph.add(kind, [weights, columns], 18, keepdims=1)
    norms = graph.add("Max", [norms, graph.constant([SMALLEST_NORM])])
    return graph.add("Div", [weights, norms], 14)


update_registered_converter(TermWeights, "LambentTermWeights", _shapes, _convert)
