"""Instants and calendar dates as Seven Time means them.

Answers carry UTC instants, and a calendar date is the instant of midnight in the account's time zone:
``2020-11-04T23:00:00.000Z`` is 5 November 2020 in Sweden. Requests carry local dates and times without a zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from airflow_provider_seventime.exceptions import ConfigError

SWEDEN = "Europe/Stockholm"


def load_zone(name: str) -> ZoneInfo:
    """Return the time zone of that name.

    :param name: IANA name, for example ``Europe/Stockholm``.
    :raises ConfigError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"timezone: {name!r} is not a known time zone; write one like {SWEDEN!r}") from error


def parse_instant(text: str) -> datetime:
    """Read an instant of an answer, ``2020-11-04T23:00:00.000Z``, as an aware datetime in UTC.

    :param text: ISO 8601 with a zone; without one it is taken as UTC.
    :raises ValueError: the text is no instant.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is UTC:  # as all that the API sends
        return instant
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def calendar_date(instant: datetime, zone: tzinfo) -> date:
    """Return the date that an instant has in the account's time zone."""
    return instant.astimezone(zone).date()


def read_date(value: date | datetime | str, zone: tzinfo) -> date:
    """Read a date given by a person or a template.

    :param value: a ``date``; a ``datetime`` (an aware one is converted to the account's time, a naive one is local
        already); or text, ``YYYY-MM-DD`` or an ISO datetime.
    :param zone: the account's time zone.
    :raises ValueError: the text is no date.
    """
    if isinstance(value, datetime):
        return _moved(value, zone).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    text = value.strip()
    if len(text) == len("YYYY-MM-DD"):
        return date.fromisoformat(text)
    return read_date(datetime.fromisoformat(text), zone)


def read_instant(value: date | datetime | str, zone: tzinfo) -> datetime:
    """Read an instant given by a person or a template, as an aware datetime in UTC.

    :param value: as for :func:`read_date`; a date is its midnight, and what has no zone is in the account's time.
    :param zone: the account's time zone.
    :raises ValueError: the text is no date or datetime.
    """
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=zone)
    return _moved(value if value.tzinfo else value.replace(tzinfo=zone), UTC)


def _moved(instant: datetime, zone: tzinfo) -> datetime:
    """Return an aware datetime in another zone; at either end of the calendar there may be none."""
    try:
        return instant.astimezone(zone)
    except OverflowError as error:
        raise ValueError(f"{instant.isoformat()} lies beyond the calendar") from error


def format_local_time(value: date | datetime | str, zone: tzinfo) -> str:
    """Write an instant as the API takes it: ``YYYY-MM-DD HH:MM`` in the account's time.

    Seconds are added where there are any; at zero they are left out, because version 1 of the API accepts none.

    :raises ValueError: the text is no date or datetime.
    """
    local = read_instant(value, zone).astimezone(zone)
    return local.replace(tzinfo=None).isoformat(" ", "seconds" if local.second else "minutes")


def local_midnight(day: date, zone: tzinfo) -> datetime:
    """Return the instant, in UTC, at which a calendar date begins in the account's time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """Write an instant as answers do: ``2020-11-04T23:00:00.000Z``."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def days_around(day: date, margin: timedelta) -> tuple[date, date]:
    """Return the first and last date of the span that reaches ``margin`` to both sides, where there are any."""
    return max(day, date.min + margin) - margin, min(day, date.max - margin) + margin


def read_month(text: str) -> tuple[date, date]:
    """Return the first and the last date of a month.

    :param text: ``YYYY-MM``.
    :raises ValueError: the text is no month.
    """
    first = date.fromisoformat(f"{text}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(instant: datetime, zone: tzinfo) -> str:
    """Return the month before the one that an instant lies in, as ``YYYY-MM``."""
    return (calendar_date(instant, zone).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
