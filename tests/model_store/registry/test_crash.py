"""Processes that die, and replies that never arrive, while a model is published."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
import urllib3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from model_store.artifact.folder import read_artifact
from model_store.artifact.reference import ModelReference
from model_store.registry.bucket import Bucket
from model_store.registry.errors import RegistryUnavailable
from model_store.registry.manifests import fetch
from model_store.registry.publish import Outcome, apply, observe, plan
from model_store.registry.versions import published

from .conftest import KEY_ARN, MakeArtifact

DIES_AFTER_THE_MODEL = """
import os, sys
from pathlib import Path
import boto3
from model_store.artifact.folder import read_artifact
from model_store.registry.bucket import Bucket
from model_store.registry.publish import observe, plan, steps

bucket = Bucket(boto3.client("s3", endpoint_url=sys.argv[1]), "artifacts", sys.argv[2])
artifact = read_artifact(Path(sys.argv[3]))
for _ in steps(bucket, plan(artifact, observe(bucket, artifact))):
    os._exit(9)
"""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # moto keeps one account per process, with what any test before has left in it.
    urllib3.request("POST", f"{url}/moto-api/reset")
    bucket_at(url).s3.create_bucket(Bucket="artifacts")
    yield url
    server.stop()


def bucket_at(url: str, attempts: int = 3) -> Bucket:
    config = Config(retries={"mode": "standard", "max_attempts": attempts})
    return Bucket(boto3.client("s3", endpoint_url=url, config=config), "artifacts", KEY_ARN)


def test_a_publisher_that_dies_before_the_manifest_leaves_nothing_to_see(
    endpoint: str, tmp_path: Path, make_artifact: MakeArtifact
) -> None:
    """Fault row 37: dead between two writes; readers see nothing, a rerun completes."""
    make_artifact()
    command = [sys.executable, "-c", DIES_AFTER_THE_MODEL, endpoint, KEY_ARN, str(tmp_path / "1")]
    assert subprocess.run(command, env=os.environ, check=False).returncode == 9
    bucket, artifact = bucket_at(endpoint), read_artifact(tmp_path / "1")
    assert published(bucket) == ()
    assert apply(bucket, plan(artifact, observe(bucket, artifact))) is Outcome.COMPLETED
    assert fetch(bucket, ModelReference("scaled", "1")).digest == artifact.digest


class CutsReplies(BaseHTTPRequestHandler):
    """Passes requests on, but hangs up instead of answering what writes a manifest."""

    upstream: str

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        answer = urllib3.request(
            self.command, self.upstream + self.path, body=body, headers=dict(self.headers)
        )
        if self.command == "PUT" and self.path.endswith("manifest.json"):
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in {"transfer-encoding", "connection", "date", "server"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.data)

    do_GET = do_PUT = do_HEAD = _pass_on

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def cutting(endpoint: str) -> Iterator[str]:
    handler = type("Handler", (CutsReplies,), {"upstream": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_rerun_after_a_lost_reply_recognises_its_own_bytes(
    endpoint: str, cutting: str, make_artifact: MakeArtifact
) -> None:
    """Fault row 39: the manifest was written, the reply was lost; the rerun is a success."""
    artifact = make_artifact()
    lossy = bucket_at(cutting, attempts=1)
    with pytest.raises(RegistryUnavailable):
        apply(lossy, plan(artifact, observe(lossy, artifact)))
    bucket = bucket_at(endpoint)
    assert apply(bucket, plan(artifact, observe(bucket, artifact))) is Outcome.ALREADY
