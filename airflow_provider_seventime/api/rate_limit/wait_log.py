"""Log of waits for the rate limit: one line when they add up to 30 seconds, then one every five minutes."""

from __future__ import annotations

import threading

from airflow_provider_seventime.per_process import PerProcess

LONG_WAIT_SECONDS = 30.0
LOG_INTERVAL_SECONDS = 300.0


class WaitLog:
    """Adds up the waits of a client and returns the lines to log. Threads may share it."""

    def __init__(self) -> None:
        self._lock = PerProcess(threading.Lock)
        self._waited_seconds = 0.0
        self._waiting_until = 0.0
        self._next_line_at: float | None = None
        self._own_requests = 0
        self._first_ticket = self._last_ticket = 0

    def record_ticket(self, ticket: int) -> None:
        """Record a ticket of this client; the tickets between two of them belong to other clients."""
        with self._lock.value:
            # A state that was reset counts its tickets from 0 again.
            if self._own_requests == 0 or ticket < self._first_ticket:
                self._own_requests, self._first_ticket, self._last_ticket = 0, ticket, ticket
            self._own_requests += 1
            self._last_ticket = max(self._last_ticket, ticket)

    def record_wait(self, wait_seconds: float, now: float) -> str | None:
        """Record a wait that begins now, and return the line to log, or None.

        Time in which several threads wait counts once.

        :param wait_seconds: length of the wait.
        :param now: seconds of the client's monotonic clock.
        """
        with self._lock.value:
            end = now + wait_seconds
            self._waited_seconds += max(0.0, end - max(now, self._waiting_until))
            self._waiting_until = max(self._waiting_until, end)
            due = self._waited_seconds >= LONG_WAIT_SECONDS
            if not due or (self._next_line_at is not None and now < self._next_line_at):
                return None
            self._next_line_at = now + LOG_INTERVAL_SECONDS
            other_requests = max(0, self._last_ticket - self._first_ticket + 1 - self._own_requests)
            return waiting_line(self._waited_seconds, wait_seconds, self._own_requests, other_requests)


def waiting_line(waited_seconds: float, wait_seconds: float, own_requests: int, other_requests: int) -> str:
    """Return the line for the log: how long the client has waited, and why.

    :param waited_seconds: sum of the client's waits, with the one that begins.
    :param wait_seconds: length of the wait that begins.
    :param own_requests: requests of this client.
    :param other_requests: requests of other clients of the same key in that time.
    """
    if wait_seconds >= LONG_WAIT_SECONDS:
        reason = "A 429 or a long queue delays all requests of the key"
    elif other_requests:
        reason = f"Other clients of the same key sent {other_requests} requests in that time"
    else:
        reason = "No other client uses the key: this is the rate that the connection allows"
    return (
        f"Waiting for the rate limit: {waited_seconds:.0f} s so far for {own_requests} requests, "
        f"the next in {wait_seconds:.1f} s. {reason}"
    )
