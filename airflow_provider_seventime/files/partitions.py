"""Partitions of a collection: the day or month of each record in the account's time zone, and its name in a path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any, Literal

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import calendar_date, local_midnight
from airflow_provider_seventime.exceptions import ConfigError, MisfitError
from airflow_provider_seventime.warehouse.values import typed_value

Period = Literal["day", "month"]

# The name that Hive, Spark, DuckDB and pyarrow read as null.
WITHOUT_DATE = "__HIVE_DEFAULT_PARTITION__"
# More than a hundred years of days: a longer window has a mistyped year.
MAX_PARTITIONS = 40_000

_VALUES: Mapping[Period, re.Pattern[str]] = {
    "day": re.compile(r"\d{4}-\d\d-\d\d"),
    "month": re.compile(r"\d{4}-\d\d"),
}


@dataclass(frozen=True, slots=True)
class Partitioning:
    """Rule that assigns the records of a collection to partitions.

    :param collection: the collection.
    :param period: a partition is a day or a month.
    :param field: field of the instant that decides.
    :param zone: the account's time zone.
    """

    collection: CollectionSpec
    period: Period
    field: str
    zone: tzinfo

    def of(self, record: Mapping[str, Any]) -> str:
        """Return the partition of a record: ``2026-09-01``, ``2026-09``, or Hive's name for a record without a date.

        :raises MisfitError: the field that decides is not an instant, or lies beyond the calendar.
        """
        instant = typed_value(self.collection, record, self.field, FieldKind.INSTANT)
        if instant is None:
            return WITHOUT_DATE
        try:
            return self._value(calendar_date(instant, self.zone))
        except OverflowError as error:
            raise MisfitError(
                f"{self.collection.name} {record.get('_id')!r}: {self.field} lies beyond the calendar.\n"
                "Correct the record in Seven Time, or report it to Seven Time's support."
            ) from error

    def between(self, start: datetime, end: datetime) -> list[str]:
        """Return the partitions of a window, the oldest first.

        :param start: first instant of the window (aware).
        :param end: first instant after the window (aware).
        :raises ConfigError: the window does not begin and end with a partition, or has more than 40,000 partitions.
        """
        first, end_day = self._border("start", start), self._border("end", end)
        values = [self._value(day) for day in islice(self._days(first, end_day), MAX_PARTITIONS + 1)]
        if len(values) > MAX_PARTITIONS:
            raise ConfigError(
                f"start and end: {first} to {end_day} are more than {MAX_PARTITIONS} partitions.\nCheck the years."
            )
        return values

    def folder(self, value: str) -> str:
        """Return the name of a partition's folder: ``month=2026-09``."""
        return f"{self.period}={value}"

    def is_value(self, text: str) -> bool:
        """Return True if a text is the name of a partition."""
        return text == WITHOUT_DATE or _VALUES[self.period].fullmatch(text) is not None

    def _value(self, day: date) -> str:
        return day.isoformat() if self.period == "day" else day.isoformat()[: len("YYYY-MM")]

    def _days(self, first: date, end: date) -> Iterator[date]:
        day = first
        while day < end:
            yield day
            day = day + timedelta(days=1) if self.period == "day" else (day + timedelta(days=31)).replace(day=1)

    def _border(self, name: str, instant: datetime) -> date:
        day = calendar_date(instant, self.zone)
        if local_midnight(day, self.zone) != instant or (self.period == "month" and day.day != 1):
            raise ConfigError(
                f"{name}: {instant.isoformat()} lies within a {self.period} of the account's time zone "
                f"({self.zone}), but only whole partitions are written.\nUse dates, which begin at midnight "
                f"there{'; it must be the first of a month' if self.period == 'month' else ''}. In a DAG scheduled in "
                f"UTC write '{{{{ data_interval_start | ds }}}}', in a DAG scheduled in {self.zone} "
                "'{{ data_interval_start }}'."
            )
        return day


def partitioning_of(collection: CollectionSpec, partition_by: str, zone: tzinfo) -> Partitioning:
    """Return the partitioning of a collection.

    :param collection: the collection.
    :param partition_by: ``day`` or ``month``.
    :param zone: the account's time zone.
    :raises ConfigError: the period is unknown, or the collection has no date filter.
    """
    if partition_by not in ("day", "month"):
        raise ConfigError(f"partition_by: {partition_by!r:.60} is unknown.\nUse 'day', 'month' or None.")
    if collection.window is None:
        raise ConfigError(f"partition_by: {collection.name} has no date to partition by.\nLeave partition_by out.")
    return Partitioning(collection, "day" if partition_by == "day" else "month", collection.window.field, zone)
