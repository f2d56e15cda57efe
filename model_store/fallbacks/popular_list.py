"""A list in S3, best first, that is refreshed without a deploy."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, ValidationError

from model_store.contract.record import Record, explain
from model_store.errors import ArtifactError
from model_store.fallbacks.expression import LONGEST_TEXT
from model_store.fallbacks.records import Popular

LARGEST_LIST = 256 * 1024
CLOCK_SKEW = timedelta(minutes=5)

Item = (
    bool
    | Annotated[int, Field(ge=-(2**63), lt=2**63)]
    | Annotated[str, Field(max_length=LONGEST_TEXT)]
)
"""A label that is short enough to be repeated in every answer of a batch."""


class PopularList(Record):
    """What is popular now. updated: when it was found out; its age counts from there."""

    updated: AwareDatetime
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=1000)]

    @classmethod
    def parse(cls, data: bytes) -> "PopularList":
        """Raises ArtifactError."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            next_step = "Write it again with `lambent popular`"
            raise ArtifactError("popular list", explain(error), next_step) from None

    def is_fresh(self, link: Popular, now: datetime) -> bool:
        """Neither older than the fallback allows, nor from a future that no clock explains."""
        return -CLOCK_SKEW <= now - self.updated <= timedelta(seconds=link.max_age)
