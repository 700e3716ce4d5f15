from datetime import UTC, date, datetime, timedelta

import pytest

from airflow_provider_seventime.dates import SWEDEN, load_zone
from airflow_provider_seventime.sandbox.state.clock import SandboxClock, start_of

START = datetime(2026, 10, 1, 10, tzinfo=UTC)


class Ticks:
    """Seconds that a test advances."""

    def __init__(self, seconds=1000.0):
        self.seconds = seconds

    def __call__(self):
        return self.seconds


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def clock(ticks):
    return SandboxClock(START, monotonic=ticks, wall=Ticks(START.timestamp()))


def test_it_starts_at_the_given_time_and_ticks(clock, ticks):
    assert clock.now() == START
    ticks.seconds += 2.5
    assert clock.now() == START + timedelta(seconds=2.5)


def test_it_moves_forward_and_back(clock):
    clock.advance(3600)
    assert clock.now() == START + timedelta(hours=1)
    clock.set(START - timedelta(days=1))
    assert clock.now() == START - timedelta(days=1)


def test_a_stopped_clock_can_be_moved_and_started_again(clock, ticks):
    clock.freeze(True)
    ticks.seconds += 60
    assert clock.now() == START
    clock.advance(5)
    assert clock.now() == START + timedelta(seconds=5)
    clock.freeze(False)
    ticks.seconds += 1
    assert clock.now() == START + timedelta(seconds=6)


def test_a_restored_clock_has_ticked_meanwhile(clock, ticks):
    clock.advance(3600)
    state = clock.state()
    later = SandboxClock(START, monotonic=ticks, wall=Ticks(START.timestamp() + 60))
    later.restore(state)
    assert later.now() == START + timedelta(hours=1, seconds=60)


def test_a_restored_stopped_clock_is_still_stopped(clock, ticks):
    clock.freeze(True)
    later = SandboxClock(START, monotonic=ticks, wall=Ticks(START.timestamp() + 60))
    later.restore(clock.state())
    ticks.seconds += 60
    assert (later.now(), later.frozen) == (START, True)


@pytest.mark.parametrize(
    ("today", "start"),
    [
        (date(2026, 10, 1), datetime(2026, 10, 1, 10, tzinfo=UTC)),
        (date(2026, 1, 2), datetime(2026, 1, 2, 11, tzinfo=UTC)),
    ],
    ids=["summer", "winter"],
)
def test_a_day_starts_at_noon_swedish_time(today, start):
    assert start_of(today, load_zone(SWEDEN)) == start
