"""Analytics: records of a collection, grouped, counted and summed.

The vendor names the fields of the query and does not explain them. Their meanings here are choices of the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.contract.checking import check_filters
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import calendar_date, parse_instant
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.state.query import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_PAGE,
    canonical_instant,
    read_query,
    sort_key,
    whole_number,
)
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number

COUNT = "count"
NUMBERS = (FieldKind.NUMBER, FieldKind.INTEGER)
PERIODS: Mapping[str, Callable[[date], str]] = {
    "day": date.isoformat,
    "week": lambda day: f"{day:%G-W%V}",
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
    "year": lambda day: f"{day.year}",
}


def analyse(
    collection: CollectionSpec, records: Iterable[Record], query: Mapping[str, Any], zone: tzinfo
) -> dict[str, Any]:
    """Return the response to an analytics query.

    :param query: the checked body. ``groupBy`` names fields, or periods of the date field (day, week, month, quarter,
        year). ``metrics`` names number fields to sum, or ``count`` (the default).
    :param zone: the account's time zone.
    :raises RequestRefusedError: a name or value in the query is invalid (400).
    """
    date_field = _date_field(collection, query.get("dateField"))
    groups = _known(query.get("groupBy", []), (*collection.fields, *PERIODS), "groupBy")
    numbers = [name for name, kind in collection.fields.items() if kind in NUMBERS]
    metrics = _known(query.get("metrics", [COUNT]), (COUNT, *numbers), "metrics")
    tests = (*_period_tests(query, date_field, zone), *_filter_tests(collection, query.get("filters"), zone))
    matching = [record for record in records if all(test(record) for test in tests)]
    rows = _rows(matching, [(name, _group_value(name, date_field, zone)) for name in groups], metrics)
    _sort(rows, query.get("sort"), [*groups, *metrics])
    limit = whole_number(str(query.get("limit", DEFAULT_LIMIT)), "limit", 1, MAX_LIMIT)
    page = whole_number(str(query.get("page", 1)), "page", 1, MAX_PAGE)
    stop = page * limit
    more = stop < len(rows)
    meta = {"totalResources": len(rows), "currentPage": page, "hasMore": more, "nextPage": page + 1 if more else None}
    return {"meta": meta, "data": rows[stop - limit : stop]}


def _date_field(collection: CollectionSpec, requested: str | None) -> str:
    """Return the field with the date of a record: the requested one, the date of the document, or the creation date."""
    instants = [name for name, kind in collection.fields.items() if kind is FieldKind.INSTANT]
    if requested is not None:
        return _known([requested], instants, "dateField")[0]
    usual = ("timestamp", f"{collection.name.removesuffix('s')}Date", "invoiceDate", "createDate", "createdDate")
    return next(name for name in usual if name in instants)


def _known(names: Sequence[str], known: Iterable[str], parameter: str) -> list[str]:
    known = list(known)
    for name in names:
        if name not in known:
            raise bad_request(f"{parameter}: unknown {name!r:.60}; {suggestion(name, known)}")
    return list(dict.fromkeys(names))


def _period_tests(query: Mapping[str, Any], date_field: str, zone: tzinfo) -> list[Callable[[Record], bool]]:
    first, last = (date.fromisoformat(query[name]) if name in query else None for name in ("fromDate", "toDate"))

    def in_period(record: Record) -> bool:
        day = _day(record, date_field, zone)
        return day is not None and (first is None or day >= first) and (last is None or day <= last)

    return [in_period] if first or last else []


def _filter_tests(
    collection: CollectionSpec, filters: Mapping[str, Any] | None, zone: tzinfo
) -> Sequence[Callable[[Record], bool]]:
    """Return the tests of the query's filters, which are the filters of the list."""
    try:
        given = check_filters(collection, filters, zone)
    except InvalidRecordError as error:
        raise bad_request("; ".join(f"filters.{problem}" for problem in error.problems)) from error
    return read_query(collection, list(given.items()), zone).tests


def _day(record: Record, field: str, zone: tzinfo) -> date | None:
    instant = canonical_instant(record.get(field))
    return calendar_date(parse_instant(instant), zone) if instant else None


def _group_value(name: str, date_field: str, zone: tzinfo) -> Callable[[Record], Any]:
    period = PERIODS.get(name)
    if period is None:
        return lambda record: record.get(name)

    def read(record: Record) -> str | None:
        day = _day(record, date_field, zone)
        return None if day is None else period(day)

    return read


def _rows(
    records: Iterable[Record], groups: Sequence[tuple[str, Callable[[Record], Any]]], metrics: Sequence[str]
) -> list[Record]:
    members: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        members.setdefault(tuple(read(record) for _, read in groups), []).append(record)
    if not groups:
        members = {(): members.get((), [])}
    names = [name for name, _ in groups]
    return [
        {**dict(zip(names, key, strict=True)), **{metric: _metric(metric, group) for metric in metrics}}
        for key, group in members.items()
    ]


def _metric(metric: str, records: Sequence[Record]) -> int | Decimal:
    if metric == COUNT:
        return len(records)
    return plain_number(sum((decimal_of(record.get(metric)) for record in records), Decimal(0)))


def _sort(rows: list[Record], sort: Any, columns: Sequence[str]) -> None:
    """Sort rows by the groups, and then by the requested column: ``-count`` sorts by count, descending."""
    for column in reversed(columns):
        rows.sort(key=sort_key(column))
    if sort is None:
        return
    if not isinstance(sort, str):
        raise bad_request("sort: must be the name of a column, with a minus in front for descending")
    (column,) = _known([sort.removeprefix("-")], columns, "sort")
    rows.sort(key=sort_key(column), reverse=sort.startswith("-"))
