"""Work that answers its caller before it is done, if it has to wait for something."""

import logging
import threading
import time
from collections.abc import Callable

PAUSE_S = 0.1
_LOG = logging.getLogger("lambent.local")


def start(work: Callable[[Callable[[], None]], None]) -> None:
    """Returns when `work(pause)` is done, raising what it raises, or once it calls `pause`.

    From then on it goes on alone, and each `pause` lasts PAUSE_S.
    """
    answerable = threading.Event()
    failures: list[Exception] = []

    def pause() -> None:
        answerable.set()
        time.sleep(PAUSE_S)

    def run() -> None:
        try:
            work(pause)
        except Exception as error:  # noqa: BLE001 - told to the caller, or logged
            if answerable.is_set():
                _LOG.exception("embedded CloudFormation: work in the background failed")
            failures.append(error)
        finally:
            answerable.set()

    threading.Thread(target=run, name="stack", daemon=True).start()
    answerable.wait()
    if failures:
        raise failures[0]
