"""The budget of requests per second: a property of the key, shared by a process, a machine or a fleet.

Whoever wants to send takes a ticket, in the order of asking. When a ticket's turn comes is a function of where the
pace stands, so one rejection puts off everybody who waits, also those who took their ticket before it.
"""

from __future__ import annotations

import logging
import struct
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Protocol, TypeVar

from airflow_provider_seventime.api.http.clock import Clock
from airflow_provider_seventime.api.rate_limit.wait_log import WaitLog

logger = logging.getLogger(__name__)

# A window of one second slides over the arrivals. At four a second the fifth departs 64 ms after it has passed, so
# arrivals may be up to that much closer together than departures: 50 ms of the network, and what is tolerated below.
SHARE_OF_LIMIT = 0.94
# Whoever departs later than this after its turn puts off those behind it.
TOLERATED_LATENESS_SECONDS = 0.01
# After a rejection the spacing is doubled, and narrows evenly back to the usual over so many requests.
RECOVERY_REQUESTS = 20.0
# After a second without requests the first spacings are up to a fifth wider: requests that open a connection arrive
# late, and those that follow on kept ones do not.
START_REQUESTS = 4.0
IDLE_SECONDS = 1.0
# The lowest rate that somebody asks for holds for all who share the budget, until nobody has asked for it for so long.
RATE_HELD_SECONDS = 60.0
# A turn further ahead than any queue reaches is nobody's.
FURTHEST_TURN_SECONDS = 600.0
FURTHEST_TURN_REQUESTS = 100
# Less is no wait: adding it may leave a clock where it is.
SHORTEST_WAIT_SECONDS = 1e-6
FORM = struct.Struct("<qqddddd")

Decided = TypeVar("Decided")


@dataclass(frozen=True, slots=True)
class RateState:
    """Where a budget stands. Times are seconds of the clock of whoever keeps it.

    :param next_ticket: number of the next ticket.
    :param anchor_ticket: the ticket that the turns of all later ones are reckoned from.
    :param anchor_turn: when its turn is.
    :param recovered: for how many requests the pace had recovered from a rejection when that turn came.
    :param interval_seconds: usual time between two turns.
    :param interval_until: until when nobody makes it shorter.
    :param seen_at: the clock's latest time, to see it jump back.
    """

    next_ticket: int
    anchor_ticket: int
    anchor_turn: float
    recovered: float
    interval_seconds: float
    interval_until: float
    seen_at: float

    @classmethod
    def fresh(cls, now: float, interval_seconds: float) -> RateState:
        """Return the pace of a budget that nobody has used."""
        recovered = RECOVERY_REQUESTS - START_REQUESTS
        return cls(0, 0, now, recovered, interval_seconds, now + RATE_HELD_SECONDS, now)

    def turn(self, ticket: int) -> float:
        """Return when a ticket's turn is; minus infinity for one that is not, or no longer, waited for."""
        if not self.anchor_ticket <= ticket <= self.next_ticket:
            return -inf
        ahead = ticket - self.anchor_ticket
        widened = _widening(self.recovered + ahead) - _widening(self.recovered)
        return self.anchor_turn + self.interval_seconds * (ahead + widened)

    def take(self, now: float, interval_seconds: float) -> tuple[int, float, RateState]:
        """Take the next ticket; return it, the seconds until its turn, and where the pace stands then.

        :param now: the keeper's clock.
        :param interval_seconds: spacing that the taker asks for; the widest asked for lately holds.
        """
        pace = self._at_interval(now, interval_seconds)
        ticket = pace.next_ticket
        unused_seconds = now - pace.turn(ticket)
        if unused_seconds > 0:
            recovered = pace._recovered_at(ticket) + unused_seconds / pace.interval_seconds
            if unused_seconds >= IDLE_SECONDS:
                recovered = min(recovered, RECOVERY_REQUESTS - START_REQUESTS)
            pace = replace(pace, anchor_ticket=ticket, anchor_turn=now, recovered=recovered)
        return ticket, _wait(pace.turn(ticket), now), replace(pace, next_ticket=ticket + 1)

    def look(self, ticket: int, now: float) -> tuple[float, RateState]:
        """Look at a ticket after waiting; return the seconds that are still to wait, and where the pace stands then.

        Where there is nothing to wait for the holder departs. If that is late, those behind wait as much longer, so
        that no two come closer together; one that departs out of turn counts as an interval.
        """
        turn = self.turn(ticket)
        wait_seconds = _wait(turn, now)
        late_seconds = now - turn - TOLERATED_LATENESS_SECONDS
        if wait_seconds > 0 or late_seconds <= 0:
            return wait_seconds, self
        first = self._first_after(now)
        return 0.0, self._anchored(first, max(self.turn(first), now) + min(late_seconds, self.interval_seconds))

    def slowed(self, now: float, pause_seconds: float) -> RateState:
        """Return the pace after a rejection: nobody departs for that long, and then more slowly for a while.

        Another rejection during the pause changes nothing, unless it asks for a longer one.
        """
        first = self._first_after(now)
        resume = max(self.turn(first), now + pause_seconds)
        return replace(self, anchor_ticket=first, anchor_turn=resume, recovered=0.0)

    def by_clock(self, now: float, interval_seconds: float) -> RateState:
        """Return the pace by a clock that may have jumped: turns are as far ahead as they were."""
        pace = self
        if now < self.seen_at:
            jump = now - self.seen_at
            pace = replace(
                self, anchor_turn=self.anchor_turn + jump, interval_until=self.interval_until + jump, seen_at=now
            )
        furthest = max(FURTHEST_TURN_SECONDS, FURTHEST_TURN_REQUESTS * max(self.interval_seconds, interval_seconds))
        if pace.turn(pace.next_ticket) - now > furthest:
            return RateState.fresh(now, interval_seconds)
        return replace(pace, seen_at=now)

    def pack(self) -> bytes:
        """Return it in the form in which it is kept."""
        return FORM.pack(
            self.next_ticket,
            self.anchor_ticket,
            self.anchor_turn,
            self.recovered,
            self.interval_seconds,
            self.interval_until,
            self.seen_at,
        )

    @classmethod
    def unpack(cls, kept: bytes | None) -> RateState | None:
        """Read it from that form; None where nothing is kept or it makes no sense."""
        if kept is None or len(kept) != FORM.size:
            return None
        pace = cls(*FORM.unpack(kept))
        times = (pace.anchor_turn, pace.recovered, pace.interval_seconds, pace.interval_until, pace.seen_at)
        sane = 0 <= pace.anchor_ticket <= pace.next_ticket and pace.recovered >= 0 and pace.interval_seconds > 0
        return pace if sane and all(map(isfinite, times)) else None

    def _at_interval(self, now: float, asked_seconds: float) -> RateState:
        if asked_seconds < self.interval_seconds and now < self.interval_until:
            return self
        until = now + asked_seconds + RATE_HELD_SECONDS
        first = self._first_after(now)
        anchored = self if asked_seconds == self.interval_seconds else self._anchored(first, self.turn(first))
        return replace(anchored, interval_seconds=asked_seconds, interval_until=until)

    def _first_after(self, now: float) -> int:
        """Return the first ticket whose turn is still to come; the next one where nobody waits."""
        handed_out = range(self.anchor_ticket, self.next_ticket)
        return self.anchor_ticket + bisect_right(handed_out, now, key=self.turn)

    def _anchored(self, ticket: int, turn: float) -> RateState:
        return replace(self, anchor_ticket=ticket, anchor_turn=turn, recovered=self._recovered_at(ticket))

    def _recovered_at(self, ticket: int) -> float:
        return self.recovered + ticket - self.anchor_ticket


