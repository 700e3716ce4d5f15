"""Budgets of a process and of a machine: who shares them, and what waiting in them comes to."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from airflow_provider_seventime.api.http.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.budgets import rate_limiter_for
from airflow_provider_seventime.api.rate_limit.rate import FORM, SHARE_OF_LIMIT, RateLimiter
from airflow_provider_seventime.api.rate_limit.stores import MachineRateStore, ProcessRateStore
from airflow_provider_seventime.exceptions import ConfigError

INTERVAL = 0.25
# The first spacings of a fresh budget are a little wider.
FIRST_SPACING = pytest.approx(1.175 * INTERVAL)


@pytest.fixture(params=["process", "machine"])
def make_keeper(request, tmp_path):
    """Make what keeps the pace, of either kind."""
    if request.param == "process":
        return ProcessRateStore
    return lambda clock: MachineRateStore(tmp_path / "folder" / "budget", clock)


@pytest.fixture
def keeper(make_keeper, clock):
    return make_keeper(clock)


@pytest.fixture
def budget(keeper, clock):
    return RateLimiter(keeper, INTERVAL, clock)


def departures(budget, clock, count):
    """Return when each of some requests left, in seconds from now."""
    begin = clock.now
    times = []
    for _ in range(count):
        budget.acquire()
        times.append(clock.now - begin)
    return times


def test_what_was_waited_is_told(budget, clock):
    assert budget.acquire() == 0
    clock.now += 0.1
    assert budget.acquire() == pytest.approx(1.175 * INTERVAL - 0.1)
    assert sum(clock.sleeps) == pytest.approx(1.175 * INTERVAL - 0.1)


def test_a_rejection_pauses_all_who_share_it(keeper, budget, clock):
    budget.acquire()
    RateLimiter(keeper, INTERVAL, clock).slow_down(3.0)
    times = departures(budget, clock, 3)
    assert times[0] == pytest.approx(3.0)
    assert times[1] - times[0] == pytest.approx(2 * INTERVAL, rel=0.05)


def test_one_that_sleeps_already_waits_for_the_pause_too(keeper, budget, clock):
    rejected = RateLimiter(keeper, INTERVAL, clock)
    asleep, sleep = [], clock.sleep

    def sleep_once_rejected(seconds):
        if not asleep:
            rejected.slow_down(3.0)
        asleep.append(seconds)
        sleep(seconds)

    budget.acquire()
    clock.sleep = sleep_once_rejected

    assert budget.acquire() == pytest.approx(3.0)
    assert asleep == [FIRST_SPACING, pytest.approx(3.0 - 1.175 * INTERVAL)]


def test_threads_take_turns(make_keeper):
    interval_seconds = 0.02
    clock = SystemClock()
    budget = RateLimiter(make_keeper(clock), interval_seconds, clock)
    together = threading.Barrier(8)

    def ask(_):
        together.wait(5)
        left = []
        for _ in range(3):
            budget.acquire()
            left.append(clock.monotonic())
        return left

    with ThreadPoolExecutor(8) as threads:
        per_thread = list(threads.map(ask, range(8)))
    times = sorted(time for left in per_thread for time in left)
    # Whoever had them, n turns take n - 1 spacings; the first may have departed a little late.
    assert times[-1] - times[0] >= 22 * interval_seconds
    # Each has its first turn before anyone has a third.
    assert max(left[0] for left in per_thread) < min(left[2] for left in per_thread)


def test_a_long_wait_is_said_once(budget, clock, caplog):
    with caplog.at_level(logging.INFO, "airflow_provider_seventime.api.rate_limit.rate"):
        departures(budget, clock, 400)
    (line,) = caplog.messages
    assert line.startswith("Waiting for the budget of requests: 30 s so far for 1")


def test_a_long_pause_is_said_when_it_begins(budget, clock, caplog):
    budget.slow_down(90.0)
    said_before_sleeping, sleep = [], clock.sleep

    def note_and_sleep(seconds):
        said_before_sleeping.extend(caplog.messages)
        sleep(seconds)

    clock.sleep = note_and_sleep
    with caplog.at_level(logging.INFO, "airflow_provider_seventime.api.rate_limit.rate"):
        budget.acquire()
    assert said_before_sleeping == caplog.messages
    assert "the next in 90.0 s; a rejection or a long queue holds everyone back" in caplog.text


class TestChoice:
    @pytest.mark.parametrize("requests_per_second", [4, 1, 100])
    def test_the_spacing_stays_under_the_limit(self, make_settings, clock, requests_per_second):
        times = departures(rate_limiter_for(make_settings(requests_per_second=requests_per_second), clock), clock, 12)
        spacings = [after - before for before, after in pairwise(times)]
        assert spacings[4:] == pytest.approx([1 / (SHARE_OF_LIMIT * requests_per_second)] * 7)

    def test_clients_of_one_key_share_a_process_budget(self, make_settings, clock):
        first, second, other = (
            rate_limiter_for(make_settings(password=key, requests_per_second=4), clock)
            for key in ("shared-key-of-two", "shared-key-of-two", "key-of-another")
        )
        first.acquire()
        assert second.acquire() > 0.2
        assert other.acquire() == 0

    @pytest.mark.parametrize("pacing", ["process", "machine"])
    def test_the_lower_of_two_rates_holds_for_both(self, make_settings, clock, pacing):
        fast, slow = (
            rate_limiter_for(
                make_settings(password=f"key-of-two-rates-{pacing}", pacing=pacing, requests_per_second=rate), clock
            )
            for rate in (100, 1)
        )
        slow.acquire()
        assert fast.acquire() > 1
        assert fast.acquire() > 1

    def test_the_same_key_at_another_host_is_another_budget(self, make_settings, clock):
        first, second = (
            rate_limiter_for(make_settings(host, password="key-of-two-hosts"), clock) for host in ("a.test", "b.test")
        )
        first.acquire()
        assert second.acquire() == 0

    def test_a_machine_budget_lies_in_a_folder_of_this_user(self, make_settings, clock, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        settings = make_settings(pacing="machine", password="the-very-secret-key")
        rate_limiter_for(settings, clock).acquire()
        (folder,) = tmp_path.iterdir()
        (file,) = folder.iterdir()
        assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
        assert "secret" not in str(file)
        assert b"secret" not in file.read_bytes()
        assert rate_limiter_for(settings, clock).acquire() > 0


class TestFile:
    @pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 200], ids=["empty", "short", "long"])
    def test_nonsense_in_it_begins_anew(self, tmp_path, clock, content):
        path = tmp_path / "budget"
        path.write_bytes(content)
        times = departures(RateLimiter(MachineRateStore(path, clock), INTERVAL, clock), clock, 3)
        assert times[:2] == [0, FIRST_SPACING]

    def test_one_from_before_a_restart_of_the_machine_is_no_obstacle(self, tmp_path, clock):
        clock.now = 1_000_000.0
        budget = RateLimiter(MachineRateStore(tmp_path / "budget", clock), INTERVAL, clock)
        departures(budget, clock, 30)
        clock.now = 5.0
        times = departures(budget, clock, 3)
        assert times == pytest.approx([INTERVAL, 2 * INTERVAL, 3 * INTERVAL])

    def test_a_folder_that_is_none_is_a_wrong_connection(self, tmp_path, clock):
        (tmp_path / "folder").write_text("a file")
        with pytest.raises(
            ConfigError, match=r"the budget of requests cannot be shared .* set the extra pacing to 'pro"
        ):
            RateLimiter(MachineRateStore(tmp_path / "folder" / "budget", clock), INTERVAL, clock).acquire()

    def test_a_full_disk_is_a_wrong_connection_too(self, clock, tmp_path):
        (tmp_path / "budget").symlink_to("/dev/full")
        with pytest.raises(ConfigError, match="No space left on device"):
            RateLimiter(MachineRateStore(tmp_path / "budget", clock), INTERVAL, clock).acquire()

    def test_it_does_not_grow(self, tmp_path, clock):
        path = tmp_path / "budget"
        departures(RateLimiter(MachineRateStore(path, clock), INTERVAL, clock), clock, 20)
        assert path.stat().st_size == FORM.size
