"""The sandbox's time: it starts where it is told, ticks like the real one, and can be moved or stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypedDict

from airflow_provider_seventime.dates import format_instant, parse_instant

START_HOUR = 12  # of the first day in the account's time: seeded work of the day before is over in every time zone


class ClockState(TypedDict):
    """A clock as the state file keeps it."""

    offset_seconds: float
    frozen_at: str | None


class SandboxClock:
    """A clock that can be set.

    :param start: the instant at which it starts; None: now.
    :param monotonic: seconds that never go back, for the ticking.
    :param wall: seconds since 1970, for what "now" is and for remembering the clock over a restart.
    """

    def __init__(
        self,
        start: datetime | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._frozen = False
        self.set(start or datetime.fromtimestamp(wall(), UTC))

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen

    def now(self) -> datetime:
        """Return the sandbox's instant, in UTC."""
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=self._monotonic() - self._anchor)

    def set(self, instant: datetime) -> None:
        """Move the clock to an instant; a stopped clock stays stopped there."""
        self._base = instant.astimezone(UTC)
        self._anchor = self._monotonic()

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back when ``seconds`` is negative."""
        self.set(self.now() + timedelta(seconds=seconds))

    def freeze(self, frozen: bool) -> None:
        """Stop the clock, or let it tick again from where it stands."""
        self.set(self.now())
        self._frozen = frozen

    def remember(self) -> ClockState:
        """Return what a restart needs: how far the clock is from the real one, or where it stands."""
        offset = self.now().timestamp() - self._wall()
        return {"offset_seconds": offset, "frozen_at": format_instant(self.now()) if self._frozen else None}

    def recall(self, state: ClockState) -> None:
        """Go on from a remembered clock: time has passed meanwhile, unless it stood still."""
        frozen_at = state["frozen_at"]
        self._frozen = frozen_at is not None
        if frozen_at is not None:
            self.set(parse_instant(frozen_at))
        else:
            self.set(datetime.fromtimestamp(self._wall() + float(state["offset_seconds"]), UTC))


def start_of(today: date, zone: tzinfo) -> datetime:
    """Return the instant at which a sandbox with a given ``today`` starts: noon in the account's time."""
    return datetime(today.year, today.month, today.day, START_HOUR, tzinfo=zone).astimezone(UTC)
