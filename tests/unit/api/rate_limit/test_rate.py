"""Rate limiter state: even turns, 429 responses, late requests, and clocks that jump."""

from __future__ import annotations

import heapq
import random
from dataclasses import replace
from itertools import pairwise
from math import inf, nan

import pytest

from airflow_provider_seventime.api.rate_limit.rate import (
    IDLE_SECONDS,
    MAX_AHEAD_SECONDS,
    PACKING,
    RATE_EXPIRY_SECONDS,
    RECOVERY_REQUESTS,
    SHARE_OF_LIMIT,
    TOLERATED_LATENESS_SECONDS,
    RateState,
)
from airflow_provider_seventime.sandbox.rate_limit import RateLimit

INTERVAL = 0.25
NOW = 1000.0


@pytest.fixture
def steady():
    """A state long after its start, with a turn at ``NOW``."""
    return replace(RateState.initial(NOW, INTERVAL), recovered=1000.0)


def take_tickets(state, now, count, interval=INTERVAL):
    """Take tickets at one moment; return them, the seconds until their turns, and the new state."""
    tickets, waits = [], []
    for _ in range(count):
        ticket, wait, state = state.take_ticket(now, interval)
        tickets.append(ticket)
        waits.append(wait)
    return tickets, waits, state


def turns(state, tickets):
    return [state.turn(ticket) for ticket in tickets]


def gaps(times):
    return [after - before for before, after in pairwise(times)]


class TestTurns:
    def test_the_first_is_at_once_and_the_others_follow_evenly(self, steady):
        tickets, waits, _ = take_tickets(steady, NOW, 5)
        assert tickets == [0, 1, 2, 3, 4]
        assert waits == pytest.approx([0, 0.25, 0.5, 0.75, 1.0])

    def test_the_first_intervals_of_a_new_state_are_a_little_longer(self):
        _, waits, _ = take_tickets(RateState.initial(NOW, INTERVAL), NOW, 8)
        spacings = gaps(waits)
        assert all(before > after for before, after in pairwise(spacings[:5]))
        assert spacings[0] == pytest.approx(1.175 * INTERVAL)
        assert spacings[4:] == pytest.approx([INTERVAL] * 3)

    def test_unused_time_is_not_made_up_for(self, steady):
        _, _, state = take_tickets(steady, NOW, 1)
        _, waits, _ = take_tickets(state, NOW + 0.9, 3)
        assert waits == pytest.approx([0, 0.25, 0.5])

    def test_after_a_second_without_requests_it_starts_as_a_new_state(self, steady):
        _, _, state = take_tickets(steady, NOW, 1)
        later = NOW + INTERVAL + IDLE_SECONDS
        assert take_tickets(state, later, 6)[1] == pytest.approx(
            take_tickets(RateState.initial(later, INTERVAL), later, 6)[1]
        )


class TestPause:
    def test_waiting_requests_are_delayed_in_their_order(self, steady):
        tickets, _, state = take_tickets(steady, NOW, 5)
        state = state.paused(NOW + 0.3, 3.0)
        # Two have left. The third has its turn at the end of the pause.
        later = turns(state, tickets[2:])
        assert later[0] == pytest.approx(NOW + 3.3)
        assert all(gap == pytest.approx(2 * INTERVAL, rel=0.1) for gap in gaps(later))

    def test_a_request_that_wakes_waits_for_the_rest_of_the_pause(self, steady):
        (_, ticket), _, state = take_tickets(steady, NOW, 2)
        state = state.paused(NOW + 0.1, 3.0)
        wait, same = state.check_ticket(ticket, NOW + 0.25)
        assert wait == pytest.approx(2.85)
        assert same is state

    def test_the_interval_recovers_gradually(self, steady):
        _, waits, _ = take_tickets(steady.paused(NOW, 1.0), NOW, int(RECOVERY_REQUESTS) + 5)
        spacings = gaps(waits)
        recovering = spacings[: int(RECOVERY_REQUESTS)]
        steps = gaps(recovering)
        assert recovering[0] == pytest.approx(2 * INTERVAL, rel=0.05)
        assert steps == pytest.approx([-INTERVAL / RECOVERY_REQUESTS] * len(steps))
        assert spacings[len(recovering) :] == pytest.approx([INTERVAL] * 4)

    def test_several_at_once_count_once(self, steady):
        tickets, _, state = take_tickets(steady, NOW, 9)
        once = state.paused(NOW + 0.1, 2.0)
        often = once.paused(NOW + 0.15, 1.5).paused(NOW + 0.4, 1.0).paused(NOW + 1.0, 1.1)
        assert turns(often, tickets[1:]) == turns(once, tickets[1:])

    def test_a_longer_pause_replaces_a_shorter_one(self, steady):
        (_, ticket), _, state = take_tickets(steady, NOW, 2)
        assert state.paused(NOW, 1.0).paused(NOW, 5.0).turn(ticket) == NOW + 5

    def test_a_pause_does_not_shorten_a_queue(self):
        _, _, state = take_tickets(RateState.initial(NOW, 5.0), NOW, 1, 5.0)
        before = state.turn(1)
        assert state.paused(NOW, 1.0).turn(1) == before > NOW + 5

    def test_unused_time_counts_as_recovery(self, steady):
        state = steady.paused(NOW, 1.0)
        _, waits, _ = take_tickets(state, NOW + 1.0 + 0.9, 2)
        used = 0.9 / INTERVAL + 0.5
        assert waits == pytest.approx([0, INTERVAL * (2 - used / RECOVERY_REQUESTS)])


