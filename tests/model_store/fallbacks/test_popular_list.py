"""A list is answered from while it is fresh and can be believed."""

from datetime import UTC, datetime, timedelta

import pytest

from model_store.errors import ArtifactError
from model_store.fallbacks.popular_list import LARGEST_LIST, PopularList
from model_store.fallbacks.records import Popular

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
LINK = Popular(list="top", max_age=3600)


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(hours=1), True),
        (timedelta(hours=1, seconds=1), False),
        (timedelta(days=400), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5, seconds=-1), False),
    ],
)
def test_a_list_is_fresh_from_its_time_until_its_age_limit(age: timedelta, fresh: bool) -> None:
    """A writer's clock may be ahead by a little; a list from next year is a mistake."""
    assert PopularList(updated=NOW - age, items=("a",)).is_fresh(LINK, NOW) is fresh


def test_its_age_is_the_same_in_every_time_zone() -> None:
    found = PopularList.parse(b'{"updated": "2030-01-01T17:30:00+05:30", "items": ["a", 2, true]}')
    assert found.is_fresh(LINK, NOW)
    assert not found.is_fresh(LINK, NOW + timedelta(seconds=3601))
    assert found.items == ("a", 2, True)
    assert [type(item) for item in found.items] == [str, int, bool]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"items": ["a"]}',
        b'{"updated": "2030-01-01T00:00:00Z", "items": []}',
        b'{"updated": "2030-01-01T00:00:00", "items": ["a"]}',
        b'{"updated": "yesterday", "items": ["a"]}',
        b'{"updated": "2030-01-01T00:00:00Z", "items": [null]}',
        b'{"updated": "2030-01-01T00:00:00Z", "items": [{"a": 1}]}',
        b'{"updated": "2030-01-01T00:00:00Z", "items": ["a"], "more": 1}',
        b'{"updated": "2030-01-01T00:00:00Z", "items": ["\xff"]}',
    ],
)
def test_a_damaged_list_is_told_with_the_command_that_mends_it(data: bytes) -> None:
    with pytest.raises(ArtifactError, match="lambent popular"):
        PopularList.parse(data)


def test_a_list_holds_a_thousand_items_and_what_is_stored_can_be_read() -> None:
    longest = PopularList(updated=NOW, items=tuple("x" * 200 for _ in range(1000)))
    stored = longest.model_dump_json().encode()
    assert len(stored) <= LARGEST_LIST
    assert PopularList.parse(stored) == longest
    with pytest.raises(ArtifactError):
        PopularList.parse(stored.replace(b"[", b'["one more",', 1))


@pytest.mark.parametrize("item", ['"' + "x" * 201 + '"', "9" * 4000, str(2**63)])
def test_threat_api4_an_item_too_large_to_be_in_every_answer_is_refused(item: str) -> None:
    """A batch repeats the items for each of a thousand rows."""
    with pytest.raises(ArtifactError, match="lambent popular"):
        PopularList.parse(f'{{"updated": "2030-01-01T00:00:00Z", "items": [{item}]}}'.encode())
