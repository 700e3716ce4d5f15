"""Queries of lists: filters, order and page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.contract.checking import check_filters
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, Match
from airflow_provider_seventime.dates import format_instant, local_midnight, parse_instant, read_instant
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.state.read_view import CURRENT_VIEW, ReadView
from airflow_provider_seventime.sandbox.state.store import Record, StoredCollection

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
MAX_PAGE = 2**31 - 1
DIRECTIONS = ("ascending", "descending")
# The client accepts more forms of a value than these; the API does not.
FORMS = {
    FilterKind.DATE: (re.compile(r"\d{4}-\d{2}-\d{2}"), "YYYY-MM-DD"),
    FilterKind.TIME: (re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?"), "YYYY-MM-DD HH:MM"),
    FilterKind.BOOLEAN: (re.compile(r"true|false"), "true or false"),
    FilterKind.CODE: (re.compile(r"\d+"), "a code"),
    FilterKind.NUMBER: (re.compile(r"-?\d+"), "a whole number"),
}
CANONICAL_INSTANT_LENGTH = len("2020-11-04T23:00:00.000Z")

Test = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list.

    :param records: the records of the page.
    :param total: number of matching records on all pages.
    :param pages: number of pages, 0 if no record matches.
    :param number: number of the page, from 1.
    """

    records: list[Record]
    total: int
    pages: int
    number: int


@dataclass(frozen=True, slots=True)
class StoreQuery:
    """The checked parameters of a list.

    :param tests: tests that a record has to pass.
    :param sort_by: field to sort by; None: the order of creation.
    :param descending: sort in descending order.
    :param limit: number of records on a page.
    :param page: number of the page, from 1.
    """

    tests: tuple[Test, ...] = ()
    sort_by: str | None = None
    descending: bool = False
    limit: int = DEFAULT_LIMIT
    page: int = 1

    def unpaged(self, records: int) -> StoreQuery:
        """Return the query with all records on one page, for a list without pages.

        :param records: number of records of the collection.
        """
        return replace(self, limit=max(records, 1), page=1)


def read_query(collection: CollectionSpec, parameters: Sequence[tuple[str, str]], zone: tzinfo) -> StoreQuery:
    """Read the query parameters of a list.

    :param parameters: names and values from the URL.
    :param zone: the account's time zone.
    :raises RequestRefusedError: a parameter is unknown, occurs twice, or has an invalid value (400).
    """
    given = dict(parameters)
    if len(given) < len(parameters):
        raise bad_request("a query parameter is given more than once")
    limit = whole_number(given.pop("limit", str(DEFAULT_LIMIT)), "limit", 1, MAX_LIMIT)
    page = whole_number(given.pop("page", "1"), "page", 1, MAX_PAGE)
    sort_by = given.pop("sortBy", None)
    direction = given.pop("sortDirection", DIRECTIONS[0])
    if direction not in DIRECTIONS:
        raise bad_request(f"sortDirection: must be ascending or descending, not {direction!r}")
    if sort_by == "":
        raise bad_request("sortBy: is empty")
    try:
        check_filters(collection, given, zone)
    except InvalidRecordError as error:
        raise bad_request("; ".join(error.problems)) from error
    tests = tuple(_test(collection.filters[name], name, value, zone) for name, value in given.items())
    return StoreQuery(tests, sort_by, direction == DIRECTIONS[1], limit, page)


