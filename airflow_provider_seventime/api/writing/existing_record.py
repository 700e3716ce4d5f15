"""Existing record with the key of a record to create: its differences, and the result of the create.

Only values that the API returns as it received them are compared: the owner, amounts, names and rows. The server
rewrites dates, numbers of its own and taxes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from airflow_provider_seventime.api.writing.lookup import NewRecord
from airflow_provider_seventime.api.writing.references import normalised
from airflow_provider_seventime.contract.codes import ItemType
from airflow_provider_seventime.contract.personal_data import PERSONAL_FIELDS
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import InvalidRecordError

logger = logging.getLogger(__name__)

ROWS_FIELD = "invoiceItems"
ROW_AMOUNTS = ("numberOfItems", "unitPrice", "pricePerHour")
# The name of such a row may come from the record that it refers to.
ROW_REFERENCES = ("expenseItem", "timeCategory", "machine", "driverJournalItemType")
# The API may round an amount to hundredths.
ROUNDING = Decimal("0.005")

HOW_TO_SEPARATE = "Give each record a reference of its own, or update the existing one"

Row = Mapping[str, Any]
IfExists = Literal["return", "match", "fail"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a record to create and an existing one.

    :param field: the field, for example ``customer`` or ``invoiceItems[0].unitPrice``.
    :param wanted: the value of the record to create, as text.
    :param found: the value of the existing record, as text.
    """

    field: str
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"{self.field}: asked for {self.wanted}, found {self.found}"


@dataclass(frozen=True, slots=True)
class CreateResult:
    """Result of a create.

    :param record: the record as the API returned it.
    :param created: False if the record existed before this call.
    :param differs: differences between the record that was asked for and the existing one.
    """

    record: dict[str, Any]
    created: bool
    differs: tuple[Difference, ...] = ()


def existing_result(
    collection: CollectionSpec, new_record: NewRecord, existing: dict[str, Any], if_exists: IfExists
) -> CreateResult:
    """Return the result for a record that existed before.

    :raises InvalidRecordError: the record was cancelled, ``if_exists`` is ``fail``, or it is ``match`` and the record
        differs from the one that was asked for.
    """
    _refuse_cancelled(collection, new_record, existing)
    if if_exists == "fail":
        raise InvalidRecordError(
            f"{collection.name}: create", [f"{new_record.key} is already on {existing.get('_id')}"]
        )
    found = differences(collection, new_record.record, existing)
    if found and if_exists == "match":
        problems = [f"{_subject(new_record)} is on {existing.get('_id')}, which differs. {HOW_TO_SEPARATE}"]
        raise InvalidRecordError(f"{collection.name}: create", [*problems, *map(str, found)])
    return compared_result(collection, new_record, existing, created=False)


def _subject(new_record: NewRecord) -> str:
    return str(new_record.key or "the create of an earlier try")


def compared_result(
    collection: CollectionSpec, new_record: NewRecord, existing: dict[str, Any], *, created: bool
) -> CreateResult:
    """Return the result for an existing record, and log a warning if it differs from the one that was asked for."""
    found = differences(collection, new_record.record, existing)
    if found:
        logger.warning(
            "%s: %s is on %s, which differs from the record that was asked for and is not changed. %s:\n%s",
            collection.name,
            _subject(new_record),
            existing.get("_id"),
            HOW_TO_SEPARATE,
            "\n".join(f"  - {difference}" for difference in found),
        )
    return CreateResult(existing, created, found)


def _refuse_cancelled(collection: CollectionSpec, new_record: NewRecord, existing: Mapping[str, Any]) -> None:
    status = collection.cancelled_status
    if status is None or not collection.status_field or str(existing.get(collection.status_field)) != str(status.value):
        return
    raise InvalidRecordError(
        f"{collection.name}: create",
        [
            f"{_subject(new_record)} is on {existing.get('_id')}, which is {status.name.lower()}. Choose a new "
            "reference to create the record again"
        ],
    )


