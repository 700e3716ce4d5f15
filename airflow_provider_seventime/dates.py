"""Instants and calendar dates in the API's formats.

Responses hold UTC instants. A calendar date is the instant of its midnight in the account's time zone:
``2020-11-04T23:00:00.000Z`` is 5 November 2020 in Sweden. Requests hold local dates and times without a zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from airflow_provider_seventime.exceptions import ConfigError

SWEDEN = "Europe/Stockholm"


def load_zone(name: str) -> ZoneInfo:
    """Return the time zone with a name.

    :param name: IANA name, for example ``Europe/Stockholm``.
    :raises ConfigError: no such zone exists.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"timezone: {name!r} is not a known time zone. Write one like {SWEDEN!r}") from error


def parse_instant(text: str) -> datetime:
    """Parse an instant of a response, ``2020-11-04T23:00:00.000Z``, as an aware datetime in UTC.

    :param text: ISO 8601; without a zone it is in UTC.
    :raises ValueError: the text is not an instant.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is UTC:  # as every instant of the API
        return instant
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def calendar_date(instant: datetime, zone: tzinfo) -> date:
    """Return the date of an instant in the account's time zone."""
    return instant.astimezone(zone).date()


def read_date(value: date | datetime | str, zone: tzinfo) -> date:
    """Parse a date that a person or a template wrote.

    :param value: a ``date``; a ``datetime`` (an aware one is converted to the account's time, a naive one is local
        already); or text, ``YYYY-MM-DD`` or an ISO datetime.
    :param zone: the account's time zone.
    :raises ValueError: the text is not a date.
    """
    if isinstance(value, datetime):
        return _converted(value, zone).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    text = value.strip()
    if len(text) == len("YYYY-MM-DD"):
        return date.fromisoformat(text)
    return read_date(datetime.fromisoformat(text), zone)


def read_instant(value: date | datetime | str, zone: tzinfo) -> datetime:
    """Parse an instant that a person or a template wrote, as an aware datetime in UTC.

    :param value: as for :func:`read_date`; a date means its midnight, and a value without a zone is in the account's
        time.
    :param zone: the account's time zone.
    :raises ValueError: the text is not a date or datetime.
    """
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=zone)
    return _converted(value if value.tzinfo else value.replace(tzinfo=zone), UTC)


def _converted(instant: datetime, zone: tzinfo) -> datetime:
    """Return an aware datetime in another zone.

    :raises ValueError: the result is before year 1 or after year 9999.
    """
    try:
        return instant.astimezone(zone)
    except OverflowError as error:
        raise ValueError(
            f"{instant.isoformat()} is out of range: its date in {zone} is before year 1 or after year 9999"
        ) from error


def format_local_time(value: date | datetime | str, zone: tzinfo) -> str:
    """Format an instant for a request: ``YYYY-MM-DD HH:MM`` in the account's time.

    Seconds are added unless they are zero, because version 1 of the API accepts none.

    :raises ValueError: the text is not a date or datetime.
    """
    local = read_instant(value, zone).astimezone(zone)
    return local.replace(tzinfo=None).isoformat(" ", "seconds" if local.second else "minutes")


def local_midnight(day: date, zone: tzinfo) -> datetime:
    """Return the instant, in UTC, of midnight of a calendar date in the account's time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """Format an instant as responses do: ``2020-11-04T23:00:00.000Z``."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def days_around(day: date, margin: timedelta) -> tuple[date, date]:
    """Return the dates ``margin`` before and after a day, or the first or last date that Python can represent."""
    return max(day, date.min + margin) - margin, min(day, date.max - margin) + margin


def read_month(text: str) -> tuple[date, date]:
    """Return the first and the last date of a month.

    :param text: ``YYYY-MM``.
    :raises ValueError: the text is not a month.
    """
    first = date.fromisoformat(f"{text}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(instant: datetime, zone: tzinfo) -> str:
    """Return the month before the month of an instant, as ``YYYY-MM``."""
    return (calendar_date(instant, zone).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