class TestLateRequest:
    def test_the_requests_behind_it_wait_as_much_longer(self, steady):
        tickets, _, state = take_tickets(steady, NOW, 4)
        wait, after = state.check_ticket(tickets[1], NOW + INTERVAL + 0.1)
        assert wait == 0
        delays = [
            there - before for before, there in zip(turns(state, tickets[2:]), turns(after, tickets[2:]), strict=True)
        ]
        assert delays == pytest.approx([0.1 - TOLERATED_LATENESS_SECONDS] * 2)

    def test_a_little_lateness_is_tolerated(self, steady):
        tickets, _, state = take_tickets(steady, NOW, 4)
        assert state.check_ticket(tickets[1], NOW + INTERVAL + TOLERATED_LATENESS_SECONDS / 2) == (0, state)

    def test_a_request_later_than_others_counts_as_an_interval(self, steady):
        tickets, _, state = take_tickets(steady, NOW, 8)
        now = NOW + 4.1 * INTERVAL
        _, after = state.check_ticket(tickets[1], now)
        assert gaps([state.turn(5), after.turn(5)]) == pytest.approx([INTERVAL])

    def test_without_waiting_requests_the_next_one_waits(self, steady):
        (_, ticket), _, state = take_tickets(steady, NOW, 2)
        _, after = state.check_ticket(ticket, NOW + 7)
        assert take_tickets(after, NOW + 7, 1)[1] == pytest.approx([INTERVAL])

    def test_a_ticket_of_a_lost_state_is_sent_and_counts(self):
        fresh = RateState.initial(NOW, INTERVAL)
        wait, after = fresh.check_ticket(4711, NOW)
        assert wait == 0
        assert take_tickets(after, NOW, 1)[1] == pytest.approx([INTERVAL])


class TestRate:
    def test_the_lower_rate_applies_to_all(self, steady):
        _, _, state = take_tickets(steady, NOW, 1, interval=1.0)
        _, waits, _ = take_tickets(state, NOW, 3)
        assert waits == pytest.approx([1, 2, 3])

    def test_it_applies_to_waiting_requests(self, steady):
        tickets, _, state = take_tickets(steady, NOW, 4)
        _, _, state = take_tickets(state, NOW, 1, interval=1.0)
        assert [turn - NOW for turn in turns(state, tickets[1:])] == pytest.approx([0.25, 1.25, 2.25])

    def test_it_expires_when_no_client_asks_for_it(self, steady):
        _, _, state = take_tickets(steady, NOW, 1, interval=1.0)
        for now in (NOW + RATE_EXPIRY_SECONDS, NOW + RATE_EXPIRY_SECONDS + 0.9):
            assert take_tickets(state, now, 2)[1][1] >= 1.0
        assert take_tickets(state, NOW + RATE_EXPIRY_SECONDS + 1.1, 2)[1][1] < 0.3


