"""Real text that ships in packages: what pandas and scikit-learn say of their classes."""

import inspect
from types import ModuleType

import pandas as pd
import sklearn.cluster
import sklearn.ensemble
import sklearn.linear_model
import sklearn.preprocessing

LONGEST = 400
LEARNING = (sklearn.cluster, sklearn.ensemble, sklearn.linear_model, sklearn.preprocessing)


def docstrings() -> pd.DataFrame:
    """`text`, one of two or three sentences, and the `library` that it is from."""
    of_pandas = [*_sentences(pd), *_sentences(pd.DataFrame), *_sentences(pd.Index)]
    of_sklearn = [text for module in LEARNING for text in _sentences(module)]
    rows = [(text, "pandas") for text in of_pandas] + [(text, "sklearn") for text in of_sklearn]
    return pd.DataFrame(rows, columns=["text", "library"]).drop_duplicates("text")


def _sentences(place: ModuleType | type) -> list[str]:
    """The beginnings of the docstrings of its public members."""
    members = [getattr(place, name, None) for name in sorted(dir(place)) if name[0] != "_"]
    told = [inspect.getdoc(member) for member in members if callable(member)]
    return [text[:LONGEST] for text in told if text]
