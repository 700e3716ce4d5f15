"""Whose turn is when: evenly, after rejections, behind holders that depart late, by clocks that jump."""

from __future__ import annotations

import heapq
import random
from dataclasses import replace
from itertools import pairwise
from math import inf, nan

import pytest

from airflow_provider_seventime.api.rate_limit.rate import (
    FORM,
    FURTHEST_TURN_SECONDS,
    IDLE_SECONDS,
    RATE_HELD_SECONDS,
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
    """A pace long past its start, with a turn at this moment."""
    return replace(RateState.fresh(NOW, INTERVAL), recovered=1000.0)


def taken(pace, now, count, interval=INTERVAL):
    """Take tickets at one moment; return them with the seconds until their turns, and the pace."""
    tickets, waits = [], []
    for _ in range(count):
        ticket, wait, pace = pace.take(now, interval)
        tickets.append(ticket)
        waits.append(wait)
    return tickets, waits, pace


def turns_of(pace, tickets):
    return [pace.turn(ticket) for ticket in tickets]


def gaps(times):
    return [after - before for before, after in pairwise(times)]


class TestTurns:
    def test_the_first_is_at_once_and_the_others_follow_evenly(self, steady):
        tickets, waits, _ = taken(steady, NOW, 5)
        assert tickets == [0, 1, 2, 3, 4]
        assert waits == pytest.approx([0, 0.25, 0.5, 0.75, 1.0])

    def test_the_first_spacings_of_a_fresh_budget_are_a_little_wider(self):
        _, waits, _ = taken(RateState.fresh(NOW, INTERVAL), NOW, 8)
        spacings = gaps(waits)
        assert all(before > after for before, after in pairwise(spacings[:5]))
        assert spacings[0] == pytest.approx(1.175 * INTERVAL)
        assert spacings[4:] == pytest.approx([INTERVAL] * 3)

    def test_time_that_nobody_used_is_not_made_up_for(self, steady):
        _, _, pace = taken(steady, NOW, 1)
        _, waits, _ = taken(pace, NOW + 0.9, 3)
        assert waits == pytest.approx([0, 0.25, 0.5])

    def test_after_a_silence_it_starts_as_a_fresh_one_does(self, steady):
        _, _, pace = taken(steady, NOW, 1)
        later = NOW + INTERVAL + IDLE_SECONDS
        assert taken(pace, later, 6)[1] == pytest.approx(taken(RateState.fresh(later, INTERVAL), later, 6)[1])


class TestRejection:
    def test_those_who_wait_already_are_put_off_in_their_order(self, steady):
        tickets, _, pace = taken(steady, NOW, 5)
        pace = pace.slowed(NOW + 0.3, 3.0)
        # Two have left; the third's turn is when the pause ends.
        later = turns_of(pace, tickets[2:])
        assert later[0] == pytest.approx(NOW + 3.3)
        assert all(gap == pytest.approx(2 * INTERVAL, rel=0.1) for gap in gaps(later))

    def test_a_holder_that_wakes_waits_for_the_rest_of_the_pause(self, steady):
        (_, ticket), _, pace = taken(steady, NOW, 2)
        pace = pace.slowed(NOW + 0.1, 3.0)
        wait, same = pace.look(ticket, NOW + 0.25)
        assert wait == pytest.approx(2.85)
        assert same is pace

    def test_the_pace_recovers_gradually(self, steady):
        _, waits, _ = taken(steady.slowed(NOW, 1.0), NOW, int(RECOVERY_REQUESTS) + 5)
        spacings = gaps(waits)
        recovering = spacings[: int(RECOVERY_REQUESTS)]
        steps = gaps(recovering)
        assert recovering[0] == pytest.approx(2 * INTERVAL, rel=0.05)
        assert steps == pytest.approx([-INTERVAL / RECOVERY_REQUESTS] * len(steps))
        assert spacings[len(recovering) :] == pytest.approx([INTERVAL] * 4)

    def test_several_at_once_slow_down_once(self, steady):
        tickets, _, pace = taken(steady, NOW, 9)
        once = pace.slowed(NOW + 0.1, 2.0)
        often = once.slowed(NOW + 0.15, 1.5).slowed(NOW + 0.4, 1.0).slowed(NOW + 1.0, 1.1)
        assert turns_of(often, tickets[1:]) == turns_of(once, tickets[1:])

    def test_one_that_asks_for_a_longer_pause_gets_it(self, steady):
        (_, ticket), _, pace = taken(steady, NOW, 2)
        assert pace.slowed(NOW, 1.0).slowed(NOW, 5.0).turn(ticket) == NOW + 5

    def test_one_does_not_shorten_a_queue(self):
        _, _, pace = taken(RateState.fresh(NOW, 5.0), NOW, 1, 5.0)
        before = pace.turn(1)
        assert pace.slowed(NOW, 1.0).turn(1) == before > NOW + 5

    def test_time_that_nobody_used_counts_as_recovery(self, steady):
        pace = steady.slowed(NOW, 1.0)
        _, waits, _ = taken(pace, NOW + 1.0 + 0.9, 2)
        used = 0.9 / INTERVAL + 0.5
        assert waits == pytest.approx([0, INTERVAL * (2 - used / RECOVERY_REQUESTS)])


class TestLateHolder:
    def test_those_behind_wait_as_much_longer(self, steady):
        tickets, _, pace = taken(steady, NOW, 4)
        wait, after = pace.look(tickets[1], NOW + INTERVAL + 0.1)
        assert wait == 0
        put_off = [
            there - before
            for before, there in zip(turns_of(pace, tickets[2:]), turns_of(after, tickets[2:]), strict=True)
        ]
        assert put_off == pytest.approx([0.1 - TOLERATED_LATENESS_SECONDS] * 2)

    def test_a_little_is_tolerated(self, steady):
        tickets, _, pace = taken(steady, NOW, 4)
        assert pace.look(tickets[1], NOW + INTERVAL + TOLERATED_LATENESS_SECONDS / 2) == (0, pace)

    def test_one_that_slept_through_others_counts_as_an_interval(self, steady):
        tickets, _, pace = taken(steady, NOW, 8)
        now = NOW + 4.1 * INTERVAL
        _, after = pace.look(tickets[1], now)
        assert gaps([pace.turn(5), after.turn(5)]) == pytest.approx([INTERVAL])

    def test_with_nobody_behind_the_next_to_ask_waits(self, steady):
        (_, ticket), _, pace = taken(steady, NOW, 2)
        _, after = pace.look(ticket, NOW + 7)
        assert taken(after, NOW + 7, 1)[1] == pytest.approx([INTERVAL])

    def test_a_ticket_of_a_pace_that_was_lost_departs_and_counts(self):
        fresh = RateState.fresh(NOW, INTERVAL)
        wait, after = fresh.look(4711, NOW)
        assert wait == 0
        assert taken(after, NOW, 1)[1] == pytest.approx([INTERVAL])


class TestRates:
    def test_the_lower_rate_holds_for_all(self, steady):
        _, _, pace = taken(steady, NOW, 1, interval=1.0)
        _, waits, _ = taken(pace, NOW, 3)
        assert waits == pytest.approx([1, 2, 3])

    def test_those_who_wait_already_go_by_it_too(self, steady):
        tickets, _, pace = taken(steady, NOW, 4)
        _, _, pace = taken(pace, NOW, 1, interval=1.0)
        assert [turn - NOW for turn in turns_of(pace, tickets[1:])] == pytest.approx([0.25, 1.25, 2.25])

    def test_it_no_longer_holds_when_nobody_asks_for_it(self, steady):
        _, _, pace = taken(steady, NOW, 1, interval=1.0)
        for now in (NOW + RATE_HELD_SECONDS, NOW + RATE_HELD_SECONDS + 0.9):
            assert taken(pace, now, 2)[1][1] >= 1.0
        assert taken(pace, NOW + RATE_HELD_SECONDS + 1.1, 2)[1][1] < 0.3


class TestClocks:
    def test_one_that_jumps_back_leaves_turns_as_far_ahead_as_they_were(self, steady):
        tickets, _, pace = taken(steady, NOW, 5)
        jumped = pace.by_clock(NOW + 0.1, INTERVAL).by_clock(20.0, INTERVAL)
        assert [turn - 20.0 for turn in turns_of(jumped, tickets[1:])] == pytest.approx([0.15, 0.4, 0.65, 0.9])

    def test_after_one_that_jumps_ahead_the_pace_is_kept(self, steady):
        # Four sleep on by their own clocks and wake an hour too late; four more ask at the same moments.
        tickets, _, pace = taken(steady, NOW, 5)
        departures, asked, now = [], [], NOW + 3600.0
        for ticket in tickets[1:]:
            now += INTERVAL
            pace = pace.look(ticket, now)[1]
            departures.append(now)
            (new,), _, pace = taken(pace, now, 1)
            asked.append(new)
        # The first of the four that asked meanwhile met one that slept; the others come after them all.
        departures += turns_of(pace, asked[1:])
        assert min(gaps(departures)) >= INTERVAL - 1e-6

    @pytest.mark.parametrize("ahead", [FURTHEST_TURN_SECONDS - 1, FURTHEST_TURN_SECONDS + 1])
    def test_a_turn_too_far_ahead_is_forgotten(self, steady, ahead):
        pace = replace(steady, anchor_turn=NOW + ahead).by_clock(NOW, INTERVAL)
        assert taken(pace, NOW, 1)[1] == [ahead if ahead < FURTHEST_TURN_SECONDS else 0]

    def test_a_long_queue_at_a_low_rate_is_not(self):
        _, waits, pace = taken(RateState.fresh(NOW, 20.0), NOW, 60, 20.0)
        assert waits[-1] > FURTHEST_TURN_SECONDS
        assert pace.by_clock(NOW, 20.0) == pace


class TestForm:
    def test_what_is_kept_comes_back(self, steady):
        _, _, pace = taken(steady.slowed(NOW, 3.0), NOW + 1, 7)
        assert RateState.unpack(pace.pack()) == pace

    @pytest.mark.parametrize(
        "kept",
        [
            None,
            b"",
            b"short",
            b"\xff" * FORM.size,
            b"\xff" * 200,
            *(
                FORM.pack(5, *fields)
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
    def test_nonsense_is_nothing(self, kept):
        assert RateState.unpack(kept) is None


def rejections(share, jitter_seconds, lateness, count=1000, limit=4, seed=1):
    """Let eight wait at a time against the sandbox's limit; return how many were rejected, and how long it took.

    :param lateness: how late a holder wakes, given a random source.
    """
    source = random.Random(seed)
    interval = 1 / (limit * share)
    pace = RateState.fresh(0.0, interval)
    waking, arrivals = [], []

    def ask(now):
        nonlocal pace
        ticket, wait, pace = pace.take(now, interval)
        heapq.heappush(waking, (now + wait + (lateness(source) if wait else 0.0), ticket))

    for _ in range(8):
        ask(0.0)
    departure = 0.0
    while len(arrivals) < count:
        now, ticket = heapq.heappop(waking)
        wait, pace = pace.look(ticket, now)
        if wait:
            heapq.heappush(waking, (now + wait + lateness(source), ticket))
            continue
        departure = now
        arrivals.append(now + source.uniform(0, jitter_seconds))
        ask(now)
    clock = iter(sorted(arrivals))
    window = RateLimit(limit, lambda: next(clock))
    return sum(not window.admit("key") for _ in arrivals), departure


class TestAgainstTheLimit:
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
    def test_jitter_of_50_ms_is_never_rejected(self, lateness, seed):
        assert rejections(SHARE_OF_LIMIT, 0.05, lateness, seed=seed)[0] == 0

    @pytest.mark.parametrize("limit", [1, 2, 4])
    def test_nor_at_a_lower_limit(self, limit):
        assert rejections(SHARE_OF_LIMIT, 0.05, lambda source: 0.0, limit=limit)[0] == 0

    def test_the_limit_itself_would_be(self):
        assert rejections(1.0, 0.05, lambda source: 0.0)[0] > 100

    @pytest.mark.parametrize("pages", [40, 80])
    def test_it_takes_little_longer_than_the_ideal(self, pages):
        _, departure = rejections(SHARE_OF_LIMIT, 0.0, lambda source: 0.001, count=pages)
        assert departure + 0.4 <= 1.06 * (pages / 4 + 0.4)
