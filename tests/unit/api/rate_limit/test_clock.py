"""Clocks: a stop flag ends each wait, and a wait of the machine's clock within half a second."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.rate_limit.clock import STOP_CHECK_SECONDS, StopFlag, StoppableClock, SystemClock
from airflow_provider_seventime.exceptions import StoppedError


class RecordingSystemClock(SystemClock):
    """Machine's clock that does not wait, and that stops a client after a number of sleeps."""

    def __init__(self, stop, stop_after=None):
        self.now = 5.0
        self.sleeps = []
        self._stop = stop
        self._stop_after = stop_after

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.sleeps.append(seconds)
        if len(self.sleeps) == self._stop_after:
            self._stop.set()


@pytest.fixture
def stop():
    return StopFlag()


@pytest.mark.parametrize(
    ("seconds", "sleeps"),
    [(0.0, []), (-1.0, []), (0.25, [0.25]), (0.5, [0.5]), (1.25, [0.5, 0.5, 0.25])],
)
def test_the_machine_waits_in_short_steps(stop, seconds, sleeps):
    clock = RecordingSystemClock(stop)
    StoppableClock(clock, stop).sleep(seconds)
    assert clock.sleeps == sleeps
    assert max(clock.sleeps, default=0.0) <= STOP_CHECK_SECONDS


def test_a_machine_that_sleeps_longer_than_asked_does_not_add_it_up(stop):
    class SlowClock(RecordingSystemClock):
        def sleep(self, seconds):
            super().sleep(2 * seconds)

    clock = SlowClock(stop)
    StoppableClock(clock, stop).sleep(2.0)
    assert clock.now == 7.0


def test_a_wait_ends_after_the_step_in_which_the_client_is_stopped(stop):
    clock = RecordingSystemClock(stop, stop_after=2)
    with pytest.raises(StoppedError):
        StoppableClock(clock, stop).sleep(60.0)
    assert clock.sleeps == [0.5, 0.5]


def test_a_stopped_client_does_not_begin_a_wait(stop, clock):
    stop.set()
    with pytest.raises(StoppedError):
        StoppableClock(clock, stop).sleep(60.0)
    assert clock.sleeps == []


def test_another_clock_waits_in_one_step(stop, clock):
    StoppableClock(clock, stop).sleep(60.0)
    assert clock.sleeps == [60.0]


def test_another_clock_raises_after_a_wait_in_which_the_client_is_stopped(stop, clock):
    class StoppingClock:
        monotonic = staticmethod(clock.monotonic)

        def sleep(self, seconds):
            clock.sleep(seconds)
            stop.set()

    with pytest.raises(StoppedError):
        StoppableClock(StoppingClock(), stop).sleep(60.0)
    assert clock.sleeps == [60.0]


def test_the_time_is_that_of_the_clock(stop, clock):
    assert StoppableClock(clock, stop).monotonic() == clock.now
