"""What is answered to each row: the model's value, a fallback, or that there is no answer."""

from model_store.decision.answers import PLACES
from model_store.decision.asked import Asked, OptionRefused
from model_store.decision.judge import Judge, answer_columns, judge
from model_store.decision.verdicts import Declined, NoFallback, Verdict, merge, reason_of

__all__ = [
    "PLACES",
    "Asked",
    "Declined",
    "Judge",
    "NoFallback",
    "OptionRefused",
    "Verdict",
    "answer_columns",
    "judge",
    "merge",
    "reason_of",
]
