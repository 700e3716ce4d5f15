"""The budget of requests: evenly spaced, a little under the limit, slower after a rejection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from airflow_provider_seventime.api.budgets import budget_for
from airflow_provider_seventime.api.pacing import (
    FURTHEST_SLOT_SECONDS,
    SLOW_FACTOR,
    SLOW_SECONDS,
    MachineBudget,
    Pace,
    ProcessBudget,
)
from airflow_provider_seventime.exceptions import ConfigError

INTERVAL = 0.25


@pytest.fixture(params=["process", "machine"])
def make_budget(request, tmp_path, clock):
    """Make a budget of either kind."""
    if request.param == "process":
        return lambda interval=INTERVAL: ProcessBudget(interval, clock)
    return lambda interval=INTERVAL: MachineBudget(tmp_path / "folder" / "budget", interval, clock)


def departures(budget, clock, count):
    """Return when each of some requests left, in seconds from now."""
    begin = clock.now
    times = []
    for _ in range(count):
        budget.acquire()
        times.append(clock.now - begin)
    return times


def test_the_first_request_leaves_at_once_and_the_others_evenly(make_budget, clock):
    assert departures(make_budget(), clock, 5) == pytest.approx([0, 0.25, 0.5, 0.75, 1.0])


def test_what_was_waited_is_told(make_budget, clock):
    budget = make_budget()
    assert budget.acquire() == 0
    clock.now += 0.1
    assert budget.acquire() == pytest.approx(0.15)
    assert clock.sleeps == pytest.approx([0.15])


def test_time_that_nobody_used_is_not_made_up_for(make_budget, clock):
    budget = make_budget()
    budget.acquire()
    clock.now += 60
    assert departures(budget, clock, 3) == pytest.approx([0, 0.25, 0.5])


def test_a_rejection_pauses_and_then_slows_for_a_while(make_budget, clock):
    budget = make_budget()
    budget.acquire()
    budget.slow_down(3.0)
    times = departures(budget, clock, 40)
    assert times[0] == pytest.approx(3.0)
    gaps = [round(after - before, 6) for before, after in pairwise(times)]
    slow = [gap for gap in gaps if gap == INTERVAL * SLOW_FACTOR]
    assert gaps == [INTERVAL * SLOW_FACTOR] * len(slow) + [INTERVAL] * (len(gaps) - len(slow))
    assert len(slow) == SLOW_SECONDS / (INTERVAL * SLOW_FACTOR)


def test_a_rejection_does_not_shorten_a_queue(make_budget, clock):
    budget = make_budget(interval=5.0)
    budget.acquire()
    budget.slow_down(1.0)
    assert budget.acquire() == pytest.approx(5.0)


def test_a_clock_that_began_anew_does_not_stop_the_work(make_budget, clock):
    clock.now = 1_000_000.0
    budget = make_budget()
    budget.acquire()
    budget.slow_down(60.0)
    clock.now = 5.0
    assert departures(budget, clock, 3) == pytest.approx([0, 0.25, 0.5])


@pytest.mark.parametrize("ahead", [FURTHEST_SLOT_SECONDS - 1, FURTHEST_SLOT_SECONDS, float("inf"), float("nan")])
def test_a_slot_too_far_ahead_is_forgotten(ahead):
    wait, after = Pace(100.0 + ahead, 0.0).reserve(100.0, 1.0)
    kept = ahead < FURTHEST_SLOT_SECONDS
    assert wait == (ahead if kept else 0.0)
    assert after.next_slot == 100.0 + wait + 1.0


def test_threads_share_it(make_budget, clock):
    clock.sleep = lambda seconds: None
    budget = make_budget()
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: budget.acquire(), range(40)))
    assert sorted(waits) == pytest.approx([number * INTERVAL for number in range(40)])


class TestChoice:
    @pytest.mark.parametrize(("requests_per_second", "interval"), [(4, 1 / 3.8), (1, 1 / 0.95), (100, 1 / 95)], ids=str)
    def test_the_spacing_stays_under_the_limit(self, make_settings, clock, requests_per_second, interval):
        budget = budget_for(make_settings(requests_per_second=requests_per_second), clock)
        assert departures(budget, clock, 3) == pytest.approx([0, interval, 2 * interval])

    def test_four_a_second_never_shows_five_in_any_second(self, make_settings, clock):
        times = departures(budget_for(make_settings(requests_per_second=4), clock), clock, 50)
        assert max(sum(1 for time in times if begin <= time < begin + 1.0) for begin in times) == 4

    def test_clients_of_one_key_share_a_process_budget(self, make_settings, clock):
        first, second, other = (
            budget_for(make_settings(password=key, requests_per_second=4), clock)
            for key in ("shared-key-of-two", "shared-key-of-two", "key-of-another")
        )
        first.acquire()
        assert second.acquire() > 0.2
        assert other.acquire() == 0

    def test_the_same_key_at_another_host_is_another_budget(self, make_settings, clock):
        first, second = (
            budget_for(make_settings(host, password="key-of-two-hosts"), clock) for host in ("a.test", "b.test")
        )
        first.acquire()
        assert second.acquire() == 0

    def test_a_machine_budget_lies_in_a_folder_of_this_user(self, make_settings, clock, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        settings = make_settings(pacing="machine", password="the-very-secret-key")
        budget_for(settings, clock).acquire()
        (folder,) = tmp_path.iterdir()
        (file,) = folder.iterdir()
        assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
        assert "secret" not in str(file)
        assert b"secret" not in file.read_bytes()
        assert budget_for(settings, clock).acquire() > 0


class TestFile:
    @pytest.mark.parametrize(
        "content", [b"", b"short", b"\xff" * 16, b"\xff" * 64], ids=["empty", "short", "NaN", "long"]
    )
    def test_nonsense_in_it_begins_anew(self, tmp_path, clock, content):
        path = tmp_path / "budget"
        path.write_bytes(content)
        assert departures(MachineBudget(path, INTERVAL, clock), clock, 3) == pytest.approx([0, 0.25, 0.5])

    def test_a_folder_that_is_none_is_a_wrong_connection(self, tmp_path, clock):
        (tmp_path / "folder").write_text("a file")
        with pytest.raises(
            ConfigError, match=r"the budget of requests cannot be shared .* set the extra pacing to 'pro"
        ):
            MachineBudget(tmp_path / "folder" / "budget", INTERVAL, clock).acquire()

    def test_two_handles_on_it_share_it(self, tmp_path, clock):
        budgets = [MachineBudget(tmp_path / "budget", INTERVAL, clock) for _ in range(2)]
        waits = [budgets[number % 2].acquire() for number in range(4)]
        assert waits == pytest.approx([0, 0.25, 0.25, 0.25])

    def test_it_takes_turns(self, tmp_path, clock):
        path = tmp_path / "budget"
        barrier = threading.Barrier(4)

        def take(_):
            budget = MachineBudget(path, 0.0, clock)
            barrier.wait()
            return [budget.acquire() for _ in range(50)]

        with ThreadPoolExecutor(4) as threads:
            assert all(wait == 0 for waits in threads.map(take, range(4)) for wait in waits)
        assert path.stat().st_size == 16
