"""What a read of a collection is to hold and what may be removed by it, decided before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Literal

from airflow_provider_seventime.contract.checking import check_filters
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, Filter, FilterKind, Match, Window
from airflow_provider_seventime.dates import read_instant
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered

WINDOW_MARGIN = timedelta(days=1)
# What is earlier or later has no local time, or none with a margin.
EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=3)
LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=3)
OVERLAP_SECONDS = 300.0
LONGEST_OVERLAP_SECONDS = (LATEST - EARLIEST).total_seconds()
MODIFIED = "lastModified"

Moment = date | datetime | str
Mode = Literal["full", "incremental", "window"]
MODES: tuple[Mode, ...] = ("full", "incremental", "window")


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to read a collection.

    :param resource: the collection.
    :param mode: ``full`` reads everything, ``incremental`` what changed, ``window`` a span of time whole.
    :param query: filters for the list, the user's and those that narrow.
    :param modified_since: as given, in UTC; None but for ``incremental``.
    :param start: first instant of the window, in UTC; None but for ``window``.
    :param end: first instant after the window.
    :param equal: what the user's filters say of a record: field to value.
    :param inexpressible: names of the user's filters that say nothing of the record's plain fields.
    """

    resource: CollectionSpec
    mode: Mode
    query: Mapping[str, Any]
    modified_since: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    inexpressible: tuple[str, ...] = ()

    @property
    def window(self) -> tuple[str, datetime, datetime] | None:
        """The field that decides, the first instant and the first one after; None: no window."""
        if self.resource.window is None or self.start is None or self.end is None:
            return None
        return self.resource.window.field, self.start, self.end

    def covers(self, instant: datetime | None) -> bool:
        """Tell whether a record of that instant belongs to what is read: its own instant decides, not a filter."""
        if self.start is None or self.end is None:
            return True
        return instant is not None and self.start <= instant < self.end


def plan_sync(
    resource: CollectionSpec,
    zone: tzinfo,
    *,
    mode: Mode | None = None,
    modified_since: Moment | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    filters: Mapping[str, Any] | None = None,
    overlap_seconds: float = OVERLAP_SECONDS,
) -> Plan:
    """Decide what to read.

    :param resource: the collection.
    :param zone: the account's time zone, which naive dates and times are in.
    :param mode: ``full``, ``incremental`` or ``window``, which the rest must fit; None: whichever the rest says.
    :param modified_since: read what changed since then; None: see ``start``.
    :param start: with ``end``: read the window ``[start, end)`` whole; None, and None for all: read everything.
    :param end: first instant that no longer belongs to the window.
    :param filters: the API's filters beside those for time; None: none.
    :param overlap_seconds: how much earlier than ``modified_since`` the read begins.
    :raises ConfigError: the parameters are not exactly one way, the collection cannot be read in it, or one of them
        cannot be read.
    :raises InvalidRecordError: a filter is unknown or has a value that it cannot take.
    """
    given = check_given_filters(resource, filters, zone)
    equal, inexpressible = conditions_of(resource, given)
    since, first, last = (
        _read_moment(name, value, zone)
        for name, value in (("modified_since", modified_since), ("start", start), ("end", end))
    )
    told = _mode_of(since, first, last)
    if mode is not None and mode != told:
        raise ConfigError(_misfit(mode))
    if since is not None:
        require_last_modified(resource)
        changed = before_ambiguity(moved(since, -_overlap(overlap_seconds)), zone)
        return Plan(resource, "incremental", {**given, MODIFIED: changed}, since, None, None, equal, inexpressible)
    if first is None or last is None:
        return Plan(resource, "full", given, None, None, None, equal, inexpressible)
    if first >= last:
        raise ConfigError(f"start ({first.isoformat()}) is not before end ({last.isoformat()}): the window is empty")
    query = {**given, **_narrowed(require_window(resource), first, last)}
    return Plan(resource, "window", query, None, first, last, equal, inexpressible)


def check_mode(mode: Any) -> Mode | None:
    """Return the mode.

    :raises ConfigError: there is no such mode.
    """
    if mode is None or mode in MODES:
        return mode  # type: ignore[no-any-return]
    raise ConfigError(f"mode: {mode!r:.60} is unknown: {suggestion(str(mode), MODES)}")


