"""Plan of a read: its filters, its period, and the rows that it may remove, decided before the first request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, Window
from airflow_provider_seventime.dates import read_instant
from airflow_provider_seventime.exceptions import ConfigError, ProtocolError
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.transfers.reading.read_parameters import OVERLAP_SECONDS, Moment
from airflow_provider_seventime.transfers.reading.user_filters import MODIFIED, conditions_of

if TYPE_CHECKING:  # the client is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.listing.list_query import ListQuery

WINDOW_MARGIN = timedelta(days=1)
# Bounds that keep time zone arithmetic within the calendar.
EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=3)
LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=3)
LONGEST_OVERLAP_SECONDS = (LATEST - EARLIEST).total_seconds()

Mode = Literal["full", "incremental", "window"]
MODES: tuple[Mode, ...] = ("full", "incremental", "window")


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan of a read of one collection.

    :param query: the collection and the user's filters, checked.
    :param mode: ``full`` reads all records, ``incremental`` changed records, ``window`` all records of a period.
    :param period_filters: filters for the period, beside those of the user.
    :param modified_since: as given, in UTC; None unless the mode is ``incremental``.
    :param start: first instant of the window, in UTC; None unless the mode is ``window``.
    :param end: first instant after the window.
    :param equal: fields of a record, and the values that the user's filters require there.
    :param inexpressible: names of the user's filters that cannot be expressed as the value of one plain field.
    """

    query: ListQuery
    mode: Mode
    period_filters: Mapping[str, Any] = field(default_factory=dict)
    modified_since: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    inexpressible: tuple[str, ...] = ()

    @property
    def collection(self) -> CollectionSpec:
        """The collection."""
        return self.query.collection

    @property
    def window(self) -> tuple[str, datetime, datetime] | None:
        """The field that decides, the first instant, and the first instant after the window; None: no window."""
        if self.collection.window is None or self.start is None or self.end is None:
            return None
        return self.collection.window.field, self.start, self.end

    def covers(self, instant: datetime | None) -> bool:
        """Return whether a record of an instant belongs to the read: its instant decides, not the API's filter."""
        if self.start is None or self.end is None:
            return True
        return instant is not None and self.start <= instant < self.end

    def passes(self, record: Mapping[str, Any]) -> bool | None:
        """Return whether a record that the read did not return passes the user's filters; None: unknown.

        :param record: as the API returned it, without protection.
        """
        from airflow_provider_seventime.warehouse.values import typed_value

        for name, value in self.equal.items():
            try:
                if typed_value(self.collection, record, name, self.collection.fields[name]) != value:
                    return False
            except ProtocolError:  # a value of another type than the filter's
                return False
        if not self.inexpressible:
            return True
        # Within the period the list would have had a record that passes.
        window = self.window
        if window is None:
            return False
        try:
            instant = typed_value(self.collection, record, window[0], FieldKind.INSTANT)
        except ProtocolError:
            return None
        return False if self.covers(instant) else None


def plan_read(
    query: ListQuery,
    zone: tzinfo,
    *,
    mode: Mode | None = None,
    modified_since: Moment | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    overlap_seconds: float = OVERLAP_SECONDS,
) -> Plan:
    """Return the plan of a read.

    :param query: the collection and the user's filters, from :func:`.user_filters.check_user_filters`.
    :param zone: the account's time zone, which naive dates and times are in.
    :param mode: ``full``, ``incremental`` or ``window``, which the other parameters must fit; None: they decide.
    :param modified_since: read records that changed since then; None: see ``start``.
    :param start: with ``end``: read the window ``[start, end)``. None for all three: read all records.
    :param end: first instant after the window.
    :param overlap_seconds: the read begins so many seconds before ``modified_since``.
    :raises ConfigError: the parameters do not fit one mode, the collection does not have that mode, or a value is
        malformed.
    """
    equal, inexpressible = conditions_of(query)
    since, first, last = (
        _read_moment(name, value, zone)
        for name, value in (("modified_since", modified_since), ("start", start), ("end", end))
    )
    if mode not in (None, _mode_of(since, first, last)):
        raise ConfigError(_mode_problem(mode))
    if since is not None:
        require_last_modified(query.collection)
        changed = before_ambiguity(add_within_calendar(since, -_overlap(overlap_seconds)), zone)
        return Plan(query, "incremental", {MODIFIED: changed}, since, None, None, equal, inexpressible)
    if first is None or last is None:
        return Plan(query, "full", {}, None, None, None, equal, inexpressible)
    if first >= last:
        raise ConfigError(_empty_window(first, last))
    period = _period_filters(require_window(query.collection), first, last)
    return Plan(query, "window", period, None, first, last, equal, inexpressible)


