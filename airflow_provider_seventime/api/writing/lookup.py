"""How a record that may be there already is found: what to ask the list for, and which of the answers it is. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from airflow_provider_seventime.api.writing.references import references_in
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, FilterKind, ReferenceSearch
from airflow_provider_seventime.dates import days_around, read_date
from airflow_provider_seventime.exceptions import AmbiguousWriteError, InvalidRecordError

MARGIN = timedelta(days=1)

OwnerValue = Callable[[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a record is known by.

    :param field: the field that holds it.
    :param value: a reference, or a number that no two records share.
    :param is_reference: it is a reference within the text of the field; False: the whole field.
    """

    field: str
    value: str
    is_reference: bool = True

    def found_in(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the marks of this kind that a record carries."""
        held = record.get(self.field)
        if self.is_reference:
            return references_in(held)
        return () if held is None else (str(held).strip(),)

    def __str__(self) -> str:
        return f"the reference {self.value!r}" if self.is_reference else f"{self.field} {self.value!r}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record to be created.

    :param record: as the API takes it, checked.
    :param mark: what it is known by; None: nothing, so that a lost answer stays lost.
    """

    record: Mapping[str, Any]
    mark: Mark | None


def number_mark(resource: CollectionSpec, record: Mapping[str, Any]) -> Mark | None:
    """Return the unique number that a record to be created gives, or None."""
    number = resource.unique_number
    value = record.get(number.field) if number else None
    text = "" if value is None else str(value).strip()
    return Mark(number.field, text, is_reference=False) if number and text else None


def search_filters(
    resource: CollectionSpec, records: Sequence[Mapping[str, Any]], zone: tzinfo, owner_value: OwnerValue
) -> dict[str, Any]:
    """Return the filters that narrow the look-up of some records, as far as all of them agree.

    By their number where there is one record that gives it; by their own dates, a day wider on both sides; without
    dates by their owner.

    :param resource: the collection.
    :param records: the records to be created, at least one.
    :param zone: the account's time zone.
    :param owner_value: given collection, id and field, returns what the owner's filter wants.
    """
    number = resource.unique_number
    if number and number.filter and len(records) == 1 and (mark := number_mark(resource, records[0])):
        return {number.filter: mark.value}
    search = resource.reference_search
    days = [record.get(search.date_field) if search.date_field else None for record in records]
    written = [day for day in days if isinstance(day, str)]
    if len(written) < len(days):
        return _by_owner(search, records, owner_value)
    dated = _between(resource, search, [days_around(read_date(day, zone), MARGIN) for day in written])
    # A list that ends at no date holds everything since.
    return dated if search.to_filter else dated | _by_owner(search, records, owner_value)


def _by_owner(search: ReferenceSearch, records: Sequence[Mapping[str, Any]], owner_value: OwnerValue) -> dict[str, Any]:
    owners = {record.get(search.owner_field) for record in records} if search.owner_field else set()
    if not search.owner_filter or len(owners) != 1 or None in owners:
        return {}
    owner = str(owners.pop())
    value = owner_value(search.owner_resource, owner, search.owner_value) if search.owner_resource else owner
    return {search.owner_filter: value} if value else {}


def _between(resource: CollectionSpec, search: ReferenceSearch, spans: Sequence[tuple[date, date]]) -> dict[str, Any]:
    edges = ((search.from_filter, min(first for first, _ in spans)), (search.to_filter, max(last for _, last in spans)))
    return {name: _edge(resource, name, day) for name, day in edges if name}


def _edge(resource: CollectionSpec, name: str, day: date) -> Any:
    if resource.filters[name].kind is FilterKind.TIME:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return day


def find(resource: CollectionSpec, records: Iterable[Mapping[str, Any]], wanted: Wanted) -> dict[str, Any] | None:
    """Return the record that carries the mark, or None.

    Only the owner is compared: dates, names, totals and numbers are the server's to rewrite.

    :param resource: the collection.
    :param records: the records that the look-up found.
    :param wanted: the record to be created.
    :raises AmbiguousWriteError: several records carry the mark.
    :raises InvalidRecordError: the one that carries it belongs to another owner, or its number is another record's.
    """
    mark, number = wanted.mark, number_mark(resource, wanted.record)
    found: list[dict[str, Any]] = []
    taken: list[str] = []
    for one in records:
        if mark and mark.value in mark.found_in(one):
            found.append(dict(one))
        elif number and number.value in number.found_in(one):
            taken.append(str(one.get("_id")))
    if len(found) > 1:
        listed = ", ".join(f"{one.get('_id')!s:.60}" for one in found[:10])
        raise AmbiguousWriteError(
            f"{resource.name}: {len(found)} records carry {mark} ({listed}). "
            "Delete what is too many in Seven Time, then try again"
        )
    if found:
        _refuse_another_owner(resource, found[0], wanted)
        return found[0]
    if taken:
        raise InvalidRecordError(
            f"{resource.name}: create", [f"{number} is already on {taken[0]}, which does not carry {mark}"]
        )
    return None


def _refuse_another_owner(resource: CollectionSpec, found: Mapping[str, Any], wanted: Wanted) -> None:
    owner = resource.reference_search.owner_field
    ours = wanted.record.get(owner) if owner else None
    if owner and ours and found.get(owner) != ours:
        raise InvalidRecordError(
            f"{resource.name}: create",
            [
                f"{owner}: {wanted.mark} is already on {found.get('_id')!s:.60}, which belongs to {owner} "
                f"{found.get(owner)!s:.60}, not to {ours}; give each record one of its own"
            ],
        )


def differences(resource: CollectionSpec, found: Mapping[str, Any], wanted: Wanted) -> list[str]:
    """Return the texts that a record shows otherwise than they were sent.

    A number tells which record it is, and not who made it: what was there before may have the same number.
    """
    if wanted.mark is None or wanted.mark.is_reference:
        return []
    texts = [name for name, kind in resource.fields.items() if kind is FieldKind.TEXT and name in wanted.record]
    return [name for name in texts if name in found and str(found[name]).strip() != str(wanted.record[name]).strip()]
