"""The service's limit: so many requests a second per key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 1.0
DEFAULT_LIMIT = 4


class RateLimit:
    """A sliding window of one second per key; refused requests count too.

    :param requests_per_second: the limit; 0: none.
    :param monotonic: seconds that never go back.
    """

    def __init__(self, requests_per_second: int, monotonic: Callable[[], float]) -> None:
        self.requests_per_second = requests_per_second
        self._monotonic = monotonic
        self._seen: dict[str, deque[float]] = {}

    def admit(self, key: str) -> bool:
        """Count a request and tell whether it is within the limit."""
        if not self.requests_per_second:
            return True
        now = self._monotonic()
        seen = self._seen.setdefault(key, deque(maxlen=self.requests_per_second + 1))
        while seen and now - seen[0] >= WINDOW_SECONDS:
            seen.popleft()
        seen.append(now)
        return len(seen) <= self.requests_per_second

    def forget(self) -> None:
        """Forget every request seen."""
        self._seen.clear()
