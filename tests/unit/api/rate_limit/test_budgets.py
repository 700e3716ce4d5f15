"""Rate limits of a process and of a machine: which clients share them, and how long they wait."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from airflow_provider_seventime.api.rate_limit.budgets import rate_limiter_for
from airflow_provider_seventime.api.rate_limit.clock import StopFlag, SystemClock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder
from airflow_provider_seventime.api.rate_limit.rate import PACKING, SHARE_OF_LIMIT, RateLimiter
from airflow_provider_seventime.api.rate_limit.stores import MachineRateStore, ProcessRateStore

INTERVAL = 0.25
# The first intervals of a new rate limit are a little longer.
FIRST_SPACING = pytest.approx(1.175 * INTERVAL)


def machine_store(path, clock):
    return MachineRateStore(PrivateFolder(path.parent, "the rate limit"), path.name, clock)


@pytest.fixture(params=["process", "machine"])
def make_store(request, tmp_path):
    """Make a store, of either kind."""
    if request.param == "process":
        return ProcessRateStore
    return lambda clock: machine_store(tmp_path / "folder" / "state", clock)


@pytest.fixture
def store(make_store, clock):
    return make_store(clock)


@pytest.fixture
def rate_limiter(store, clock):
    return RateLimiter(store, INTERVAL, clock)


def departures(rate_limiter, clock, count):
    """Return the times of a number of turns, in seconds from now."""
    begin = clock.now
    times = []
    for _ in range(count):
        rate_limiter.acquire()
        times.append(clock.now - begin)
    return times


def test_the_seconds_waited_are_returned(rate_limiter, clock):
    assert rate_limiter.acquire() == 0
    clock.now += 0.1
    assert rate_limiter.acquire() == pytest.approx(1.175 * INTERVAL - 0.1)
    assert sum(clock.sleeps) == pytest.approx(1.175 * INTERVAL - 0.1)


def test_a_429_pauses_all_clients_of_the_store(store, rate_limiter, clock):
    rate_limiter.acquire()
    RateLimiter(store, INTERVAL, clock).slow_down(3.0)
    times = departures(rate_limiter, clock, 3)
    assert times[0] == pytest.approx(3.0)
    assert times[1] - times[0] == pytest.approx(2 * INTERVAL, rel=0.05)


def test_a_request_that_waits_already_is_paused_too(store, rate_limiter, clock):
    rejected = RateLimiter(store, INTERVAL, clock)
    asleep, sleep = [], clock.sleep

    def sleep_once_rejected(seconds):
        if not asleep:
            rejected.slow_down(3.0)
        asleep.append(seconds)
        sleep(seconds)

    rate_limiter.acquire()
    clock.sleep = sleep_once_rejected

    assert rate_limiter.acquire() == pytest.approx(3.0)
    assert asleep == [FIRST_SPACING, pytest.approx(3.0 - 1.175 * INTERVAL)]


def test_threads_take_turns(make_store):
    interval_seconds = 0.02
    clock = SystemClock()
    rate_limiter = RateLimiter(make_store(clock), interval_seconds, clock)
    together = threading.Barrier(8)

    def ask(_):
        together.wait(5)
        times = [clock.monotonic()]
        for _ in range(3):
            rate_limiter.acquire()
            times.append(clock.monotonic())
        return times

    with ThreadPoolExecutor(8) as threads:
        per_thread = list(threads.map(ask, range(8)))
    times = sorted(time for _, *left in per_thread for time in left)
    # n turns take n - 1 intervals; the first request may have left a little late.
    assert times[-1] - times[0] >= 22 * interval_seconds
    # A thread that asked for its first turn before another had its second has it before the other has its third.
    for asked, first, *_ in per_thread:
        assert all(first < third for _, _, second, third in per_thread if asked < second)


def test_a_long_wait_is_logged_once(rate_limiter, clock, caplog):
    with caplog.at_level(logging.INFO, "airflow_provider_seventime.api.rate_limit.rate"):
        departures(rate_limiter, clock, 400)
    (line,) = caplog.messages
    assert line.startswith("Waiting for the rate limit: 30 s so far for 1")


def test_a_long_pause_is_logged_when_it_begins(rate_limiter, clock, caplog):
    rate_limiter.slow_down(90.0)
    logged_before_sleeping, sleep = [], clock.sleep

    def log_and_sleep(seconds):
        logged_before_sleeping.extend(caplog.messages)
        sleep(seconds)

    clock.sleep = log_and_sleep
    with caplog.at_level(logging.INFO, "airflow_provider_seventime.api.rate_limit.rate"):
        rate_limiter.acquire()
    assert logged_before_sleeping == caplog.messages
    assert "the next in 90.0 s. A 429 or a long queue delays all requests of the key" in caplog.text


class TestChoice:
    @pytest.mark.parametrize("requests_per_second", [4, 1, 100])
    def test_the_interval_stays_under_the_limit(self, make_settings, clock, requests_per_second):
        times = departures(
            rate_limiter_for(make_settings(requests_per_second=requests_per_second), clock, StopFlag()), clock, 12
        )
        spacings = [after - before for before, after in pairwise(times)]
        assert spacings[4:] == pytest.approx([1 / (SHARE_OF_LIMIT * requests_per_second)] * 7)

    def test_clients_of_one_key_share_a_process_rate_limit(self, make_settings, clock):
        first, second, other = (
            rate_limiter_for(make_settings(password=key, requests_per_second=4), clock, StopFlag())
            for key in ("shared-key-of-two", "shared-key-of-two", "key-of-another")
        )
        first.acquire()
        assert second.acquire() > 0.2
        assert other.acquire() == 0

    @pytest.mark.parametrize("pacing", ["process", "machine"])
    def test_the_lower_of_two_rates_applies_to_both(self, make_settings, clock, pacing):
        fast, slow = (
            rate_limiter_for(
                make_settings(password=f"key-of-two-rates-{pacing}", pacing=pacing, requests_per_second=rate),
                clock,
                StopFlag(),
            )
            for rate in (100, 1)
        )
        slow.acquire()
        assert fast.acquire() > 1
        assert fast.acquire() > 1

    def test_the_same_key_at_another_host_has_another_rate_limit(self, make_settings, clock):
        first, second = (
            rate_limiter_for(make_settings(host, password="key-of-two-hosts"), clock, StopFlag())
            for host in ("a.test", "b.test")
        )
        first.acquire()
        assert second.acquire() == 0

    def test_a_machine_rate_limit_is_stored_in_a_folder_of_this_user(self, make_settings, clock, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        settings = make_settings(pacing="machine", password="the-very-secret-key")
        rate_limiter_for(settings, clock, StopFlag()).acquire()
        (folder,) = tmp_path.iterdir()
        (file,) = folder.iterdir()
        assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
        assert "secret" not in str(file)
        assert b"secret" not in file.read_bytes()
        assert rate_limiter_for(settings, clock, StopFlag()).acquire() > 0


class TestMachineStore:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"short",
            b"\xff" * 200,
            PACKING.pack(1, 0, 0.0, 16.0, 1e6, 60.0, 0.0),
            PACKING.pack(1, 0, 0.0, 16.0, INTERVAL, 1e9, 0.0),
            PACKING.pack(2**63 - 1, 0, 0.0, 16.0, INTERVAL, 60.0, 0.0),
        ],
        ids=["empty", "short", "long", "interval of days", "interval kept for years", "no next ticket"],
    )
    def test_an_invalid_state_is_replaced(self, tmp_path, clock, content):
        path = tmp_path / "state"
        path.write_bytes(content)
        times = departures(RateLimiter(machine_store(path, clock), INTERVAL, clock), clock, 3)
        assert times[:2] == [0, FIRST_SPACING]

    def test_a_state_from_before_a_reboot_delays_no_request(self, tmp_path, clock):
        clock.now = 1_000_000.0
        rate_limiter = RateLimiter(machine_store(tmp_path / "state", clock), INTERVAL, clock)
        departures(rate_limiter, clock, 30)
        clock.now = 5.0
        times = departures(rate_limiter, clock, 3)
        assert times == pytest.approx([INTERVAL, 2 * INTERVAL, 3 * INTERVAL])

    def test_the_file_does_not_grow(self, tmp_path, clock):
        path = tmp_path / "state"
        departures(RateLimiter(machine_store(path, clock), INTERVAL, clock), clock, 20)
        assert path.stat().st_size == PACKING.size