def differences(
    collection: CollectionSpec, wanted: Mapping[str, Any], found: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """Return the differences in the fields that both records have.

    :param collection: the collection; its ``compared_fields`` are compared, and its rows if it has some.
    :param wanted: the record to create, as the API takes it.
    :param found: the existing record, as the API returned it.
    """
    personal = PERSONAL_FIELDS.get(collection.name, ())
    listed = [
        _difference(name, wanted[name], found[name], hidden=name in personal)
        for name in collection.compared_fields
        if wanted.get(name) is not None and name in found and not _is_same(wanted[name], found[name])
    ]
    return (*listed, *_row_differences(wanted.get(ROWS_FIELD), found.get(ROWS_FIELD)))


def _difference(field: str, wanted: Any, found: Any, *, hidden: bool = False) -> Difference:
    if hidden:
        return Difference(field, "one value", "another (personal data is not logged)")
    return Difference(field, _shown(wanted), _shown(found))


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "") else f"{value!s:.60}"


def _is_same(wanted: Any, found: Any) -> bool:
    amounts = _amount(wanted), _amount(found)
    if amounts[0] is not None and amounts[1] is not None:
        return abs(amounts[0] - amounts[1]) <= ROUNDING
    return normalised(str(wanted)) == normalised("" if found is None else str(found))


def _amount(value: Any) -> Decimal | None:
    """Return a number, or a number as text. None: it is neither."""
    if isinstance(value, bool):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _row_differences(wanted: Any, found: Any) -> Iterator[Difference]:
    if not _are_rows(wanted) or not _are_rows(found):
        return
    if len(wanted) != len(found):
        yield Difference(f"number of {ROWS_FIELD}", str(len(wanted)), str(len(found)))
        yield from _total_difference(wanted, found)
        return
    remaining = list(found)
    unmatched: list[int] = []
    for index, row in enumerate(wanted):  # in any order: the API may sort rows
        same = next((other for other in remaining if not any(_fields_that_differ(row, other))), None)
        if same is None:
            unmatched.append(index)
        else:
            remaining.remove(same)
    for index, other in zip(unmatched, remaining, strict=True):
        row = wanted[index]
        for name in _fields_that_differ(row, other):
            yield _difference(f"{ROWS_FIELD}[{index}].{name}", row[name], other[name])
    if unmatched:
        yield from _total_difference(wanted, found)


def _are_rows(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows)


def _fields_that_differ(wanted: Row, found: Row) -> Iterator[str]:
    for name in _compared_row_fields(wanted):
        if wanted.get(name) is not None and name in found and not _is_same(wanted[name], found[name]):
            yield name


def _compared_row_fields(row: Row) -> Iterator[str]:
    if not any(row.get(name) for name in ROW_REFERENCES):
        yield "name"
    if row.get("itemType") == ItemType.ONLY_AMOUNT:
        yield "totalAmount"
    elif row.get("itemType") not in (ItemType.TEXT, ItemType.BLANK):
        yield from ROW_AMOUNTS


def _total_difference(wanted: Sequence[Row], found: Sequence[Row]) -> Iterator[Difference]:
    totals = _total(wanted), _total(found)
    if totals[0] is None or totals[1] is None:
        return
    if abs(totals[0] - totals[1]) > ROUNDING * max(len(wanted), len(found)):
        yield Difference(f"total of {ROWS_FIELD}", f"{totals[0].normalize():f}", f"{totals[1].normalize():f}")


def _total(rows: Sequence[Row]) -> Decimal | None:
    """Return the sum of the rows before discounts and tax. None: a row has no price, so the server chooses one."""
    amounts = [_row_total(row) for row in rows]
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal(0))


def _row_total(row: Row) -> Decimal | None:
    kind = row.get("itemType")
    if kind in (ItemType.TEXT, ItemType.BLANK):
        return Decimal(0)
    if kind == ItemType.ONLY_AMOUNT:
        return _amount(row.get("totalAmount"))
    price = _amount(row.get("pricePerHour") or row.get("unitPrice"))
    number = Decimal(1) if row.get("numberOfItems") is None else _amount(row["numberOfItems"])
    return None if price is None or number is None else number * price
