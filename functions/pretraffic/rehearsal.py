"""Everything tried on a version before it goes live, cheapest first, until one thing fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.pretraffic.alarms import check_alarms, read_alarms
from functions.pretraffic.asking import Callee
from functions.pretraffic.callers import comparable
from functions.pretraffic.golden import replay
from functions.pretraffic.manifests import Manifests
from functions.pretraffic.report import Check, Report
from functions.pretraffic.settings import ALL_AT_ONCE, Settings
from functions.pretraffic.side_by_side import candidate_alone, side_by_side
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, predictions_path
from model_store.errors import LambentError
from model_store.history.live import Version, read_live

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

LONGEST_REQUEST = 30.0
"""Seconds: API Gateway waits 29 for a function."""
READY_ATTEMPTS = 3
READY_PAUSE = 10.5
"""Seconds; a function that could not load its model tries again after ten."""


@dataclass(frozen=True)
class Clients:
    """Of boto3, for what is only read and asked."""

    lambda_: "LambdaClient"
    s3: "S3Client"
    cloudwatch: "CloudWatchClient"
    kms: "KMSClient"


@dataclass(frozen=True)
class Rehearsal:
    """time_left: seconds until there must be a verdict."""

    settings: Settings
    clients: Clients
    time_left: Callable[[], float]
    sleep: Callable[[float], None]

    def run(self) -> tuple[Report, Version | None]:
        """The report, and what is live. Whatever goes wrong is a check that failed."""
        checks: list[Check] = []
        live: Version | None = None
        try:
            live = read_live(self.clients.lambda_, self.settings.function)
            for check in self._checks(live):
                checks.append(check)
                if check.verdict == "failed":
                    break
        except LambentError as error:
            checks.append(Check("hook", "failed", str(error)))
        except Exception as error:  # noqa: BLE001 - no verdict would hang the deployment for an hour
            checks.append(Check("hook", "failed", _told(error)))
        return self._report(live, checks), live

    def _report(self, live: Version | None, checks: list[Check]) -> Report:
        reference = self.settings.reference
        return Report(
            reference.name,
            reference.version,
            self.settings.candidate,
            live.number if live else "",
            tuple(checks),
        )

    def _checks(self, live: Version | None) -> Iterator[Check]:
        yield self._alarms()
        manifest = self._manifests.read(self.settings.reference, self.settings.digest)
        yield self._artifact(manifest)
        yield self._ready(self._candidate(manifest.contract))
        yield replay(manifest, self.settings.digest, self._candidate)
        found = comparable(manifest, live, self._manifests, self.settings.candidate)
        if isinstance(found, str):
            yield Check("comparison", "skipped", found)
            yield from candidate_alone(manifest, self._candidate(manifest.contract), self.settings)
            return
        candidate = self._candidate(found.served)
        before = self._version(found.number, found.live)
        yield from side_by_side(found, candidate, before, self.settings)

    def _alarms(self) -> Check:
        names = self.settings.alarms
        return check_alarms(
            names,
            read_alarms(self.clients.cloudwatch, names),
            self.settings.candidate,
            shifts=self.settings.traffic != ALL_AT_ONCE,
        )

    def _artifact(self, manifest: Manifest) -> Check:
        told = f"the manifest of {manifest.reference} is the one that is pinned"
        if not self.settings.signing_key:
            return Check("artifact", "passed", told)
        self._manifests.check_signature(
            self.clients.kms, self.settings.signing_key, manifest.reference, self.settings.digest
        )
        return Check("artifact", "passed", f"{told}, and signed")

    def _ready(self, version: Callee) -> Check:
        for attempt in range(READY_ATTEMPTS):
            reply = version.get("/health/ready")
            if reply.is_fine:
                start = f" after a cold start of {reply.start:.0f} ms" if reply.start else ""
                return Check("readiness", "passed", f"the model is loaded{start}")
            if attempt < READY_ATTEMPTS - 1:
                self.sleep(READY_PAUSE)
        why = str(reply.body.get("detail") or "")
        return Check("readiness", "failed", f"/health/ready {reply.told} {why}".strip())

    @property
    def _manifests(self) -> Manifests:
        return Manifests(self.clients.s3, self.settings.bucket)

    def _candidate(self, contract: Contract) -> Callee:
        return self._version(self.settings.candidate, contract)

    def _version(self, number: str, contract: Contract) -> Callee:
        return Callee(
            self.clients.lambda_,
            self.settings.function,
            number,
            predictions_path(contract.major),
            self.time_left,
            self.sleep,
            LONGEST_REQUEST,
        )


def _told(error: BaseException) -> str:
    """Type and place alone: the message of an exception may quote what was sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else ""
    return f"the hook itself failed: {type(error).__name__}{place}. Report it as a bug of Lambent."
