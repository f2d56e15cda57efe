"""The whole of a deploy but sam itself: what is asked of it, and what is remembered."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from infra.aws import Aws
from infra.errors import AwsUnavailable, NotFound, Refused, ToolFailed
from infra.local.server import EmbeddedAws
from infra.release.deploy import deploy as deploying
from infra.release.deploy.deploy import Deployed
from infra.release.deploy.parameters import Choices
from infra.release.deploy.plan import plan_deploy
from infra.release.deploy.runs import Deployer
from infra.release.deployed.history import history_of
from infra.release.deployed.observed import observe
from infra.release.deployed.status import read_status
from infra.release.stack.platform import artifact_bucket, require_platform
from infra.release.switch import rollback
from model_store.artifact.layout import manifest_key
from model_store.registry.errors import NotPublished
from tests.infra.release.alarms import set_alarm
from tests.infra.release.conftest import FakeSam, StrictLambda, manifest

MODEL = "scaled"
pytestmark = pytest.mark.usefixtures("code")


@pytest.fixture
def code(tmp_path: Path) -> None:
    """A checkout, as far as the digest of the code looks."""
    for name in ("template.yaml", "requirements/lambda.txt", "functions/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")


@pytest.fixture
def sam(aws: Aws, tmp_path: Path) -> FakeSam:
    aws.__dict__["lambda_"] = StrictLambda([], "")
    return FakeSam.over(aws, tmp_path)


def publish(aws: Aws, version: str) -> None:
    made = manifest(version)
    bucket = artifact_bucket(aws, require_platform(aws))
    assert bucket.create(manifest_key(made.reference), made.to_bytes())


def deploy(aws: Aws, sam: FakeSam, target: str, *, again: bool = False, **options: Any) -> Deployed:
    deployer = Deployer(aws, sam)
    situation = deploying.observe(deployer, target, options)
    plan = plan_deploy(situation, again=again)
    if plan.is_live:
        return deploying.where_it_answers(aws, MODEL, cast(Any, situation.live))
    return deploying.apply(deployer, plan)


def test_a_first_deploy_builds_deploys_and_is_remembered(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    deployed = deploy(aws, sam, MODEL)
    assert sam.ran == ["build", "deploy"]
    assert (deployed.version, deployed.lambda_version) == ("1", "1")
    assert deployed.api_url == "https://abc123.execute-api.us-east-1.amazonaws.com/live"
    (event,) = history_of(aws).events(MODEL)
    assert (event.action, event.source, event.model_version) == ("release", None, "1")


def test_without_a_version_the_newest_published_is_deployed(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    publish(aws, "2")
    assert deploy(aws, sam, MODEL).version == "2"
    assert deploy(aws, sam, f"{MODEL}@1").version == "1"


def test_the_same_code_is_built_once(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    publish(aws, "2")
    deploy(aws, sam, f"{MODEL}@1")
    deploy(aws, sam, f"{MODEL}@2")
    assert sam.ran == ["build", "deploy", "deploy"]


def test_changed_code_is_built_again(aws: Aws, sam: FakeSam, tmp_path: Path) -> None:
    publish(aws, "1")
    deploy(aws, sam, MODEL)
    (tmp_path / "functions/__init__.py").write_text("2")
    deploy(aws, sam, MODEL)
    assert sam.ran == ["build", "deploy"] * 2


def test_another_architecture_is_another_build(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    deploy(aws, sam, MODEL)
    deploy(aws, sam, MODEL, architecture="x86_64")
    assert sam.ran == ["build", "deploy"] * 2


def test_a_repeated_deploy_does_nothing(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    deploy(aws, sam, MODEL)
    deploy(aws, sam, MODEL)
    assert sam.ran == ["build", "deploy"]
    assert len(history_of(aws).events(MODEL)) == 1


def test_what_is_not_named_stays_as_it_was(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    publish(aws, "2")
    deploy(aws, sam, f"{MODEL}@1", memory=2048)
    deploy(aws, sam, f"{MODEL}@2", timeout=5)
    kept = Choices.from_parameters(Deployer(aws, sam).samconfig.parameters(MODEL), Choices())
    assert (kept.memory, kept.timeout) == (2048, 5)


def test_what_is_deployed_counts_where_this_checkout_has_no_samconfig(
    aws: Aws, sam: FakeSam
) -> None:
    publish(aws, "1")
    deploy(aws, sam, MODEL, memory=2048)
    sam.config.unlink()
    situation = deploying.observe(Deployer(aws, sam), MODEL, {})
    assert situation.choices.memory == 2048


def test_the_embedded_aws_starts_anew_without_what_samconfig_remembers(
    aws: Aws, sam: FakeSam
) -> None:
    publish(aws, "1")
    deployer = Deployer(aws, sam)
    situation = deploying.observe(deployer, MODEL, {})
    stale = plan_deploy(situation).parameters | {"MemorySize": "4096"}
    deployer.samconfig.write(MODEL, stale, "us-east-1")
    assert deploying.observe(deployer, MODEL, {}).choices.memory == 4096
    _ = aws.s3, aws.cloudformation, aws.dynamodb  # made before the endpoint changes
    aws.endpoint = "http://localhost:4566"
    assert deploying.observe(deployer, MODEL, {}).choices.memory == Choices().memory


def test_a_plain_sam_deploy_is_noted_as_observed(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    publish(aws, "2")
    deploy(aws, sam, f"{MODEL}@1")
    parameters = Deployer(aws, sam).samconfig.parameters(MODEL)
    parameters |= {"ModelVersion": "2", "ModelDigest": manifest("2").digest}
    Deployer(aws, sam).samconfig.write(MODEL, parameters, "us-east-1")
    sam.deploy(MODEL, next((sam.root / ".lambent/build").glob("*/bundle/template.json")))
    read_status(aws, MODEL)
    assert [e.action for e in history_of(aws).events(MODEL)] == ["release", "observed"]
    read_status(aws, MODEL)
    assert len(history_of(aws).events(MODEL)) == 2


def test_a_deploy_after_a_rollback_does_not_bring_the_bad_model_back(
    aws: Aws, sam: FakeSam
) -> None:
    for version in ("1", "2"):
        publish(aws, version)
        deploy(aws, sam, f"{MODEL}@{version}")
    plan = rollback.plan(MODEL, observe(aws, MODEL))
    rollback.apply(aws, plan)
    events = rollback.remember(aws, plan, None, "bad")
    config = Deployer(aws, sam).samconfig
    assert rollback.repoint(plan, events, config, sam.root, "us-east-1")
    with pytest.raises(Refused, match="--again"):
        deploy(aws, sam, MODEL, memory=2048)
    template = next((sam.root / ".lambent/build").glob("*/bundle/template.json"))
    sam.deploy(MODEL, template)  # plain sam, by the samconfig that the rollback repointed
    assert read_status(aws, MODEL).drift is None
    assert deploy(aws, sam, f"{MODEL}@2", again=True).version == "2"


def test_success_of_sam_alone_is_no_evidence(
    aws: Aws, sam: FakeSam, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(aws, "1")
    publish(aws, "2")
    deploy(aws, sam, f"{MODEL}@1")
    monkeypatch.setattr(FakeSam, "deploy", lambda *_: None)
    with pytest.raises(ToolFailed, match="live is 1, not 2"):
        deploy(aws, sam, MODEL)


def test_what_is_not_published_cannot_be_deployed(aws: Aws, sam: FakeSam) -> None:
    with pytest.raises(NotPublished, match="lambent publish"):
        deploy(aws, sam, MODEL)
    with pytest.raises(NotPublished):
        deploy(aws, sam, f"{MODEL}@7")


def test_a_dry_run_writes_no_history(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    deploy(aws, sam, MODEL)
    functions = cast(StrictLambda, aws.lambda_)
    functions.versions.append(functions.versions[0])
    deploying.observe(Deployer(aws, sam), MODEL, {}, write=False)
    assert len(history_of(aws).events(MODEL)) == 1


def test_status_tells_what_is_live_since_when_and_what_was_before(aws: Aws, sam: FakeSam) -> None:
    for version in ("1", "2"):
        publish(aws, version)
        deploy(aws, sam, f"{MODEL}@{version}")
    publish(aws, "3")
    status = read_status(aws, MODEL)
    assert status.live is not None
    assert status.live.version.model_version == "2"
    assert status.since == history_of(aws).events(MODEL)[-1].at
    assert status.previous is not None
    assert status.previous.model_version == "1"
    assert status.not_live == ("1", "3")
    assert (status.drift, status.troubles, status.alarms) == (None, (), ())


def test_status_names_the_alarms_that_are_lit(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    deploy(aws, sam, MODEL)
    for name, state in (("errors", "ALARM"), ("latency", "OK"), ("x-errors", "ALARM")):
        set_alarm(aws, f"lambent-scaled-{name}", state)
    assert read_status(aws, MODEL).alarms == ("lambent-scaled-errors",)


def test_status_tells_drift_after_a_rollback(aws: Aws, sam: FakeSam) -> None:
    for version in ("1", "2"):
        publish(aws, version)
        deploy(aws, sam, f"{MODEL}@{version}")
    rollback.apply(aws, rollback.plan(MODEL, observe(aws, MODEL)))
    assert read_status(aws, MODEL).drift == "the stack pins scaled@2, live is 1"


def test_status_tells_settings_that_a_rollback_brought_back(aws: Aws, sam: FakeSam) -> None:
    """The stack's parameters stay those of the last deploy, the live version keeps its own."""
    publish(aws, "1")
    deploy(aws, sam, f"{MODEL}@1", memory=512)
    deploy(aws, sam, f"{MODEL}@1", memory=2048)
    assert read_status(aws, MODEL).drift is None
    rollback.apply(aws, rollback.plan(MODEL, observe(aws, MODEL), "lambda:1"))
    assert read_status(aws, MODEL).drift == "the stack says MemorySize 2048, live has 512"


