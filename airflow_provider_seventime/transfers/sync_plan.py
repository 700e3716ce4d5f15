"""What a sync is to read and what it may remove, decided from its parameters before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Literal

from airflow_provider_seventime.contract.checking import check_filters
from airflow_provider_seventime.contract.resource import FieldKind, Filter, FilterKind, Match, Resource
from airflow_provider_seventime.dates import read_instant
from airflow_provider_seventime.exceptions import ConfigError

WINDOW_FIELD = "timestamp"
WINDOW_MARGIN = timedelta(days=1)
OVERLAP_SECONDS = 300.0
PARAMETER_OF_FILTER = {"timestamp": "start", "endTimestamp": "end", "lastModified": "modified_since"}

Moment = date | datetime | str
Mode = Literal["full", "incremental", "window"]


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """One way to read a collection.

    :param mode: ``full`` reads everything, ``incremental`` what changed, ``window`` a span of time whole.
    :param query: filters for the list, the user's and those that narrow.
    :param modified_since: as given, in UTC; None but for ``incremental``.
    :param start: first instant of the window, in UTC; None but for ``window``.
    :param end: first instant after the window.
    :param equal: what the user's filters say of a record: field to value.
    :param inexpressible: names of the user's filters that say nothing of the table's columns.
    """

    mode: Mode
    query: Mapping[str, Any]
    modified_since: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    inexpressible: tuple[str, ...] = ()

    def covers(self, instant: datetime | None) -> bool:
        """Tell whether a record of that instant belongs to what is synced: its own instant decides, not a filter."""
        if self.start is None or self.end is None:
            return True
        return instant is not None and self.start <= instant < self.end


def plan_sync(
    resource: Resource,
    zone: tzinfo,
    *,
    modified_since: Moment | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    filters: Mapping[str, Any] | None = None,
    overlap_seconds: float = OVERLAP_SECONDS,
) -> SyncPlan:
    """Decide what to read.

    :param resource: the collection; its records carry ``timestamp``.
    :param zone: the account's time zone, which naive dates and times are in.
    :param modified_since: read what changed since then; None: see ``start``.
    :param start: with ``end``: read the window ``[start, end)`` whole; None, and None for all: read everything.
    :param end: first instant that no longer belongs to the window.
    :param filters: the API's filters beside those for time; None: none.
    :param overlap_seconds: how much earlier than ``modified_since`` the read begins.
    :raises ConfigError: the parameters are not exactly one way, or one of them cannot be read.
    :raises InvalidRecordError: a filter is unknown or has a value that it cannot take.
    """
    given = _check_given_filters(resource, filters, zone)
    since, first, last = (
        _read_moment(name, value, zone)
        for name, value in (("modified_since", modified_since), ("start", start), ("end", end))
    )
    if since is not None:
        if first is not None or last is not None:
            raise ConfigError(
                "modified_since does not go with start and end: a sync reads changes or a window, not both"
            )
        changed = before_ambiguity(since - _overlap(overlap_seconds), zone)
        return SyncPlan("incremental", {**given, "lastModified": changed}, modified_since=since)
    if first is None and last is None:
        return SyncPlan("full", given)
    if first is None or last is None:
        raise ConfigError(f"{'start' if first is None else 'end'} is missing: a window has both start and end")
    if first >= last:
        raise ConfigError(f"start ({first.isoformat()}) is not before end ({last.isoformat()}): the window is empty")
    equal, inexpressible = conditions_of(resource, check_filters(resource, given, zone))
    # endTimestamp is not sent: it would drop records that began inside the window and ended after it, or have no end.
    query = {**given, WINDOW_FIELD: first - WINDOW_MARGIN}
    return SyncPlan("window", query, start=first, end=last, equal=equal, inexpressible=inexpressible)


def require_rendered(name: str, value: Any) -> None:
    """Refuse what a template makes of a value that is not there.

    :param name: the parameter, for the message.
    :param value: its value after rendering.
    :raises ConfigError: it is blank, or the text ``None``.
    """
    if isinstance(value, str) and value.strip() in ("", "None"):
        raise ConfigError(
            f"{name} is {value!r}: its template rendered to nothing. Check what it refers to, or leave it out"
        )


def before_ambiguity(instant: datetime, zone: tzinfo) -> datetime:
    """Return the instant, or an earlier one where its local time comes twice, as in the last hour of summer time.

    The API takes local times without a zone, and could read the later of the two.
    """
    local = instant.astimezone(zone)
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if first is None or second is None or first <= second:
        return instant
    return instant - (first - second)


def conditions_of(resource: Resource, query: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what checked filters say of a record's fields, and the names of those that say nothing of a plain field.

    :param resource: the collection.
    :param query: from :func:`.check_filters`.
    """
    equal: dict[str, Any] = {}
    inexpressible: list[str] = []
    for name, text in query.items():
        known = resource.filters[name]
        field_name = known.field or name
        value = _column_value(known, resource.fields.get(field_name), text)
        if value is None:
            inexpressible.append(name)
        else:
            equal[field_name] = value
    return equal, tuple(inexpressible)


def _column_value(known: Filter, kind: FieldKind | None, text: str) -> str | bool | int | None:
    """Return what a column must hold for a filter to let its row through; None where no single value tells."""
    if known.match is not Match.EQUALS:
        return None
    if known.kind is FilterKind.ID and kind is FieldKind.ID:
        return text
    if known.kind is FilterKind.BOOLEAN and kind is FieldKind.BOOLEAN:
        return text == "true"
    if known.kind is FilterKind.NUMBER and kind is FieldKind.INTEGER and text.isdecimal():
        return int(text)
    return None


def _check_given_filters(resource: Resource, filters: Any, zone: tzinfo) -> dict[str, Any]:
    if filters is not None and not isinstance(filters, Mapping):
        raise ConfigError(f"filters must be a mapping of filter to value, not {type(filters).__name__}")
    given = dict(filters or {})
    for name, value in given.items():
        if name in PARAMETER_OF_FILTER:
            raise ConfigError(f"filters: {name} is decided by the sync; give {PARAMETER_OF_FILTER[name]} instead")
        require_rendered(f"filters: {name}", value)
    check_filters(resource, given, zone)
    return given


def _read_moment(name: str, value: Moment | None, zone: tzinfo) -> datetime | None:
    if value is None:
        return None
    require_rendered(name, value)
    try:
        return read_instant(value, zone)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ConfigError(f"{name} must be a date or a datetime, or one as ISO text, not {value!r:.60}") from error


def _overlap(overlap_seconds: float) -> timedelta:
    if isinstance(overlap_seconds, bool) or not isinstance(overlap_seconds, int | float) or not overlap_seconds >= 0:
        raise ConfigError(f"overlap_seconds must be a number of seconds from 0, not {overlap_seconds!r:.60}")
    return timedelta(seconds=overlap_seconds)