def _widening(recovered: float) -> float:
    """Return by how many intervals all spacings since a rejection were wider than usual."""
    slow = min(recovered, RECOVERY_REQUESTS)
    return slow - slow * slow / (2 * RECOVERY_REQUESTS)


def _wait(turn: float, now: float) -> float:
    return turn - now if turn - now > SHORTEST_WAIT_SECONDS else 0.0


class RateStore(Protocol):
    """Where the pace of a key stands, for all who share it."""

    def change(self, decide: Callable[[RateState | None, float], tuple[Decided, RateState]]) -> Decided:
        """Change the pace while nobody else does.

        :param decide: given the pace (None: there is none yet) and the keeper's clock, returns a result and the pace
            from now on. It may be called more than once.
        """


class RateLimiter:
    """A client's share of the budget of its key. Any number of threads may ask at once.

    :param keeper: where the pace stands.
    :param interval_seconds: spacing of requests.
    :param clock: what waiting goes by.
    """

    def __init__(self, keeper: RateStore, interval_seconds: float, clock: Clock) -> None:
        self._keeper = keeper
        self._interval_seconds = interval_seconds
        self._clock = clock
        self._report = WaitLog()

    def acquire(self) -> float:
        """Wait for the turn; return the seconds waited.

        :raises SevenTimeError: the pace cannot be asked for; nothing may be sent.
        """
        begin = self._clock.monotonic()
        ticket, wait_seconds = self._change(self._take)
        self._report.took(ticket)
        while wait_seconds > 0:
            line = self._report.waits(wait_seconds, self._clock.monotonic())
            if line:
                logger.info("%s", line)
            self._clock.sleep(wait_seconds)
            wait_seconds = self._change(lambda pace, now: pace.look(ticket, now))
        return self._clock.monotonic() - begin

    def slow_down(self, pause_seconds: float) -> None:
        """Take note of a rejection: nobody asks for that long, and then more slowly for a while.

        :raises SevenTimeError: the pace cannot be told.
        """
        self._change(lambda pace, now: (None, pace.slowed(now, pause_seconds)))

    def _take(self, pace: RateState, now: float) -> tuple[tuple[int, float], RateState]:
        ticket, wait_seconds, after = pace.take(now, self._interval_seconds)
        return (ticket, wait_seconds), after

    def _change(self, decide: Callable[[RateState, float], tuple[Decided, RateState]]) -> Decided:
        interval_seconds = self._interval_seconds

        def known(pace: RateState | None, now: float) -> tuple[Decided, RateState]:
            begun = RateState.fresh(now, interval_seconds) if pace is None else pace.by_clock(now, interval_seconds)
            return decide(begun, now)

        return self._keeper.change(known)