def test_status_says_what_it_could_not_find_out(aws: Aws, sam: FakeSam) -> None:
    publish(aws, "1")
    deploy(aws, sam, MODEL)
    _fail(aws, "s3", "ListObjectsV2")
    status = read_status(aws, MODEL)
    assert status.live is not None
    assert len(status.troubles) == 1
    assert "S3" in status.troubles[0]


def test_status_of_what_is_nowhere_is_an_error(aws: Aws, sam: FakeSam) -> None:
    with pytest.raises(NotFound, match="lambent models"):
        read_status(aws, "unheard-of")


def test_a_network_that_is_down_is_told_as_such(aws: Aws) -> None:
    aws.__dict__["cloudformation"] = Aws("http://localhost:1", "us-east-1").cloudformation
    with pytest.raises(AwsUnavailable, match="AWS_ENDPOINT_URL"):
        require_platform(aws)


def _fail(aws: Aws, service: str, operation: str) -> None:
    from botocore.exceptions import EndpointConnectionError

    def refuse(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=f"https://{service}")

    getattr(aws, service).meta.events.register_first(f"before-call.{service}.{operation}", refuse)


DIES_BEFORE_THE_ALIAS = """
import os, sys
from pathlib import Path
from infra.aws import Aws
from infra.release.deploy import deploy
from infra.release.deploy.plan import plan_deploy
from infra.release.deploy.runs import Deployer
from infra.release.stack.sam import Sam

class DyingSam(Sam):
    def build(self, environment, folder, config):
        folder.mkdir(parents=True)
        (folder / "template.yaml").write_text("Resources: {}")

    def deploy(self, environment, template, config):
        os._exit(9)

root = Path(sys.argv[2])
deployer = Deployer(Aws(sys.argv[1], "us-east-1"), DyingSam(root, root / "samconfig.toml"))
deploy.apply(deployer, plan_deploy(deploy.observe(deployer, "scaled", {})))
"""


def test_a_crash_after_publishing_is_told_and_can_be_resumed(
    aws: Aws, embedded_aws: EmbeddedAws, tmp_path: Path
) -> None:
    """Fault row 38: published, not live; the next deploy goes on from there."""
    remote = Aws(embedded_aws.endpoint, "us-east-1")
    publish(remote, "1")
    command = [sys.executable, "-c", DIES_BEFORE_THE_ALIAS, str(remote.endpoint), str(tmp_path)]
    assert subprocess.run(command, env=os.environ, check=False).returncode == 9
    status = read_status(remote, MODEL)
    assert status.live is None
    assert status.not_live == ("1",)
    remote.__dict__["lambda_"] = StrictLambda([], "")
    sam = FakeSam.over(remote, tmp_path)
    assert deploy(remote, sam, MODEL).version == "1"
    assert sam.ran == ["deploy"]  # the build of the attempt that died is good
    assert read_status(remote, MODEL).not_live == ()
