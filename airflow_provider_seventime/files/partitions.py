"""Which day or month a record belongs to, in the account's time zone, and how that is called in a path. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any, Literal

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import calendar_date, local_midnight
from airflow_provider_seventime.exceptions import ConfigError, ProtocolError
from airflow_provider_seventime.warehouse.values import typed_value

Period = Literal["day", "month"]

# What Hive, Spark, DuckDB and pyarrow read as null.
WITHOUT_DATE = "__HIVE_DEFAULT_PARTITION__"
# More than a hundred years of days: a window beyond that has a slip of the pen in its year.
MOST_PARTITIONS = 40_000

_VALUES: Mapping[Period, re.Pattern[str]] = {
    "day": re.compile(r"\d{4}-\d\d-\d\d"),
    "month": re.compile(r"\d{4}-\d\d"),
}


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How the records of a collection are cut into partitions.

    :param resource: the collection.
    :param period: what a partition holds.
    :param field: the instant that decides.
    :param zone: the account's time zone.
    """

    resource: CollectionSpec
    period: Period
    field: str
    zone: tzinfo

    def of(self, record: Mapping[str, Any]) -> str:
        """Return the partition of a record: ``2026-09-01``, ``2026-09``, or Hive's name for those without a date.

        :raises ProtocolError: what decides is no instant.
        """
        instant = typed_value(self.resource, record, self.field, FieldKind.INSTANT)
        if instant is None:
            return WITHOUT_DATE
        try:
            return self._value(calendar_date(instant, self.zone))
        except OverflowError as error:
            raise ProtocolError(
                f"{self.resource.name} {record.get('_id')!r}: {self.field} lies beyond the calendar; correct the "
                "record in Seven Time or ask the vendor about it"
            ) from error

    def between(self, start: datetime, end: datetime) -> list[str]:
        """Return the partitions that a window consists of, the oldest first.

        :param start: first instant of the window.
        :param end: first instant after it.
        :raises ConfigError: it does not begin and end where partitions do, or there are too many.
        """
        first, end_day = self._border("start", start), self._border("end", end)
        values = [self._value(day) for day in islice(self._days(first, end_day), MOST_PARTITIONS + 1)]
        if len(values) > MOST_PARTITIONS:
            raise ConfigError(f"start and end: {first} to {end_day} are more than {MOST_PARTITIONS} partitions")
        return values

    def folder(self, value: str) -> str:
        """Return what a partition's folder is called: ``month=2026-09``."""
        return f"{self.period}={value}"

    def is_value(self, text: str) -> bool:
        """Tell whether that is how a partition is called."""
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
                f"({self.zone}), and a partition is only ever written whole. Give dates, which begin at midnight "
                f"there{'; it must be the first of a month' if self.period == 'month' else ''}. In a DAG scheduled in "
                f"UTC write '{{{{ data_interval_start | ds }}}}', in one scheduled in {self.zone} "
                "'{{ data_interval_start }}'"
            )
        return day


def partitioning_of(resource: CollectionSpec, partition_by: str, zone: tzinfo) -> Partitioning:
    """Return how a collection is cut.

    :param resource: the collection.
    :param partition_by: ``day`` or ``month``.
    :param zone: the account's time zone.
    :raises ConfigError: there is no such period, or the collection has no date to go by.
    """
    if partition_by not in ("day", "month"):
        raise ConfigError(f"partition_by: {partition_by!r:.60} is unknown; it is 'day', 'month' or None")
    if resource.window is None:
        raise ConfigError(
            f"partition_by: {resource.name} has no date that all of its records go by; leave partition_by out"
        )
    return Partitioning(resource, "day" if partition_by == "day" else "month", resource.window.field, zone)
