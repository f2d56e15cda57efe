"""Stopping work at its deadline, and no other work."""

from threading import Event

from model_store.watchdog import Watchdog

PLENTY = 30.0


def test_stops_work_whose_deadline_passes():
    """Fault row 27."""
    stopped = Event()
    with Watchdog().watch(0.01, stopped.set) as watch:
        assert stopped.wait(PLENTY)
        assert watch.expired


def test_notices_an_earlier_deadline_while_it_sleeps_until_a_later_one():
    """Fault row 27."""
    watchdog, early, late = Watchdog(), Event(), Event()
    with watchdog.watch(3000, late.set) as patient:
        with watchdog.watch(0.01, early.set):
            assert early.wait(PLENTY)
        assert not patient.expired
        assert not late.is_set()


def test_never_stops_work_that_was_let_go():
    """Fault row 27: a later call is not punished for an earlier one."""
    watchdog, first, second = Watchdog(), Event(), Event()
    with watchdog.watch(0.05, first.set) as watch:
        pass
    with watchdog.watch(0.1, second.set):
        assert second.wait(PLENTY)
    assert not watch.expired
    assert not first.is_set()


def test_keeps_watching_after_a_quiet_time():
    """Fault row 27: one thread serves the whole life of the process."""
    watchdog = Watchdog()
    for _ in range(3):
        stopped = Event()
        with watchdog.watch(0.01, stopped.set):
            assert stopped.wait(PLENTY)
