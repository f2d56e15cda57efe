"""Whether an alarm takes the newest release back. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.guard.alarm import Alarm
from functions.guard.mark import read_mark
from model_store.history.event import Event
from model_store.history.live import Alias, Version
from model_store.history.shift import Shift
from model_store.history.timeline import STACK, models_behind, moves, previous

WATCHED = ("errors", "latency", "fallbacks")
"""Alarms about how the live version answers; that callers are throttled is no fault of a model."""
COOL_DOWN = timedelta(hours=1)
"""Alarms look back five minutes, and metrics come up to two minutes late: a tenth of this lets the
measurements of the version that was left run out. A second trouble within the hour, after another
release, says that the releases are not its cause; the first has called a person, who may decide."""

ECHO = timedelta(minutes=10)
"""The alarms measure whatever callers meet, and so the requests that a release got before it was
stopped: for the five minutes that they look back, and the two that metrics are late."""


@dataclass(frozen=True)
class Seen:
    """What there is when an alarm arrives.

    `versions` by number; `events` include the move that led to what is live. `hours`: how long
    after its release a version is guarded; 0 is never. `stopped`: when a release last was.
    """

    model: str
    alias: Alias
    versions: Mapping[str, Version]
    events: Sequence[Event]
    now: datetime
    hours: float
    shift: Shift | None = None
    stopped: datetime | None = None

    @property
    def live(self) -> Version:
        return self.versions[self.alias.number]

    @property
    def last(self) -> Event:
        """The last move to another model: a shadow leaves the one that answers where it is."""
        moved = moves(self.events)
        return next((event for event in reversed(moved) if event.action != "shadow on"), moved[0])


@dataclass(frozen=True)
class RollBack:
    """Make `target` live instead of `source`."""

    source: Version
    target: Version
    why: str


@dataclass(frozen=True)
class Stay:
    """Leave the alias where it is."""

    why: str


def decide(alarm: Alarm, seen: Seen) -> RollBack | Stay:
    why = next(_reasons_to_stay(alarm, seen), None)
    return Stay(why) if why else _back(alarm, seen)


def _reasons_to_stay(alarm: Alarm, seen: Seen) -> Iterator[str]:
    watched = {f"lambent-{seen.model}-{name}" for name in WATCHED}
    if alarm.state != "ALARM" or alarm.name not in watched:
        yield f"{alarm.name} is {alarm.state}: no lit alarm of the live version"
    if seen.hours <= 0:
        yield "the guard is switched off (GuardHours is 0)"
    if seen.shift:
        yield f"deployment {seen.shift.deployment} moves traffic: CodeDeploy watches over it"
    if seen.alias.weights:
        yield "a part of the traffic goes to another version: whoever split it is in charge"
    yield from _no_release(seen)
    yield from _wrong_time(alarm, seen)


def _no_release(seen: Seen) -> Iterator[str]:
    last, number = seen.last, seen.alias.number
    if not _leads_to_live(seen):
        yield f"the history does not know how version {number} became live"
    if last.action not in STACK or seen.live.is_fallback_only:
        yield f"version {number} is live since a {last.action}, not since a release"
    if last.action == "observed" and _was_live_before(seen.events, last):
        yield f"somebody moved the alias back to version {last.target} by hand"


def _leads_to_live(seen: Seen) -> bool:
    """Also through twins that copy requests to a shadow, as long as they are of the same model."""
    last, number = seen.last, seen.alias.number
    if moves(seen.events)[-1].target != number:
        return False
    if last.target == number:
        return True
    behind = models_behind(seen.events).get(number)
    return behind == last.target and seen.live.digest == last.digest


def _was_live_before(events: Sequence[Event], last: Event) -> bool:
    return any(e.target == last.target and e.sequence < last.sequence for e in moves(events))


def _wrong_time(alarm: Alarm, seen: Seen) -> Iterator[str]:
    released = _released(seen)
    if alarm.changed <= released:
        yield f"{alarm.name} was lit at {alarm.changed:%H:%M:%S}, before the release"
    if seen.now - released > timedelta(hours=seen.hours):
        yield f"the release is older than {seen.hours:g} hours (GuardHours)"
    if seen.stopped and alarm.changed - seen.stopped < ECHO:
        yield f"another release was stopped at {seen.stopped:%H:%M:%S}, and may have lit it"
    last = max(_automatic(seen), default=None)
    if last and seen.now - last < COOL_DOWN:
        yield f"there was an automatic rollback at {last:%H:%M:%S}, less than an hour ago"


def _automatic(seen: Seen) -> Iterator[datetime]:
    """When the guard moved the alias; by its own mark, too, for it may have died right after."""
    for event in seen.events:
        if event.action == "automatic rollback":
            yield datetime.fromisoformat(event.at)
    mark = read_mark(seen.alias)
    if mark:
        yield mark.at


def _released(seen: Seen) -> datetime:
    """A move that was only found has happened after its version was published."""
    if seen.last.action == "observed":
        return seen.versions.get(seen.last.target, seen.live).published
    return datetime.fromisoformat(seen.last.at)


def _back(alarm: Alarm, seen: Seen) -> RollBack | Stay:
    live = seen.live
    event = previous(seen.events, live.number)
    target = seen.versions.get(event.target) if event else None
    if event is None:
        return Stay("nothing earlier was live and was not rolled back itself")
    if target is None or target.digest != event.digest or target.is_fallback_only:
        return Stay(f"version {event.target}, which was live before, is gone")
    if target.is_shadowing:  # by somebody's hand, for the history would lead behind it
        return Stay(f"version {target.number}, which was live before, copies requests to a shadow")
    why = f"{alarm.name} lit after the release of {seen.last.at}: {alarm.reason}"
    return RollBack(live, target, why)
