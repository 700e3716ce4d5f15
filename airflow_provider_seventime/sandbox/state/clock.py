"""Clock of the sandbox. It starts at a chosen time, ticks like the real one, and can be moved or stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypedDict

from airflow_provider_seventime.dates import format_instant, parse_instant

START_HOUR = 12  # local time; by noon the seeded work of the day before has ended in UTC too


class ClockState(TypedDict):
    """State of a clock in the state file."""

    offset_seconds: float
    frozen_at: str | None


class SandboxClock:
    """A clock that can be set.

    :param start: time at which the clock starts.
    :param monotonic: returns seconds that never decrease; makes the clock tick.
    :param wall: returns the seconds since 1970; relates the clock to the real time over a restart.
    """

    def __init__(
        self,
        start: datetime,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._frozen = False
        self.set(start)

    @property
    def frozen(self) -> bool:
        """True while the clock is stopped."""
        return self._frozen

    def now(self) -> datetime:
        """Return the time on the clock, in UTC."""
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=self._monotonic() - self._anchor)

    def set(self, instant: datetime) -> None:
        """Move the clock to a time. A stopped clock stays stopped."""
        self._base = instant.astimezone(UTC)
        self._anchor = self._monotonic()

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back if ``seconds`` is negative."""
        self.set(self.now() + timedelta(seconds=seconds))

    def freeze(self, frozen: bool) -> None:
        """Stop the clock, or start it again."""
        self.set(self.now())
        self._frozen = frozen

    def state(self) -> ClockState:
        """Return the state for the state file: the difference to the real time, or the time of a stopped clock."""
        offset = self.now().timestamp() - self._wall()
        return {"offset_seconds": offset, "frozen_at": format_instant(self.now()) if self._frozen else None}

    def restore(self, state: ClockState) -> None:
        """Continue from a state. A running clock has ticked meanwhile, a stopped one has not."""
        frozen_at = state["frozen_at"]
        self._frozen = frozen_at is not None
        if frozen_at is not None:
            self.set(parse_instant(frozen_at))
        else:
            self.set(datetime.fromtimestamp(self._wall() + float(state["offset_seconds"]), UTC))


def start_of(today: date, zone: tzinfo) -> datetime:
    """Return the time at which a sandbox with a given ``today`` starts: noon in the account's time zone."""
    return datetime(today.year, today.month, today.day, START_HOUR, tzinfo=zone).astimezone(UTC)
