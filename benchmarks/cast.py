"""Who takes part: Lambent and the others, with the objects that they load and the events they get.

Everybody answers the same rows. Lambent loads its own artifact; the floor and the bare session the
quickest graph there is of the same estimator; the others the graph as skl2onnx gives it.
"""

import contextlib
import itertools
import json
import pickle
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.bundles import lambent_bundle
from benchmarks.contender import Contender
from benchmarks.models import Subject
from benchmarks.places import packages_of
from benchmarks.s3 import BUCKET, Store, serving
from model_store.artifact import standby
from model_store.artifact.layout import blob_key, manifest_key
from model_store.gateway_event import rest_event

SEED = 23


def objects_of(subject: Subject) -> dict[str, bytes]:
    """What lies in the bucket, by key."""
    manifest = subject.lambent.manifest
    return {
        manifest_key(manifest.reference): subject.lambent.manifest_bytes,
        **{blob_key(manifest.files[f].sha256): m for f, m in subject.lambent.models.items()},
        f"{subject.name}/plain.onnx": subject.plain,
        f"{subject.name}/packed.onnx": subject.packed,
        f"{subject.name}/model.pickle": pickle.dumps(subject.estimator),
    }


@dataclass(frozen=True)
class Cast:
    """The contenders for one subject and one store."""

    subject: Subject
    store: Store
    bundle: Path

    def lambent(self) -> Contender:
        """The real handler, with everything on that is on by default."""
        artifact = self.subject.lambent
        pin = {
            "LAMBENT_MODEL": artifact.manifest.name,
            "LAMBENT_VERSION": artifact.manifest.version,
            "LAMBENT_DIGEST": artifact.digest,
            "LAMBENT_BUCKET": BUCKET,
            "LAMBENT_STANDBY": standby.pack(artifact.manifest, artifact.digest),
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "MALLOC_ARENA_MAX": "1",
        }
        variables = self.store.environment() | pin
        return Contender("functions.inference.handler", [self.bundle], variables)

    def through_fastapi(self) -> Contender:
        """The same with every prediction left to FastAPI."""
        return replace(self.lambent(), module="through_fastapi")

    def floor(self) -> Contender:
        return self._other("floor", "floor", "packed.onnx")

    def bare(self) -> Contender:
        return self._other("bare", "floor", "packed.onnx")

    def cold_floor(self) -> Contender:
        return self._other("cold_floor", "floor", "packed.onnx")

    def documentation(self, packages: Path | None = None) -> Contender:
        return self._other("documentation", "naive", "plain.onnx", packages)

    def tutorial(self) -> Contender:
        return self._other("tutorial", "tutorial", "model.pickle")

    def echo(self) -> Contender:
        return self._other("echo", "floor", "plain.onnx")

    def columns(self) -> dict[str, str]:
        return {"BENCH_COLUMNS": json.dumps([self.subject.numbers, self.subject.strings])}

    def _other(self, module: str, peer: str, name: str, packages: Path | None = None) -> Contender:
        key = {"BENCH_KEY": f"{self.subject.name}/{name}"}
        variables = self.store.environment() | self.columns() | key
        return Contender(module, [packages or packages_of(peer)], variables)


@contextlib.contextmanager
def assembled(subject: Subject) -> Iterator[tuple[Cast, Path]]:
    """All of them, a store that is served meanwhile, and a folder for what they are sent."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with serving(objects_of(subject), scratch) as store:
            yield Cast(subject, store, lambent_bundle()), scratch


def requests(subject: Subject, rows: int, count: int) -> list[str]:
    """So many different request bodies of so many rows."""
    shuffled = random.Random(SEED).sample(subject.rows, len(subject.rows))  # noqa: S311
    endless = itertools.cycle(shuffled)
    return [json.dumps({"instances": list(itertools.islice(endless, rows))}) for _ in range(count)]


def write_events(path: Path, bodies: list[str]) -> Path:
    """Genuine events of a REST API, one per line."""
    events = [rest_event("POST", "/v1/predictions", body) for body in bodies]
    path.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    return path
