"""What `lambent plan` says: a table, the recommendation, the line to paste, what is not known."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from infra.capacity.plan import Capacity, Judged, Question, is_deployable, reservation
from infra.capacity.prices import KNOWN_ON, REGION

HEADINGS = (
    "",
    "mode",
    "MB",
    "p50 ms",
    "p99 ms",
    "cold",
    "turned away",
    "environments",
    "$/million",
    "misses",
)
GUESSED = (
    "what the graph is made of, since the manifest is from before that was recorded: the heavier "
    "is assumed; packaging it again tells"
)
UNKNOWN = (
    "how fast Lambda's processor is beside the reference machine, how long Lambda takes before any "
    "code runs, how long it keeps an idle environment",
    "the network between callers and AWS, which no p99 here holds",
    "what the account's other functions take of its concurrency",
    "requests of many rows: state --warm as measured on the dashboard",
)


@dataclass(frozen=True)
class PlanReport:
    """One answer, for people and for scripts. is_guess: the manifest leaves open what the graph is
    made of."""

    reference: str
    asked: Question
    capacity: Capacity
    is_guess: bool = False

    def document(self) -> dict[str, Any]:
        capacity, load = self.capacity, self.asked.load
        return {
            "model": self.reference,
            "load": asdict(load),
            "p99_ms": self.asked.p99_ms,
            "candidates": [
                {**_told(j), "deployable": is_deployable(j.candidate)} for j in capacity.judged
            ],
            "too_small_mb": capacity.too_small_mb,
            "recommended": _told(capacity.best) if capacity.best else None,
            "why": self.why(),
            "deploy": self.deploy_line(),
            "quotas": self.asked.quotas.notes(load),
            "unknown": self.unknown(),
            "prices": f"{REGION}, as known on {KNOWN_ON}",
        }

    def lines(self) -> Iterator[str]:
        model, load = self.asked.model, self.asked.load
        burst = f", {load.burst:g} from one moment on" if load.burst else ""
        kind = "no trees" if model.kind == "other" else model.kind
        asked = f"{load.rate:g} requests per second{burst}"
        yield f"{self.reference}: {kind}, {model.size_mb:.3g} MB; {asked}"
        yield ""
        yield from columns([HEADINGS, *(self._row(judged) for judged in self.capacity.judged)])
        if sizes := ", ".join(f"{size:,}" for size in self.capacity.too_small_mb):
            need = f"{model.memory_mb:,.0f} MB by estimate, and half as much again for safety"
            yield f"Not tried: {sizes} MB, since the model takes {need}."
        yield ""
        yield self.why()
        if line := self.deploy_line():
            yield f"  {line}"
        yield from (f"Quota: {note}." for note in self.asked.quotas.notes(load))
        yield f"Prices: {REGION}, as known on {KNOWN_ON}, with API Gateway, logs and metrics."
        yield "Not known here:"
        yield from (f"  - {what}" for what in self.unknown())

    def unknown(self) -> tuple[str, ...]:
        return (GUESSED, *UNKNOWN) if self.is_guess else UNKNOWN

    def why(self) -> str:
        best = self.capacity.best
        if best is None:
            return self._why_none()
        return (
            f"{_named(best)} is the cheapest that turns nobody away and answers 99 of 100 within "
            f"{milliseconds(best.p99_ms)} ms (asked: {self.asked.p99_ms:g} ms); "
            f"{best.environments} environments at most, {best.cold:.2%} of the requests start one."
        )

    def deploy_line(self) -> str | None:
        best, most = self.capacity.best, self.asked.load.most
        if best is None:
            return None
        rate = max(10, ceil(1.2 * most))
        return (
            f"lambent deploy {self.reference} --memory {best.candidate.memory_mb} "
            f"--{'' if best.candidate.mode == 'SnapStart' else 'no-'}snapstart "
            f"--architecture {self.asked.architecture} "
            f"--reserved-concurrency {reservation(self.asked, best)} "
            f"--throttle-rate {rate} --throttle-burst {2 * rate}"
        )

    def _why_none(self) -> str:
        if found := self.capacity.out_of_reach:
            return (
                f"Only {_named(found)} meets the target ({milliseconds(found.p99_ms)} ms), and "
                "template.yaml has no provisioned concurrency: raise --p99, or add it there."
            )
        if not self.capacity.judged:
            return "No function of Lambda is large enough for the model: make it smaller."
        least = min(self.capacity.judged, key=lambda j: (j.throttled, j.p99_ms))
        missed = "; ".join(f"{miss.part}: {miss.why}" for miss in least.misses)
        return (
            f"None meets the target. The nearest is {_named(least)}: "
            f"p99 {milliseconds(least.p99_ms)} ms. It misses: {missed}. Raise --p99 or the quotas, "
            "or spread the load."
        )

    def _row(self, judged: Judged) -> tuple[str, ...]:
        mark = "*" if judged is self.capacity.best else "+" if judged.meets else ""
        held = f" {judged.candidate.provisioned}" if judged.candidate.provisioned else ""
        return (
            mark,
            f"{judged.candidate.mode}{held}",
            str(judged.candidate.memory_mb),
            milliseconds(judged.p50_ms),
            milliseconds(judged.p99_ms),
            f"{judged.cold:.2%}",
            f"{judged.throttled:.2%}",
            str(judged.environments),
            f"{judged.dollars_per_million:.2f}",
            ", ".join(dict.fromkeys(miss.part for miss in judged.misses)),
        )


def _told(judged: Judged) -> dict[str, Any]:
    return {**asdict(judged), "meets": judged.meets}


def milliseconds(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned: words, which come first and last, to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < 2 or place == len(row) - 1 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _named(judged: Judged) -> str:
    held = f" ({judged.candidate.provisioned})" if judged.candidate.provisioned else ""
    return f"{judged.candidate.mode}{held} with {judged.candidate.memory_mb} MB"