def require_last_modified(resource: CollectionSpec) -> None:
    """Refuse a collection of which the API does not tell what changed.

    :raises ConfigError: it has no ``lastModified``.
    """
    if MODIFIED not in resource.filters:
        window = f", a window by {resource.window.field} (start and end)" if resource.window else ""
        raise ConfigError(
            f"{resource.name} cannot be read incrementally: the API has no lastModified for it. Read everything "
            f"(mode='full'){window}"
        )


def require_window(resource: CollectionSpec) -> Window:
    """Return by what a collection is cut into periods.

    :raises ConfigError: it cannot be.
    """
    if resource.window is None:
        raise ConfigError(
            f"{resource.name} cannot be read by start and end: the API has no filter for a time of it. Read everything "
            "(mode='full')"
        )
    return resource.window


def _mode_of(since: datetime | None, first: datetime | None, last: datetime | None) -> Mode:
    if since is not None:
        if first is not None or last is not None:
            raise ConfigError(
                "modified_since does not go with start and end: a sync reads changes or a window, not both"
            )
        return "incremental"
    if first is None and last is None:
        return "full"
    if first is None or last is None:
        raise ConfigError(f"{'start' if first is None else 'end'} is missing: a window has both start and end")
    return "window"


def _misfit(mode: Mode) -> str:
    return {
        "full": "mode='full' reads everything: leave out modified_since, start and end",
        "incremental": "mode='incremental' reads what changed: give modified_since, and neither start nor end",
        "window": "mode='window' reads a span of time: give start and end, and no modified_since",
    }[mode]


def _narrowed(window: Window, first: datetime, last: datetime) -> dict[str, datetime]:
    # A filter by the record's end is not sent: it would drop what begins inside the window and goes on after it.
    query = {window.from_filter: moved(first, -WINDOW_MARGIN)}
    if window.to_filter:
        query[window.to_filter] = moved(last, WINDOW_MARGIN)
    return query


def moved(instant: datetime, span: timedelta) -> datetime:
    """Return an instant earlier or later by a span, as far as the calendar goes: people write 9999-12-31."""
    try:
        return min(max(instant + span, EARLIEST), LATEST)
    except OverflowError:
        return EARLIEST if span < timedelta() else LATEST


def before_ambiguity(instant: datetime, zone: tzinfo) -> datetime:
    """Return the instant, or an earlier one where its local time comes twice, as in the last hour of summer time.

    The API takes local times without a zone, and could read the later of the two.
    """
    local = instant.astimezone(zone)
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if first is None or second is None or first <= second:
        return instant
    return instant - (first - second)


def conditions_of(resource: CollectionSpec, query: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
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


def _parameter_of(resource: CollectionSpec, name: str) -> str | None:
    """Return the parameter that stands for a filter; None: it is the user's to give."""
    window = resource.window
    parameters = {MODIFIED: "modified_since"}
    if window is not None:
        parameters[window.from_filter] = "start"
        parameters |= {other: "end" for other in (window.to_filter, window.ends_filter) if other}
    return parameters.get(name)


def check_given_filters(resource: CollectionSpec, filters: Any, zone: tzinfo) -> dict[str, str]:
    """Return the user's filters as the API takes them.

    :param resource: the collection.
    :param filters: filter to value; None: none.
    :param zone: the account's time zone.
    :raises ConfigError: they are no mapping, one of them is for time, or a template rendered to nothing.
    :raises InvalidRecordError: a filter is unknown or has a value that it cannot take.
    """
    if filters is not None and not isinstance(filters, Mapping):
        raise ConfigError(f"filters must be a mapping of filter to value, not {type(filters).__name__}")
    given = dict(filters or {})
    for name, value in given.items():
        if parameter := _parameter_of(resource, name):
            raise ConfigError(f"filters: {name} is decided by the sync; give {parameter} instead")
        if value is not None:
            require_rendered(f"filters: {name}", value)
    return check_filters(resource, given, zone)


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
    return timedelta(seconds=min(overlap_seconds, LONGEST_OVERLAP_SECONDS))
