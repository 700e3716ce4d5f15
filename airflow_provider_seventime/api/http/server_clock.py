"""Clock of the server, as the ``Date`` of its responses shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from airflow_provider_seventime.api.http.retry import parse_http_date


class ServerClock:
    """Instants on the server's clock.

    The first response after :meth:`restart` sets it. The machine's clock plays no part; the time between two moments is
    taken from a monotonic clock.

    :param monotonic: returns seconds since a fixed moment.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._date: datetime | None = None
        self._received_at = 0.0

    def restart(self) -> float:
        """Forget the earlier responses, and return the present moment for :meth:`at`."""
        self._date = None
        return self._monotonic()

    def observe(self, date: str | None) -> None:
        """Take the time from a response that has just been received.

        :param date: its header ``Date``; None: it has none.
        """
        if self._date is None and date:
            self._date, self._received_at = parse_http_date(date), self._monotonic()

    @property
    def first_date(self) -> datetime | None:
        """``Date`` of the first response since :meth:`restart`, aware; None: no response had one."""
        return self._date

    def now(self) -> datetime | None:
        """Return the server's present time, aware; None: no response had a ``Date``."""
        return self.at(self._monotonic())

    def at(self, moment: float) -> datetime | None:
        """Return the server's time at a moment, aware; None: no response had a ``Date``.

        It is at most the true time: ``Date`` has whole seconds, and was written before the response arrived.

        :param moment: of the monotonic clock.
        """
        return None if self._date is None else self._date - timedelta(seconds=self._received_at - moment)
