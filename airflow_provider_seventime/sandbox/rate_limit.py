"""Rate limit of the sandbox: requests per second and key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 1.0
DEFAULT_LIMIT = 4


class RateLimit:
    """Rate limit with a sliding window of one second per key. Refused requests count too.

    :param requests_per_second: the limit; 0: no limit.
    :param monotonic: returns seconds that never decrease.
    """

    def __init__(self, requests_per_second: int, monotonic: Callable[[], float]) -> None:
        self.requests_per_second = requests_per_second
        self._monotonic = monotonic
        self._recent: dict[str, deque[float]] = {}

    def admit(self, key: str) -> bool:
        """Count a request and return whether it is within the limit."""
        if not self.requests_per_second:
            return True
        now = self._monotonic()
        recent = self._recent.setdefault(key, deque(maxlen=self.requests_per_second + 1))
        while recent and now - recent[0] >= WINDOW_SECONDS:
            recent.popleft()
        recent.append(now)
        return len(recent) <= self.requests_per_second

    def reset(self) -> None:
        """Remove every counted request."""
        self._recent.clear()
