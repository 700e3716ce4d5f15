"""Rate limiter of an API key. The API limits the key, so that a process, a machine or several machines share it.

Each request takes a ticket, in order of arrival. The state alone determines the time of a ticket's turn, so that one
response 429 delays every waiting request, and not only those that take a ticket after it.
"""

from __future__ import annotations

import logging
import struct
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Protocol, TypeVar

from airflow_provider_seventime.api.rate_limit.clock import Clock
from airflow_provider_seventime.api.rate_limit.wait_log import WaitLog

logger = logging.getLogger(__name__)

# The API counts the requests that arrive within any second. At 4 requests a second the fifth leaves 64 ms after that
# second. So arrivals may be 64 ms closer together than departures: 50 ms of network jitter, and the lateness below.
SHARE_OF_LIMIT = 0.94
# A request that leaves later than this after its turn delays the requests behind it.
TOLERATED_LATENESS_SECONDS = 0.01
# After a 429 the interval is doubled. It shrinks evenly to the usual one over this many requests.
RECOVERY_REQUESTS = 20.0
# After a second without requests the first intervals are up to a fifth longer: requests that open a connection arrive
# later than those that reuse one.
START_REQUESTS = 4.0
IDLE_SECONDS = 1.0
# The lowest rate that a client asks for applies to all clients of the key, until this long after it was last asked for.
RATE_EXPIRY_SECONDS = 60.0
# A turn further ahead than any queue reaches is the remains of a clock that jumped; so is an interval kept for longer.
MAX_AHEAD_SECONDS = 600.0
MAX_AHEAD_REQUESTS = 100
# Beyond these a stored state is damaged. The extra requests_per_second is at least 0.01.
MAX_INTERVAL_SECONDS = 120.0
MAX_TICKET = 2**60
# A shorter wait may not move a clock at all: a float of that size cannot represent the difference.
MIN_WAIT_SECONDS = 1e-6
PACKING = struct.Struct("<qqddddd")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class RateState:
    """Rate limiter state. Times are seconds on the store's clock.

    :param next_ticket: number of the next ticket.
    :param base_ticket: ticket from which the turns of all later tickets are computed.
    :param base_time: time of its turn.
    :param recovered: number of requests since the last 429, at that turn; it determines the interval.
    :param interval_seconds: usual time between two turns.
    :param interval_until: time until which the interval is not shortened.
    :param updated_at: time of the last update; a clock that is behind it has jumped.
    """

    next_ticket: int
    base_ticket: int
    base_time: float
    recovered: float
    interval_seconds: float
    interval_until: float
    updated_at: float

    @classmethod
    def initial(cls, now: float, interval_seconds: float) -> RateState:
        """Return the state of a key without requests so far."""
        recovered = RECOVERY_REQUESTS - START_REQUESTS
        return cls(0, 0, now, recovered, interval_seconds, now + RATE_EXPIRY_SECONDS, now)

    def turn(self, ticket: int) -> float:
        """Return the time of a ticket's turn; minus infinity for a ticket before the base, or never taken."""
        if not self.base_ticket <= ticket <= self.next_ticket:
            return -inf
        ahead = ticket - self.base_ticket
        slowdown = _slowdown(self.recovered + ahead) - _slowdown(self.recovered)
        return self.base_time + self.interval_seconds * (ahead + slowdown)

    def take_ticket(self, now: float, interval_seconds: float) -> tuple[int, float, RateState]:
        """Take the next ticket.

        :param now: time of the store's clock.
        :param interval_seconds: interval that the client asks for; the longest of the last minute applies.
        :return: the ticket, the seconds until its turn, and the new state.
        """
        state = self._with_interval(now, interval_seconds)
        ticket = state.next_ticket
        unused_seconds = now - state.turn(ticket)
        if unused_seconds > 0:
            recovered = state._recovered_at(ticket) + unused_seconds / state.interval_seconds
            if unused_seconds >= IDLE_SECONDS:
                recovered = min(recovered, RECOVERY_REQUESTS - START_REQUESTS)
            state = replace(state, base_ticket=ticket, base_time=now, recovered=recovered)
        return ticket, _wait(state.turn(ticket), now), replace(state, next_ticket=ticket + 1)

    def check_ticket(self, ticket: int, now: float) -> tuple[float, RateState]:
        """Check a ticket after its wait.

        With zero seconds left the request is sent. If that is late, the requests behind it are delayed by as much, at
        most by an interval, so that no two are closer together than the limit allows.

        :return: the seconds left to wait, and the new state.
        """
        turn = self.turn(ticket)
        wait_seconds = _wait(turn, now)
        late_seconds = now - turn - TOLERATED_LATENESS_SECONDS
        if wait_seconds > 0 or late_seconds <= 0:
            return wait_seconds, self
        first = self._first_after(now)
        return 0.0, self._based_on(first, max(self.turn(first), now) + min(late_seconds, self.interval_seconds))

    def paused(self, now: float, pause_seconds: float) -> RateState:
        """Return the state after a 429: no turn during the pause, and longer intervals after it.

        Another 429 during the pause changes nothing, unless it asks for a longer pause.
        """
        first = self._first_after(now)
        resume = max(self.turn(first), now + pause_seconds)
        return replace(self, base_ticket=first, base_time=resume, recovered=0.0)

    def adjusted(self, now: float, interval_seconds: float) -> RateState:
        """Return the state adjusted to a clock that may have jumped back: turns stay as far ahead as they were."""
        state = self
        if now < self.updated_at:
            jump = now - self.updated_at
            state = replace(
                self, base_time=self.base_time + jump, interval_until=self.interval_until + jump, updated_at=now
            )
        max_ahead = max(MAX_AHEAD_SECONDS, MAX_AHEAD_REQUESTS * max(self.interval_seconds, interval_seconds))
        max_kept = state.interval_seconds + RATE_EXPIRY_SECONDS + 1.0
        if state.turn(state.next_ticket) - now > max_ahead or state.interval_until - now > max_kept:
            return RateState.initial(now, interval_seconds)
        return replace(state, updated_at=now)

    def pack(self) -> bytes:
        """Return the state as bytes for a store."""
        return PACKING.pack(
            self.next_ticket,
            self.base_ticket,
            self.base_time,
            self.recovered,
            self.interval_seconds,
            self.interval_until,
            self.updated_at,
        )

    @classmethod
    def unpack(cls, stored: bytes | None) -> RateState | None:
        """Return the state of a store's bytes; None if there are none or they are no valid state."""
        if stored is None or len(stored) != PACKING.size:
            return None
        state = cls(*PACKING.unpack(stored))
        times = (state.base_time, state.recovered, state.interval_seconds, state.interval_until, state.updated_at)
        valid = (
            0 <= state.base_ticket <= state.next_ticket < MAX_TICKET
            and state.recovered >= 0
            and 0 < state.interval_seconds <= MAX_INTERVAL_SECONDS
        )
        return state if valid and all(map(isfinite, times)) else None

    def _with_interval(self, now: float, interval_seconds: float) -> RateState:
        if interval_seconds < self.interval_seconds and now < self.interval_until:
            return self
        until = now + interval_seconds + RATE_EXPIRY_SECONDS
        first = self._first_after(now)
        unchanged = interval_seconds == self.interval_seconds
        state = self if unchanged else self._based_on(first, self.turn(first))
        return replace(state, interval_seconds=interval_seconds, interval_until=until)

    def _first_after(self, now: float) -> int:
        """Return the first ticket whose turn is still to come; the next ticket if no request waits."""
        taken = range(self.base_ticket, self.next_ticket)
        return self.base_ticket + bisect_right(taken, now, key=self.turn)

    def _based_on(self, ticket: int, turn: float) -> RateState:
        return replace(self, base_ticket=ticket, base_time=turn, recovered=self._recovered_at(ticket))

    def _recovered_at(self, ticket: int) -> float:
        return self.recovered + ticket - self.base_ticket


