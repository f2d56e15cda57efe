"""An alarm arrives: look, decide, move the alias, write it down, tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.guard.alarm import Alarm, read_alarm
from functions.guard.decision import RollBack, Seen, Stay, decide
from functions.guard.mark import WHO, Mark, unwritten
from functions.guard.messages import facts, message, metric
from functions.guard.settings import Settings
from functions.operations.telling import Teller
from model_store.aws import translated
from model_store.errors import AwsFailed
from model_store.history.event import Event
from model_store.history.live import ALIAS, Alias, read_alias, read_versions
from model_store.history.shift import find_shift, last_failure
from model_store.history.table import HistoryTable, Move
from model_store.history.timeline import with_observed

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LONGEST_RELEASE = timedelta(hours=4)
"""An hour for the hook, ninety minutes of shifting, and some to spare."""


@dataclass(frozen=True)
class Guard:
    """Takes a release back when an alarm of the live version is lit.

    Every step may be repeated: an alarm is delivered at least once, and two may be lit at the
    same time. `codedeploy`: its client has no type stubs here.
    """

    settings: Settings
    lambda_: "LambdaClient"
    codedeploy: Any
    history: HistoryTable
    teller: Teller
    now: Callable[[], datetime]

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ARG002 - Lambda's own
        """Raises NotUnderstood, and AwsError as `act` does."""
        self.act(read_alarm(event))

    def act(self, alarm: Alarm) -> RollBack | Stay:
        """Raises AwsError where AWS does not answer: Lambda then delivers the alarm again."""
        written = self.history.events(self.settings.model)
        seen = self._look(written)
        done = unfinished(seen, written)
        if done:
            return self._remember(written, done)
        decision = decide(alarm, seen)
        if isinstance(decision, Stay):
            return self._stay(decision.why)
        if not self._move(seen.alias, written, decision):
            winner = read_alias(self.lambda_, self.settings.function).number
            return self._stay(f"somebody else moved the alias first: live is version {winner}")
        return self._remember(written, decision)

    def _look(self, written: Sequence[Event]) -> Seen:
        """The alias before the deployments: one that begins later moves it, and is noticed."""
        settings, now = self.settings, self.now()
        alias = read_alias(self.lambda_, settings.function)
        versions = read_versions(self.lambda_, settings.function)
        shift = find_shift(self.codedeploy, settings.function)
        stopped = last_failure(self.codedeploy, settings.function, now - LONGEST_RELEASE)
        events = with_observed(written, versions[alias.number], now.isoformat(timespec="seconds"))
        return Seen(settings.model, alias, versions, events, now, settings.hours, shift, stopped)

    def _move(self, seen: Alias, written: Sequence[Event], decision: RollBack) -> bool:
        """False when the alias is no longer as it was seen (fault row 40)."""
        source, target = decision.source.number, decision.target.number
        after = written[-1].sequence if written else 0
        mark = Mark(self.now(), source, target, after, decision.why)
        try:
            with translated(f"alias {self.settings.function}:{ALIAS}"):
                self.lambda_.update_alias(
                    FunctionName=self.settings.function,
                    Name=ALIAS,
                    FunctionVersion=target,
                    RoutingConfig={"AdditionalVersionWeights": {}},
                    Description=str(mark),
                    RevisionId=seen.revision,
                )
        except AwsFailed as error:
            if error.code == "PreconditionFailedException":
                return False
            raise
        return True

    def _remember(self, written: Sequence[Event], decision: RollBack) -> RollBack:
        model, source = self.settings.model, decision.source
        known = self.history.reconciled(model, source, written)
        move = Move("automatic rollback", source.number, WHO, decision.why, source.digest)
        self.history.record(model, move, decision.target, known, once=True)
        measured = metric(self.settings.function, self.now())
        self.teller.log("rolled back", **facts(decision), **measured)
        self.teller.send(message(model, decision))
        return decision

    def _stay(self, why: str) -> Stay:
        self.teller.log("stayed", why=why)
        return Stay(why)


def unfinished(seen: Seen, written: Sequence[Event]) -> RollBack | None:
    """The rollback that an earlier run made and did not live to write down. Pure."""
    mark = unwritten(seen.alias, written)
    if mark is None or mark.source not in seen.versions:
        return None
    return RollBack(seen.versions[mark.source], seen.versions[mark.target], mark.why)