def run_query(collection: StoredCollection, query: StoreQuery, view: ReadView = CURRENT_VIEW) -> ListPage:
    """Return the page that a query requests.

    :param view: only its ``offset`` is used; the caller passes a collection with the wanted age.
    """
    first = (query.page - 1) * query.limit + view.offset
    start, stop = max(first, 0), max(first + query.limit, 0)
    in_order = query.sort_by is None or (query.sort_by == "_id" and collection.ascending and not query.descending)
    if in_order and not query.tests:
        records, total = collection.slice(start, stop), len(collection)
    else:
        matching = _matching(collection, query.tests)
        if not in_order:
            matching.sort(key=sort_key(query.sort_by or "_id"), reverse=query.descending)
        records, total = matching[start:stop], len(matching)
    return ListPage(records, total, -(-total // query.limit), query.page)


def _matching(records: Iterable[Record], tests: tuple[Test, ...]) -> list[Record]:
    matching = list(records)
    for test in tests:
        matching = [record for record in matching if test(record)]
    return matching


def whole_number(text: str, name: str, least: int, most: int) -> int:
    """Read a whole number of a request.

    :param name: name of the parameter, for the message.
    :raises RequestRefusedError: the text is no whole number, or it is out of range (400).
    """
    number = int(text) if re.fullmatch(r"-?\d{1,18}", text) else None
    if number is None or not least <= number <= most:
        raise bad_request(f"{name}: must be a whole number from {least} to {most}, not {text!r:.60}")
    return number


def _test(spec: Filter, name: str, value: str, zone: tzinfo) -> Test:
    if spec.kind in FORMS:
        pattern, form = FORMS[spec.kind]
        if not pattern.fullmatch(value):
            raise bad_request(f"{name}: must be {form}, not {value!r:.60}")
    read = _field_reader(spec.field or name)
    if spec.kind is FilterKind.DATE:
        return _day_test(read, spec.match, date.fromisoformat(value), zone)
    if spec.kind is FilterKind.TIME:
        return _instant_test(read, spec.match, format_instant(read_instant(value, zone)))
    if spec.match is Match.CONTAINS:
        text = value.strip().casefold()
        return lambda record: text in str(read(record) or "").casefold()
    return _equality_test(read, _expected(spec, value))


def _expected(spec: Filter, value: str) -> Any:
    if spec.kind is FilterKind.BOOLEAN:
        return value == "true"
    if spec.kind in (FilterKind.NUMBER, FilterKind.CODE):
        return Decimal(value)
    return value.strip()


def _equality_test(read: Callable[[Record], Any], expected: Any) -> Test:
    def test(record: Record) -> bool:
        actual = read(record)
        if actual == expected:
            return True
        if isinstance(actual, list):
            return expected in actual
        return type(actual) is not type(expected) and actual is not None and _equal_as_text(actual, expected)

    return test


def _equal_as_text(actual: Any, expected: Any) -> bool:
    """Return whether a number and a text are equal: responses contain numbers in both forms."""
    return not isinstance(actual, bool) and not isinstance(expected, bool) and str(actual) == str(expected)


def _field_reader(field: str) -> Callable[[Record], Any]:
    if " " in field:
        readers = [_field_reader(part) for part in field.split()]
        return lambda record: " ".join(str(read(record) or "") for read in readers)
    if "." not in field:
        return lambda record: record.get(field)
    names = field.split(".")

    def read_nested(record: Record) -> Any:
        value: Any = record
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    return read_nested


def _day_test(read: Callable[[Record], Any], match: Match, day: date, zone: tzinfo) -> Test:
    begins = format_instant(local_midnight(day, zone))
    ends = format_instant(local_midnight(day + timedelta(days=1), zone))

    def test(record: Record) -> bool:
        instant = canonical_instant(read(record))
        if instant is None:
            return False
        return (match is Match.TO or instant >= begins) and (match is Match.FROM or instant < ends)

    return test


def _instant_test(read: Callable[[Record], Any], match: Match, bound: str) -> Test:
    def test(record: Record) -> bool:
        instant = canonical_instant(read(record))
        if instant is None:
            return False
        if match is Match.FROM:
            return instant >= bound
        return instant <= bound if match is Match.TO else instant == bound

    return test


def canonical_instant(value: Any) -> str | None:
    """Return an instant in the form of responses, in which text order is time order; loaded records may have others.

    :return: None if the value is no instant.
    """
    if not isinstance(value, str) or not value:
        return None
    if len(value) == CANONICAL_INSTANT_LENGTH and value.endswith("Z"):
        return value
    try:
        return format_instant(parse_instant(value))
    except ValueError:
        return None


def sort_key(field: str) -> Callable[[Record], tuple[int, Any]]:
    """Return the sort key of a field in MongoDB's order of types: null, numbers, text, other values, booleans."""
    read = _field_reader(field)

    def key(record: Record) -> tuple[int, Any]:
        value = read(record)
        if value is None:
            return 0, 0
        if isinstance(value, bool):
            return 4, value
        if isinstance(value, int | float | Decimal):
            return 1, value
        return (2, value) if isinstance(value, str) else (3, str(value))

    return key
