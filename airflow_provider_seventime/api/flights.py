"""Pages asked for ahead of their turn, as many at once as the latency asks for at the budget's pace."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from airflow_provider_seventime.api.paging import MOST_TOGETHER

# A view allows no more, and no more are held in memory.
MOST_IN_FLIGHT = MOST_TOGETHER
# How much the latest answer counts in the latency that is reckoned with.
SHARE_OF_LATEST = 0.3

Landed = TypeVar("Landed")


def enough_in_flight(latency_seconds: float, interval_seconds: float) -> int:
    """Return how many requests are under way at once when one leaves every interval: more would only queue.

    :param latency_seconds: how long an answer takes.
    :param interval_seconds: the budget's spacing of requests.
    """
    if latency_seconds >= interval_seconds * MOST_IN_FLIGHT:
        return MOST_IN_FLIGHT
    return max(1, math.ceil(latency_seconds / interval_seconds) + 1)


class Flights(Generic[Landed]):
    """Pages that are under way.

    Threads are started when a second page is wanted at the same time, and none is left when this is closed.

    :param fetch: returns the page of a number and how many seconds its answer took; it is given an event that is set
        when the page is no longer wanted, or None where it is waited for.
    :param interval_seconds: the budget's spacing of requests.
    """

    def __init__(
        self, fetch: Callable[[int, threading.Event | None], tuple[Landed, float]], interval_seconds: float
    ) -> None:
        self._fetch = fetch
        self._interval_seconds = interval_seconds
        self._latency_seconds: float | None = None
        self._unwanted = threading.Event()
        self._under_way: dict[int, Future[tuple[Landed, float]]] = {}
        self._threads: ThreadPoolExecutor | None = None

    def ask(self, numbers: Sequence[int]) -> None:
        """Have pages under way, also while an earlier one is tried again: what has landed waits for its turn.

        :param numbers: the page wanted now, then those that will be wanted after it if nothing comes in between.
        """
        if self._under_way and numbers[0] not in self._under_way:
            # What was asked for was for another course of the reading.
            self._abandon()
        room = self._room()
        wanted = numbers[:MOST_TOGETHER]
        if room == 1 or len(wanted) == 1:
            return
        in_flight = sum(not flight.done() for flight in self._under_way.values())
        for number in wanted:
            if number not in self._under_way and in_flight < room:
                self._under_way[number] = self._pool().submit(self._fetch, number, self._unwanted)
                in_flight += 1

    def take(self, number: int) -> Landed:
        """Return a page: the one that is under way, or asked for now."""
        flight = self._under_way.pop(number, None)
        page, seconds = self._fetch(number, None) if flight is None else flight.result()
        before = seconds if self._latency_seconds is None else self._latency_seconds
        self._latency_seconds = before + (seconds - before) * SHARE_OF_LATEST
        return page

    def close(self) -> None:
        """Let go of what is under way, and wait until nothing is."""
        self._abandon()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def _abandon(self) -> None:
        if not self._under_way:
            return
        self._unwanted.set()
        for flight in self._under_way.values():
            flight.cancel()
        self._under_way.clear()
        self._unwanted = threading.Event()

    def _room(self) -> int:
        if self._latency_seconds is None:
            return 1
        return enough_in_flight(self._latency_seconds, self._interval_seconds)

    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST_IN_FLIGHT, thread_name_prefix="seventime-pages")
        return self._threads
