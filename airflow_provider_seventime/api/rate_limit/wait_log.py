"""What is said about waiting for the budget: one line when it becomes long, then one now and again."""

from __future__ import annotations

import threading

LONG_WAIT_SECONDS = 30.0
NEXT_LINE_SECONDS = 300.0


class WaitLog:
    """Adds up the waits of a client and tells when they deserve a line. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waited_seconds = 0.0
        self._waiting_until = 0.0
        self._next_line_at: float | None = None
        self._own = 0
        self._first_ticket = self._last_ticket = 0

    def took(self, ticket: int) -> None:
        """Take note of a ticket of the budget; what lies between two of ours was somebody else's."""
        with self._lock:
            # A pace that began anew counts from 0 again.
            if self._own == 0 or ticket < self._first_ticket:
                self._own, self._first_ticket, self._last_ticket = 0, ticket, ticket
            self._own += 1
            self._last_ticket = max(self._last_ticket, ticket)

    def waits(self, wait_seconds: float, now: float) -> str | None:
        """Take note of a wait that begins now; return the line that is due, or None.

        Waits of several threads at the same time count once.

        :param wait_seconds: how long it will take.
        :param now: seconds of the client's monotonic clock.
        """
        with self._lock:
            end = now + wait_seconds
            self._waited_seconds += max(0.0, end - max(now, self._waiting_until))
            self._waiting_until = max(self._waiting_until, end)
            due = self._waited_seconds >= LONG_WAIT_SECONDS
            if not due or (self._next_line_at is not None and now < self._next_line_at):
                return None
            self._next_line_at = now + NEXT_LINE_SECONDS
            others = max(0, self._last_ticket - self._first_ticket + 1 - self._own)
            return waiting_line(self._waited_seconds, wait_seconds, self._own, others)


def waiting_line(waited_seconds: float, wait_seconds: float, own: int, others: int) -> str:
    """Return what the log says: how long, and why.

    :param waited_seconds: all waits of the client, with the one that begins.
    :param wait_seconds: the one that begins.
    :param own: requests of this client.
    :param others: requests of everyone else who shared the budget meanwhile.
    """
    if wait_seconds >= LONG_WAIT_SECONDS:
        why = "a rejection or a long queue holds everyone back"
    elif others:
        why = f"others with the same key and budget made {others} requests meanwhile"
    else:
        why = "nobody else has used it meanwhile, so this is the pace that the API allows"
    return (
        f"Waiting for the budget of requests: {waited_seconds:.0f} s so far for {own} requests, "
        f"the next in {wait_seconds:.1f} s; {why}"
    )
