"""Lookup of a record that may exist already: the filters of the search, and the match among its results. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from airflow_provider_seventime.api.writing.references import normalised, references_in
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, FilterKind, ReferenceSearch
from airflow_provider_seventime.dates import days_around, read_date
from airflow_provider_seventime.exceptions import AmbiguousWriteError, InvalidRecordError

DATE_MARGIN = timedelta(days=1)

OwnerValue = Callable[[str, str, str], str]


@dataclass(frozen=True, slots=True)
class LookupKey:
    """Value that a record is found by.

    :param field: the field that holds the value.
    :param value: a reference, or a number that no two records of the collection share.
    :param is_reference: True if the value is a reference within the text of the field. False: it is the whole field.
    """

    field: str
    value: str
    is_reference: bool = True

    @property
    def compared(self) -> str:
        """The value in the form in which it is compared: a reference normalised, a number as it is."""
        return normalised(self.value) if self.is_reference else self.value

    def values_in(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the values of this kind of key that a record has, in the form in which they are compared."""
        content = record.get(self.field)
        if self.is_reference:
            return tuple(map(normalised, references_in(content)))
        return () if content is None else (str(content).strip(),)

    def is_on(self, record: Mapping[str, Any]) -> bool:
        """Return True if a record has this key."""
        return self.compared in self.values_in(record)

    def __str__(self) -> str:
        return f"the reference {self.value!r}" if self.is_reference else f"{self.field} {self.value!r}"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """Record to create.

    :param record: the checked record, as the API takes it.
    :param key: what the record is found by. None: nothing, so a lost response cannot be resolved.
    """

    record: Mapping[str, Any]
    key: LookupKey | None


def unique_number_key(collection: CollectionSpec, record: Mapping[str, Any]) -> LookupKey | None:
    """Return the key for the unique number that a record to create gives. None: the record gives none."""
    number = collection.unique_number
    value = record.get(number.field) if number else None
    text = "" if value is None else str(value).strip()
    return LookupKey(number.field, text, is_reference=False) if number and text else None


def search_filters(
    collection: CollectionSpec, records: Sequence[Mapping[str, Any]], zone: tzinfo, owner_value: OwnerValue
) -> dict[str, Any]:
    """Return the filters that narrow the search for some records.

    A single record is searched by its unique number, if it gives one. Otherwise the filters are the range of the
    records' dates with a day's margin on both sides, and their owner if the list has no filter for the last date.

    :param collection: the collection.
    :param records: the records to create, at least one.
    :param zone: the account's time zone.
    :param owner_value: returns the value for the owner's filter. Arguments: collection, id, field.
    """
    number = collection.unique_number
    if number and number.filter and len(records) == 1 and (key := unique_number_key(collection, records[0])):
        return {number.filter: key.value}
    search = collection.reference_search
    dates = [record.get(search.date_field) if search.date_field else None for record in records]
    texts = [text for text in dates if isinstance(text, str)]
    if len(texts) < len(dates):
        return _owner_filter(collection, records, owner_value)
    dated = _date_filters(collection, search, [days_around(read_date(text, zone), DATE_MARGIN) for text in texts])
    # Without a last date the list holds everything since the first one, so the owner narrows it too.
    return dated if search.to_filter else dated | _owner_filter(collection, records, owner_value)


def _owner_filter(
    collection: CollectionSpec, records: Sequence[Mapping[str, Any]], owner_value: OwnerValue
) -> dict[str, Any]:
    search = collection.reference_search
    owners = {record.get(search.owner_field) for record in records} if search.owner_field else set()
    # Version 1 of the API lacks some filters.
    if not search.owner_filter or search.owner_filter not in collection.filters:
        return {}
    if len(owners) != 1 or None in owners:
        return {}
    owner = str(owners.pop())
    value = owner_value(search.owner_resource, owner, search.owner_value) if search.owner_resource else owner
    return {search.owner_filter: value} if value else {}


def _date_filters(
    collection: CollectionSpec, search: ReferenceSearch, ranges: Sequence[tuple[date, date]]
) -> dict[str, Any]:
    limits = (
        (search.from_filter, min(first for first, _ in ranges)),
        (search.to_filter, max(last for _, last in ranges)),
    )
    return {name: _filter_value(collection, name, day) for name, day in limits if name}


def _filter_value(collection: CollectionSpec, name: str, day: date) -> date:
    if collection.filters[name].kind is FilterKind.TIME:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return day


def match_record(
    collection: CollectionSpec, records: Iterable[Mapping[str, Any]], new_record: NewRecord
) -> dict[str, Any] | None:
    """Return the record that has the key of the record to create. None: there is none.

    Besides the key only the owner is compared, because the server may change dates, names, totals and numbers.

    :param collection: the collection.
    :param records: the results of the search.
    :param new_record: the record to create.
    :raises AmbiguousWriteError: several records have the key.
    :raises InvalidRecordError: the record with the key belongs to another owner, or another record has its number.
    """
    key, number = new_record.key, unique_number_key(collection, new_record.record)
    matches: list[dict[str, Any]] = []
    same_number: list[str] = []
    for record in records:
        if key and key.is_on(record):
            matches.append(dict(record))
        elif number and number.is_on(record):
            same_number.append(str(record.get("_id")))
    if len(matches) > 1:
        listed = ", ".join(f"{match.get('_id')!s:.60}" for match in matches[:10])
        raise AmbiguousWriteError(
            f"{collection.name}: {len(matches)} records have {key} ({listed}). "
            "Delete the superfluous ones in Seven Time, then try again"
        )
    if matches:
        _refuse_another_owner(collection, matches[0], new_record)
        return matches[0]
    if same_number:
        raise InvalidRecordError(
            f"{collection.name}: create", [f"{number} is already on {same_number[0]}, which does not have {key}"]
        )
    return None


def _refuse_another_owner(collection: CollectionSpec, match: Mapping[str, Any], new_record: NewRecord) -> None:
    field = collection.reference_search.owner_field
    owner = new_record.record.get(field) if field else None
    if field and owner and match.get(field) != owner:
        raise InvalidRecordError(
            f"{collection.name}: create",
            [
                f"{field}: {new_record.key} is already on {match.get('_id')!s:.60}, which belongs to {field} "
                f"{match.get(field)!s:.60}, not to {owner}; give each record a reference of its own"
            ],
        )


def differing_texts(collection: CollectionSpec, existing: Mapping[str, Any], new_record: NewRecord) -> list[str]:
    """Return the text fields in which an existing record differs from the record that was sent.

    A record that was found by a reference never differs: only this package writes references. A unique number, in
    contrast, may be on a record that existed before.
    """
    if new_record.key is None or new_record.key.is_reference:
        return []
    sent = new_record.record
    texts = [name for name, kind in collection.fields.items() if kind is FieldKind.TEXT and name in sent]
    return [name for name in texts if name in existing and str(existing[name]).strip() != str(sent[name]).strip()]
