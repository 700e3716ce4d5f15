"""A clock for the client in test runs: waits between its attempts take no time."""

from __future__ import annotations


class ClockWithoutWaits:
    """Clock that advances only when the code sleeps by it."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