def _empty_window(first: datetime, last: datetime) -> str:
    problem = f"start ({first.isoformat()}) is not before end ({last.isoformat()}): the window is empty"
    if first > last:
        return f"{problem}.\nGive the earlier time as start."
    return (
        f"{problem}.\nIf they come from data_interval_start and data_interval_end, give the DAG a timetable with data "
        "intervals: schedule=CronDataIntervalTimetable('0 6 1 * *', timezone='UTC') of airflow.timetables.interval. A "
        "cron text has none in Airflow 3."
    )


def check_mode(mode: Any) -> Mode | None:
    """Return the mode, checked.

    :raises ConfigError: the mode is unknown.
    """
    if mode is None or mode in MODES:
        return mode  # type: ignore[no-any-return]
    raise ConfigError(f"mode: {mode!r:.60} is unknown: {suggestion(str(mode), MODES)}")


def require_last_modified(collection: CollectionSpec) -> None:
    """Check that the API can list the changed records of a collection.

    :raises ConfigError: the collection has no filter ``lastModified``.
    """
    if MODIFIED not in collection.filters:
        window = f", a window by {collection.window.field} (start and end)" if collection.window else ""
        raise ConfigError(
            f"{collection.name} cannot be read incrementally: the API has no filter lastModified for it. Read all "
            f"records (mode='full'){window}"
        )


def require_window(collection: CollectionSpec) -> Window:
    """Return the instant by which a collection is divided into periods.

    :raises ConfigError: the collection has none.
    """
    if collection.window is None:
        raise ConfigError(
            f"{collection.name} cannot be read by start and end: the API has no filter for its time. Read all records "
            "(mode='full')"
        )
    return collection.window


def _mode_of(since: datetime | None, first: datetime | None, last: datetime | None) -> Mode:
    if since is not None:
        if first is not None or last is not None:
            raise ConfigError(
                "modified_since cannot be combined with start and end: a read is of changes or of a window, not both"
            )
        return "incremental"
    if first is None and last is None:
        return "full"
    if first is None or last is None:
        raise ConfigError(f"{'start' if first is None else 'end'} is missing: a window has both start and end")
    return "window"


def _mode_problem(mode: Mode) -> str:
    return {
        "full": "mode='full' reads all records: leave out modified_since, start and end",
        "incremental": "mode='incremental' reads changed records: give modified_since, and neither start nor end",
        "window": "mode='window' reads a period: give start and end, and not modified_since",
    }[mode]


def _period_filters(window: Window, first: datetime, last: datetime) -> dict[str, datetime]:
    # Not the filter by the record's end: it would leave out records that start in the window and end after it.
    filters = {window.from_filter: add_within_calendar(first, -WINDOW_MARGIN)}
    if window.to_filter:
        filters[window.to_filter] = add_within_calendar(last, WINDOW_MARGIN)
    return filters


def add_within_calendar(instant: datetime, span: timedelta) -> datetime:
    """Return an instant plus a span, limited to the calendar: users write 9999-12-31."""
    try:
        return min(max(instant + span, EARLIEST), LATEST)
    except OverflowError:
        return EARLIEST if span < timedelta() else LATEST


def before_ambiguity(instant: datetime, zone: tzinfo) -> datetime:
    """Return the instant, or one hour earlier where its local time exists twice, at the end of summer time.

    The API takes local times without a zone, and may mean the later of the two.
    """
    local = instant.astimezone(zone)
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if first is None or second is None or first <= second:
        return instant
    return instant - (first - second)


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