def _slowdown(recovered: float) -> float:
    """Return by how many usual intervals all intervals since a 429 were longer than usual, in sum."""
    slow = min(recovered, RECOVERY_REQUESTS)
    return slow - slow * slow / (2 * RECOVERY_REQUESTS)


def _wait(turn: float, now: float) -> float:
    return turn - now if turn - now > MIN_WAIT_SECONDS else 0.0


class RateStore(Protocol):
    """Store of the state of one key, for all clients that share its rate limit."""

    def update(self, change: Callable[[RateState | None, float], tuple[Result, RateState]]) -> Result:
        """Change the state atomically.

        :param change: takes the state (None: none is stored) and the time of the store's clock; returns a result and
            the new state. It may be called more than once.
        :return: the result.
        """


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn to send a request.

    :param waited_seconds: time that the wait for it took.
    :param late_seconds: how much longer that was than planned, because the process was stopped or the machine is busy.
    """

    waited_seconds: float
    late_seconds: float


class RateLimiter:
    """Rate limiter of a client. Threads may share it.

    :param store: holds the state of the key.
    :param interval_seconds: time between two requests.
    :param clock: clock for waits.
    """

    def __init__(self, store: RateStore, interval_seconds: float, clock: Clock) -> None:
        self._store = store
        self._interval_seconds = interval_seconds
        self._clock = clock
        self._wait_log = WaitLog()

    def acquire(self) -> float:
        """Wait for the next turn and return the seconds waited.

        :raises SevenTimeError: the store cannot be reached; the request must not be sent.
        """
        return self.acquire_turn().waited_seconds

    def acquire_turn(self) -> Turn:
        """Wait for the next turn, as :meth:`acquire` does, and return it."""
        started_at = self._clock.monotonic()
        ticket, wait_seconds = self._update(self._take_ticket)
        self._wait_log.record_ticket(ticket)
        planned_seconds = 0.0
        while wait_seconds > 0:
            planned_seconds += wait_seconds
            line = self._wait_log.record_wait(wait_seconds, self._clock.monotonic())
            if line:
                logger.info("%s", line)
            self._clock.sleep(wait_seconds)
            wait_seconds = self._update(lambda state, now: state.check_ticket(ticket, now))
        waited_seconds = self._clock.monotonic() - started_at
        return Turn(waited_seconds, max(0.0, waited_seconds - planned_seconds))

    def slow_down(self, pause_seconds: float) -> None:
        """Pause all requests of the key after a 429, and lengthen their intervals for a while.

        :raises SevenTimeError: the store cannot be reached.
        """
        self._update(lambda state, now: (None, state.paused(now, pause_seconds)))

    def _take_ticket(self, state: RateState, now: float) -> tuple[tuple[int, float], RateState]:
        ticket, wait_seconds, new_state = state.take_ticket(now, self._interval_seconds)
        return (ticket, wait_seconds), new_state

    def _update(self, change: Callable[[RateState, float], tuple[Result, RateState]]) -> Result:
        interval_seconds = self._interval_seconds

        def change_adjusted(state: RateState | None, now: float) -> tuple[Result, RateState]:
            if state is None:
                return change(RateState.initial(now, interval_seconds), now)
            return change(state.adjusted(now, interval_seconds), now)

        return self._store.update(change_adjusted)
