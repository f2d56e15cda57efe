"""A forest of three trees, and a bucket that holds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.cast import Cast, objects_of
from benchmarks.models import Subject, subject_b
from benchmarks.places import ROOT
from benchmarks.s3 import serving


@pytest.fixture(scope="session")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return subject_b(tmp_path_factory.mktemp("artifact"), trees=3, depth=3, rows=1400)


@pytest.fixture
def cast(subject: Subject, tmp_path: Path) -> Iterator[Cast]:
    """Lambent from its sources: no bundle is built for a test."""
    with serving(objects_of(subject), tmp_path) as store:
        yield Cast(subject, store, ROOT)
