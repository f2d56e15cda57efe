"""What is answered to each row: the model's value, a fallback, or that there is no answer."""

from model_store.decision.asked import Asked, Looser
from model_store.decision.judge import answer_columns, judge
from model_store.decision.verdicts import Declined, NoFallback, Verdict, merge, reason_of

__all__ = [
    "Asked",
    "Declined",
    "Looser",
    "NoFallback",
    "Verdict",
    "answer_columns",
    "judge",
    "merge",
    "reason_of",
]
