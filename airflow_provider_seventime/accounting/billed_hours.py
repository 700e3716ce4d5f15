"""Time logs as invoice rows: the hours of each customer, added up by time category and price."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.accounting.amounts import round_to_ore
from airflow_provider_seventime.accounting.invoice_fields import (
    Record,
    UnbookableError,
    flag,
    number_or_none,
    required_number,
    text,
)


@dataclass(frozen=True)
class LeftOut:
    """Time log that no invoice bills.

    :param record_id: ``_id`` of the time log.
    :param reason: what the log lacks, for a person who corrects it in Seven Time.
    """

    record_id: str
    reason: str

    def __str__(self) -> str:
        return f"timeLogs {self.record_id}: {self.reason}"


@dataclass(frozen=True)
class BilledHours:
    """Invoice rows by customer, and the time logs that they do not bill.

    :param rows: rows in the API's terms by the customer's ``_id``, in the order of the first time log of each customer
        and row. Hours and prices are text.
    :param left_out: time logs that are invoiceable and in no row, in their order.
    """

    rows: Mapping[str, list[dict[str, Any]]]
    left_out: tuple[LeftOut, ...]


def bill_hours(
    time_logs: Iterable[Record],
    *,
    customers: Container[str],
    categories: Mapping[str, str],
    period: str,
    unit: str = "tim",
) -> BilledHours:
    """Add up time logs to invoice rows: one row for each customer, time category and price.

    A time log is billed if ``isInvoiceable`` is true and ``isInvoiced`` is not. All others are ignored.

    * Hours are exact sums of ``invoiceableTime``, rounded once a row: to two decimals, half up.
    * A row of a time category without a price has no ``pricePerHour``: the API takes the price of the category. A price
      of 0 is a price.
    * Hours without a time category become a ``general`` row, if they have a price.
    * A log that cannot be billed is left out, with the reason: it has no customer, neither category nor price, hours or
      a price that are no numbers, or its row has less than 0.005 hours.

    :param time_logs: as the API returns them. Flags may also be 0 and 1, as databases return them.
    :param customers: ``_id`` of every customer that exists.
    :param categories: name of every time category by its ``_id``.
    :param period: text after the name of each row, for example ``2026-09``.
    :param unit: unit of the rows. Defaults to ``tim``.
    """
    logs: dict[tuple[str, str, Decimal | None], list[tuple[Record, Decimal]]] = {}
    left_out: dict[str, LeftOut] = {}
    positions: dict[str, int] = {}
    for position, log in enumerate(time_logs):
        record_id = text(log, "_id")
        positions[record_id] = position
        try:
            if not _is_due(log):
                continue
            key = _row_of(log, customers, categories)
            logs.setdefault(key, []).append((log, required_number(log, "invoiceableTime")))
        except UnbookableError as error:
            left_out[record_id] = LeftOut(record_id, str(error))
    rows: dict[str, list[dict[str, Any]]] = {}
    for (customer, category, price), of_row in logs.items():
        hours = round_to_ore(sum((hours for _, hours in of_row), Decimal(0)))
        if hours > 0:
            row = _row(category, categories.get(category, ""), price, hours, period)
            rows.setdefault(customer, []).append({**row, "unit": unit})
            continue
        for log, _ in of_row:
            record_id = text(log, "_id")
            left_out[record_id] = LeftOut(record_id, f"the hours of its row are {hours}")
    return BilledHours(rows, tuple(sorted(left_out.values(), key=lambda one: positions[one.record_id])))


def _is_due(log: Record) -> bool:
    return flag(log, "isInvoiceable") and not flag(log, "isInvoiced")


def _row_of(log: Record, customers: Container[str], categories: Mapping[str, str]) -> tuple[str, str, Decimal | None]:
    """Return customer, time category and price of the row that bills a time log."""
    customer, category = text(log, "customer"), text(log, "timeCategory")
    price = number_or_none(log, "pricePerHour")
    if not customer:
        raise UnbookableError("it has no customer")
    if customer not in customers:
        raise UnbookableError(f"its customer {customer} does not exist")
    if category and category not in categories:
        raise UnbookableError(f"its time category {category} does not exist")
    if not category and price is None:
        raise UnbookableError("it has neither a time category nor a price")
    return customer, category, price


def _row(category: str, name: str, price: Decimal | None, hours: Decimal, period: str) -> dict[str, Any]:
    row: dict[str, Any] = {"name": f"{name or 'Arbetad tid'} {period}", "numberOfItems": str(hours)}
    if not category:
        return {"itemType": "general", **row, "unitPrice": _plain(price)}
    row = {"itemType": "timeLog", "timeCategory": category, **row}
    return row if price is None else {**row, "pricePerHour": _plain(price)}


def _plain(price: Decimal | None) -> str:
    """Return a price without the zeros that a database adds: MySQL returns 595 as 595.000000000000000000."""
    return "" if price is None else f"{price.normalize():f}"
