"""Bytes come back from /tmp as they were put there, or not at all."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.loading.blob_cache import BlobCache
from model_store.canonical import sha256_hex

BLOB = b"the model"
DIGEST = sha256_hex(BLOB)


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def cache(tmp_path: Path, told: list[tuple[str, str]]) -> BlobCache:
    return BlobCache(tmp_path / "a" / "cache", lambda event, digest: told.append((event, digest)))


def test_what_was_put_is_found_by_the_next_process(
    cache: BlobCache, told: list[tuple[str, str]]
) -> None:
    cache.put(DIGEST, BLOB)
    assert BlobCache(cache.folder, cache.report).get(DIGEST) == BLOB
    assert told == []


def test_what_was_never_put_is_not_there_and_no_trouble(
    cache: BlobCache, told: list[tuple[str, str]]
) -> None:
    assert cache.get(DIGEST) is None
    assert told == []


@given(altered=st.binary().filter(lambda data: data != BLOB))
def test_fault_row_15_altered_bytes_are_never_given_out(
    tmp_path_factory: pytest.TempPathFactory, altered: bytes
) -> None:
    told: list[tuple[str, str]] = []
    folder = tmp_path_factory.mktemp("cache")
    cache = BlobCache(folder, lambda event, digest: told.append((event, digest)))
    (folder / DIGEST).write_bytes(altered)
    assert cache.get(DIGEST) is None
    assert told == [("cache_altered", DIGEST)]
    assert not (folder / DIGEST).exists()
    cache.put(DIGEST, BLOB)
    assert cache.get(DIGEST) == BLOB


def test_a_file_that_cannot_be_read_is_told_and_counts_as_absent(
    cache: BlobCache, told: list[tuple[str, str]]
) -> None:
    (cache.folder / DIGEST).mkdir(parents=True)
    assert cache.get(DIGEST) is None
    assert told == [("cache_unreadable", DIGEST)]


def test_nobody_else_may_look_into_the_folder(cache: BlobCache) -> None:
    cache.put(DIGEST, BLOB)
    assert cache.folder.stat().st_mode & 0o777 == 0o700


def test_fault_row_14_a_write_that_fails_half_way_leaves_nothing_behind(
    cache: BlobCache, told: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full /tmp: what was begun takes no room, and is never mistaken for the whole."""
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        write(self, data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    cache.put(DIGEST, BLOB)
    assert told == [("cache_not_written", DIGEST)]
    assert os.listdir(cache.folder) == []  # noqa: PTH208 - names, as they are on disk
    assert cache.get(DIGEST) is None


def test_fault_row_14_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, told: list[tuple[str, str]]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = BlobCache(tmp_path / "file", lambda event, digest: told.append((event, digest)))
    cache.put(DIGEST, BLOB)
    assert cache.get(DIGEST) is None
    assert told[0] == ("cache_not_written", DIGEST)


def test_the_bytes_get_their_name_only_once_they_are_complete(
    cache: BlobCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies in between leaves a name that nobody looks for."""
    seen: list[str] = []
    replace = Path.replace

    def noting(self: Path, target: Path) -> Path:
        seen.extend(entry.name for entry in cache.folder.iterdir())
        assert self.read_bytes() == BLOB
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noting)
    cache.put(DIGEST, BLOB)
    assert seen == [f"{DIGEST}.{os.getpid()}.partial"]