class TestClock:
    def test_a_jump_back_leaves_turns_as_far_ahead_as_they_were(self, steady):
        tickets, _, state = take_tickets(steady, NOW, 5)
        jumped = state.adjusted(NOW + 0.1, INTERVAL).adjusted(20.0, INTERVAL)
        assert [turn - 20.0 for turn in turns(jumped, tickets[1:])] == pytest.approx([0.15, 0.4, 0.65, 0.9])

    def test_a_jump_ahead_keeps_the_interval(self, steady):
        # Four requests wake an hour late by the store. Four more ask at the same moments.
        tickets, _, state = take_tickets(steady, NOW, 5)
        departures, asked, now = [], [], NOW + 3600.0
        for ticket in tickets[1:]:
            now += INTERVAL
            state = state.check_ticket(ticket, now)[1]
            departures.append(now)
            (new,), _, state = take_tickets(state, now, 1)
            asked.append(new)
        # The first of the four new ones shares the moment of a late one. The others come after them all.
        departures += turns(state, asked[1:])
        assert min(gaps(departures)) >= INTERVAL - 1e-6

    @pytest.mark.parametrize("ahead", [MAX_AHEAD_SECONDS - 1, MAX_AHEAD_SECONDS + 1])
    def test_a_turn_too_far_ahead_is_discarded(self, steady, ahead):
        state = replace(steady, base_time=NOW + ahead).adjusted(NOW, INTERVAL)
        assert take_tickets(state, NOW, 1)[1] == [ahead if ahead < MAX_AHEAD_SECONDS else 0]

    def test_a_long_queue_at_a_low_rate_is_kept(self):
        _, waits, state = take_tickets(RateState.initial(NOW, 20.0), NOW, 60, 20.0)
        assert waits[-1] > MAX_AHEAD_SECONDS
        assert state.adjusted(NOW, 20.0) == state


class TestPacking:
    def test_a_packed_state_is_unpacked(self, steady):
        _, _, state = take_tickets(steady.paused(NOW, 3.0), NOW + 1, 7)
        assert RateState.unpack(state.pack()) == state

    @pytest.mark.parametrize(
        "stored",
        [
            None,
            b"",
            b"short",
            b"\xff" * PACKING.size,
            b"\xff" * 200,
            *(
                PACKING.pack(5, *fields)
                for fields in (
                    (0, nan, 0.0, 1.0, 0.0, 0.0),
                    (0, inf, 0.0, 1.0, 0.0, 0.0),
                    (0, 1.0, -1.0, 1.0, 0.0, 0.0),
                    (0, 1.0, 0.0, 0.0, 0.0, 0.0),
                    (6, 1.0, 0.0, 1.0, 0.0, 0.0),
                )
            ),
        ],
        ids=["none", "empty", "short", "ones", "long", "nan", "inf", "unrecovered", "no-interval", "anchor-ahead"],
    )
    def test_an_invalid_state_is_none(self, stored):
        assert RateState.unpack(stored) is None


def rejections(share, jitter_seconds, lateness, count=1000, limit=4, seed=1):
    """Send requests, eight at a time, to the sandbox's rate limit; return the number of 429s and the duration.

    :param lateness: returns the seconds by which a request wakes late, given a random source.
    """
    source = random.Random(seed)
    interval = 1 / (limit * share)
    state = RateState.initial(0.0, interval)
    waking, arrivals = [], []

    def ask(now):
        nonlocal state
        ticket, wait, state = state.take_ticket(now, interval)
        heapq.heappush(waking, (now + wait + (lateness(source) if wait else 0.0), ticket))

    for _ in range(8):
        ask(0.0)
    departure = 0.0
    while len(arrivals) < count:
        now, ticket = heapq.heappop(waking)
        wait, state = state.check_ticket(ticket, now)
        if wait:
            heapq.heappush(waking, (now + wait + lateness(source), ticket))
            continue
        departure = now
        arrivals.append(now + source.uniform(0, jitter_seconds))
        ask(now)
    clock = iter(sorted(arrivals))
    window = RateLimit(limit, lambda: next(clock))
    return sum(not window.admit("key") for _ in arrivals), departure


class TestAgainstTheSandbox:
    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize(
        "lateness",
        [
            lambda source: 0.0,
            lambda source: source.uniform(0, TOLERATED_LATENESS_SECONDS),
            lambda source: source.expovariate(1 / 0.02),
            lambda source: source.choice([0.0] * 30 + [0.3, 1.0]),
        ],
        ids=["on time", "a little late", "often late", "sometimes very late"],
    )
    def test_jitter_of_50_ms_causes_no_429(self, lateness, seed):
        assert rejections(SHARE_OF_LIMIT, 0.05, lateness, seed=seed)[0] == 0

    @pytest.mark.parametrize("limit", [1, 2, 4])
    def test_nor_does_it_at_a_lower_limit(self, limit):
        assert rejections(SHARE_OF_LIMIT, 0.05, lambda source: 0.0, limit=limit)[0] == 0

    def test_it_would_at_the_limit_itself(self):
        assert rejections(1.0, 0.05, lambda source: 0.0)[0] > 100

    @pytest.mark.parametrize("pages", [40, 80])
    def test_it_takes_little_longer_than_the_ideal(self, pages):
        _, departure = rejections(SHARE_OF_LIMIT, 0.0, lambda source: 0.001, count=pages)
        assert departure + 0.4 <= 1.06 * (pages / 4 + 0.4)
