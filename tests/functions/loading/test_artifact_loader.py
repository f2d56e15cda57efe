"""Exactly the pinned bytes reach the predictor, all of them read under one deadline."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from functions.inference.loading.artifact_loader import ArtifactLoader
from functions.inference.loading.blob_cache import BlobCache
from functions.inference.loading.errors import ArtifactCorrupt, ArtifactUnusable
from functions.inference.loading.s3 import Deadline
from functions.inference.settings import Limits, Pin
from model_store.artifact.layout import LARGEST_MANIFEST
from model_store.artifact.manifest import Manifest
from model_store.errors import ModelNotLoadable
from tests.functions.conftest import Published, publish

INIT_SECONDS = 10.0
"""What AWS Lambda gives the init phase."""


@dataclass
class Bucket:
    """Objects by key; remembers what was asked of it."""

    objects: dict[str, bytes]
    name: str = "artifacts"
    asked: list[tuple[str, int, Deadline]] = field(default_factory=list)

    def get(self, key: str, largest: int, deadline: Deadline) -> bytes:
        self.asked.append((key, largest, deadline))
        return self.objects[key]


@pytest.fixture
def published() -> Published:
    return publish()


@pytest.fixture
def bucket(published: Published) -> Bucket:
    return Bucket(
        {
            published.manifest_key: published.manifest.to_bytes(),
            published.blob_key: published.model,
        }
    )


@pytest.fixture
def loader(published: Published, bucket: Bucket, tmp_path: Path) -> Callable[..., ArtifactLoader]:
    def make(build: Any = lambda model, manifest: (model, manifest), **pin: str) -> ArtifactLoader:
        pinned = {"name": "penguins", "version": "1", "digest": published.digest} | pin
        cache = BlobCache(tmp_path, lambda event, digest: None)
        return ArtifactLoader(Pin(**pinned), bucket, cache, build)

    return make


def test_the_predictor_is_built_of_the_verified_bytes(
    loader: Callable[..., ArtifactLoader], published: Published
) -> None:
    loaded = loader().load(5)
    assert loaded.manifest == published.manifest
    assert loaded.predictor == (published.model, published.manifest)


def test_fault_row_3_one_deadline_bounds_manifest_and_model_together(
    loader: Callable[..., ArtifactLoader], bucket: Bucket
) -> None:
    before = Deadline.after(5)
    loader().load(5)
    (_, _, first), (_, _, second) = bucket.asked
    assert first is second
    assert before.at <= first.at <= Deadline.after(5).at


def test_fault_row_2_reading_at_the_start_leaves_half_of_the_init_phase_for_the_rest() -> None:
    """Imports and building the session come on top of `load_at_start`."""
    assert 0 < Limits().load_at_start <= INIT_SECONDS / 2


def test_threat_api4_no_more_is_read_than_the_manifest_says(
    loader: Callable[..., ArtifactLoader], bucket: Bucket, published: Published
) -> None:
    loader().load(5)
    assert [(key, largest) for key, largest, _ in bucket.asked] == [
        (published.manifest_key, LARGEST_MANIFEST),
        (published.blob_key, len(published.model)),
    ]


@pytest.mark.parametrize("which", ["manifest_key", "blob_key"])
def test_fault_rows_5_and_6_other_bytes_never_reach_the_runtime_nor_the_cache(
    loader: Callable[..., ArtifactLoader],
    bucket: Bucket,
    published: Published,
    which: str,
    tmp_path: Path,
) -> None:
    def build(model: bytes, manifest: Manifest) -> Any:
        raise AssertionError("built")

    key = getattr(published, which)
    bucket.objects[key] = publish(title="another").manifest.to_bytes()
    with pytest.raises(ArtifactCorrupt, match=f"s3://artifacts/{key}"):
        loader(build).load(5)
    kept = {path.read_bytes() for path in tmp_path.iterdir()}
    assert bucket.objects[key] not in kept


def test_a_second_load_asks_the_bucket_for_nothing(
    loader: Callable[..., ArtifactLoader], bucket: Bucket
) -> None:
    loader().load(5)
    bucket.asked.clear()
    loader().load(5)
    assert bucket.asked == []


def test_the_manifest_of_another_model_is_not_served_under_this_name(
    loader: Callable[..., ArtifactLoader], bucket: Bucket, published: Published
) -> None:
    """Its digest is pinned and right; the name it was published under is not."""
    bucket.objects["models/walruses/1/manifest.json"] = published.manifest.to_bytes()
    with pytest.raises(ArtifactUnusable, match="penguins@1, not of walruses@1"):
        loader(name="walruses").load(5)


def test_what_the_runtime_refuses_is_unusable_and_keeps_the_reason(
    loader: Callable[..., ArtifactLoader],
) -> None:
    def build(model: bytes, manifest: Manifest) -> Any:
        raise ModelNotLoadable("model", "is refused by ONNX Runtime", "Roll back")

    with pytest.raises(ArtifactUnusable, match=r"penguins@1: model: is refused .* Roll back"):
        loader(build).load(5)
