"""`make bench`: python -m benchmarks [BENCH...] [--rounds N]; or with page or baseline alone."""

import argparse
import sys
import time
import traceback
from collections.abc import Callable

from benchmarks import (
    artifact,
    batch,
    bundle,
    cold,
    over_http,
    report,
    results,
    rollback,
    runtime,
    warm,
)
from benchmarks.bars import BARS
from benchmarks.models import made
from benchmarks.places import ROOT
from benchmarks.results import Taken
from benchmarks.rounds import Series

Bench = Callable[[int], Series]
BENCHES: dict[str, Bench] = {
    "warm": lambda rounds: warm.measure(made(ROOT), rounds),
    "runtime": lambda rounds: runtime.measure(made(ROOT), rounds),
    "http": lambda rounds: over_http.measure(made(ROOT), rounds),
    "cold": lambda rounds: cold.measure(made(ROOT), rounds),
    "bundle": lambda _: bundle.measure(),
    "artifact": lambda rounds: artifact.measure(made(ROOT)["B"], rounds),
    "batch": lambda rounds: batch.measure(made(ROOT), rounds),
    "rollback": rollback.measure,
}
ALONE: dict[str, Callable[[], None]] = {
    "page": lambda: report.write(results.load()),
    "baseline": lambda: results.save_baseline(results.spreads(results.load())),
}
"""What measures nothing: the page anew, or the last results as the baseline."""
ROUNDS = {"cold": 7, "rollback": 3}
USUAL = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("benches", nargs="*", choices=[*BENCHES, *ALONE, []])
    parser.add_argument("--rounds", type=int)
    chosen = parser.parse_args()
    if len(chosen.benches) == 1 and chosen.benches[0] in ALONE:
        ALONE[chosen.benches[0]]()
        return
    names = chosen.benches or list(BENCHES)
    failed = [name for name in names if not run(name, chosen.rounds or ROUNDS.get(name, USUAL))]
    tell([name for name in names if name not in failed])
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}. What was measured before is kept.")


def run(name: str, rounds: int) -> bool:
    """Saved when it is done; one that fails, as a peer may, takes no other with it: False."""
    print(f"── {name}, rounds: {rounds}", flush=True)
    began = time.monotonic()
    try:
        taken = Taken.now(BENCHES[name](rounds))
    except Exception:  # noqa: BLE001 - told here, and by the exit code
        traceback.print_exc()
        return False
    found = results.load() | {name: taken}
    results.save({each: found[each] for each in BENCHES if each in found})
    report.write(results.load())
    print(f"── {name}: {time.monotonic() - began:.0f} s", flush=True)
    return True


def tell(names: list[str]) -> None:
    found = results.spreads(results.load())
    for bar in BARS:
        if bar.bench in names and bar.key in found:
            verdict = "met" if bar.met(found[bar.key]) else "MISSED"
            print(f"{verdict:<7} {bar.key}: {found[bar.key].median:.3g} (bar: {bar.limit:g})")
    worse = results.regressions(found, results.load_baseline(), names)
    for line in worse:
        print(f"WORSE   {line}")
    if not worse:
        print("Nothing is worse than the baseline beyond the noise.")
    print(f"Written: {report.PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
