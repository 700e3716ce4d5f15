"""Division of a long period into windows, one for each mapped task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

from airflow_provider_seventime.dates import SWEDEN, calendar_date, load_zone, local_midnight, read_instant
from airflow_provider_seventime.exceptions import ConfigError

Every = Literal["day", "week", "month", "quarter", "year"]
DAYS: Mapping[str, int] = {"day": 1, "week": 7}
MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
MAX_WINDOWS = 1024
MONTHS_A_YEAR = 12


def windows(
    start: date | datetime | str,
    end: date | datetime | str,
    every: Every = "month",
    timezone: str = SWEDEN,
) -> list[dict[str, str]]:
    """Divide a period at the borders of the calendar, and return one window for each mapped task.

    ::

        SevenTimeToSqlOperator.partial(
            task_id="history", resource="timeLogs", sql_conn_id="warehouse", table="seventime_time_logs"
        ).expand_kwargs(windows("2020-01-01", "2026-01-01", every="month"))

    The windows are half-open, without gap or overlap, from ``start`` to ``end``. The first and the last may be part of
    a month. The function reads no clock, so that a DAG file has the same tasks whenever it is parsed. Call it in a
    ``@task`` to use templates and Params, and pass the task's result to ``expand_kwargs``.

    :param start: first instant of the period. A date is its midnight; without a time zone it is in ``timezone``.
    :param end: first instant after the period.
    :param every: ``day``, ``week`` (from Monday, ISO 8601), ``month``, ``quarter`` or ``year``. Defaults to ``month``.
    :param timezone: the account's time zone, whose midnights are the borders. Defaults to ``Europe/Stockholm``.
    :return: ``{"start": ..., "end": ...}`` for each window, oldest first: ISO 8601 with the zone's offset.
    :raises ConfigError: a parameter is malformed, the period is empty, or it has more than 1024 windows, the most that
        Airflow maps over when a task returns them (``[core] max_map_length``).
    """
    zone = load_zone(str(timezone))
    first, last = _read_moment("start", start, zone), _read_moment("end", end, zone)
    if first >= last:
        raise ConfigError(f"start ({first.isoformat()}) is not before end ({last.isoformat()}): the period is empty")
    edges = [first, *_borders(first, last, _check_every(every), zone), last]
    texts = [edge.isoformat() for edge in edges]
    return [{"start": begins, "end": ends} for begins, ends in pairwise(texts)]


def _borders(first: datetime, last: datetime, every: str, zone: ZoneInfo) -> list[datetime]:
    """Return the instants within a period at which a unit of the calendar begins, ascending."""
    within = calendar_date(last - timedelta.resolution, zone)
    units = range(_unit_of(calendar_date(first, zone), every) + 1, _unit_of(within, every) + 1)
    if len(units) >= MAX_WINDOWS:
        raise ConfigError(
            f"{first.isoformat()} to {last.isoformat()} has {len(units) + 1} windows of a {every}, and {MAX_WINDOWS} "
            "are the most that Airflow maps over when a task returns them ([core] max_map_length): choose longer "
            "windows, or call windows() for each part of the period"
        )
    midnights = {local_midnight(_first_day(unit, every), zone).astimezone(zone) for unit in units}
    # A zone that skipped a whole day has two borders at one instant.
    return sorted(midnight for midnight in midnights if first < midnight < last)


def _unit_of(day: date, every: str) -> int:
    """Return the number of the calendar unit that contains a date."""
    if every in DAYS:
        return (day.toordinal() - 1) // DAYS[every]  # 1 January of the year 1 is a Monday
    return (day.year * MONTHS_A_YEAR + day.month - 1) // MONTHS[every]


def _first_day(unit: int, every: str) -> date:
    """Return the first date of a unit."""
    if every in DAYS:
        return date.fromordinal(unit * DAYS[every] + 1)
    year, month = divmod(unit * MONTHS[every], MONTHS_A_YEAR)
    return date(year, month + 1, 1)


def _check_every(every: Any) -> str:
    if isinstance(every, str) and (every in DAYS or every in MONTHS):
        return every
    from airflow_provider_seventime.contract.names import suggestion

    raise ConfigError(f"every: {every!r:.60} is unknown: {suggestion(str(every), [*DAYS, *MONTHS])}")


def _read_moment(name: str, value: Any, zone: ZoneInfo) -> datetime:
    try:
        return read_instant(value, zone).astimezone(zone)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        where = "; templates are rendered in a task, so call windows() in a @task" if "{{" in str(value) else ""
        raise ConfigError(
            f"{name} must be a date or a datetime, or one as ISO text, not {value!r:.60}{where}"
        ) from error
