"""Whoever waits for sam hears how far the release is; what cannot be told ends no deploy."""

from threading import Event

from infra.aws import Aws
from infra.release.deploy.progress import told_progress
from tests.infra.release.conftest import StrictLambda, lambda_version
from tests.infra.release.shifting import Shifting
from tests.infra.release.stubs import stubbed

PATIENCE = 30.0


def heard_of(aws: Aws, looks: int = 1) -> list[str]:
    """What is told until CodeDeploy was asked so often, or something was told."""
    heard: list[str] = []
    told = Event()

    def tell(line: str) -> None:
        heard.append(line)
        told.set()

    with told_progress(aws, "scaled", tell, pause=0.001):
        assert told.wait(PATIENCE)
        while len(getattr(aws.codedeploy, "calls", range(looks))) < looks:
            told.clear()
            told.wait(0.001)
    return heard


def test_a_change_is_told_once() -> None:
    (aws,) = stubbed()
    functions = StrictLambda([lambda_version(n, str(n)) for n in (2, 3)], "2")
    aws.__dict__["codedeploy"] = Shifting(functions, "2", "3")
    assert heard_of(aws, looks=5) == ["Lambda version 3 is asked before it gets traffic"]


def test_what_cannot_be_told_is_said_once_and_ends_nothing() -> None:
    aws, codedeploy = stubbed("codedeploy")
    codedeploy.add_client_error("list_deployments", "AccessDeniedException", "no")
    (line,) = heard_of(aws)
    assert line.startswith("How far the release is cannot be told:")


def test_without_a_listener_codedeploy_is_not_asked() -> None:
    (aws,) = stubbed()
    with told_progress(aws, "scaled", None):
        assert "codedeploy" not in aws.__dict__
