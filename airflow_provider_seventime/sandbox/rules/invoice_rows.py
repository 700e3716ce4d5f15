"""Rows of a sales invoice: how a new one is completed, and whether restated ones are still the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_seventime.contract.codes import ItemType
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.invoice_amounts import Row, row_amounts, row_quantity
from airflow_provider_seventime.sandbox.store import Record
from airflow_provider_seventime.sandbox.values import decimal_of, plain_number

ORDER_STEP = 1024  # as in the samples: rows can be moved in between
COMPARED_AMOUNTS = ("totalAmount", "taxPercent", "numberOfItems")


def complete_rows(context: Context, rows: Sequence[Row], invoice: Mapping[str, Any]) -> list[Record]:
    """Return the rows of an invoice with ids, order, names and amounts."""
    return [_complete_row(context, row, position, invoice) for position, row in enumerate(rows, start=1)]


def restated_rows(context: Context, rows: Sequence[Row], invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return rows with their amounts, to be compared with the ones that an invoice has."""
    return [{**_priced(context, row), **row_amounts(_priced(context, row), invoice)} for row in rows]


def same_rows(held: Sequence[Row], restated: Sequence[Row]) -> bool:
    """Tell whether restated rows say the same as the held ones: kind, quantity, net, rate, and texts where given."""
    return len(held) == len(restated) and all(_same_row(*pair) for pair in zip(held, restated, strict=True))


def _same_row(held: Row, restated: Row) -> bool:
    if _kind(held) != _kind(restated):
        return False
    texts_agree = all(restated.get(name) in (None, held.get(name)) for name in ("name", "description"))
    return texts_agree and all(
        decimal_of(held.get(name)) == decimal_of(restated.get(name)) for name in COMPARED_AMOUNTS
    )


def _kind(row: Row) -> str:
    return ItemType.TIME_LOG.value if row["itemType"] == "time" else str(row["itemType"])


def _priced(context: Context, row: Row) -> dict[str, Any]:
    """Return a row with quantity, and with the time category's name and price where it does not give its own."""
    priced = {**row, "numberOfItems": plain_number(row_quantity(row))}
    category_id = row.get("timeCategory")
    if category_id is None:
        return priced
    category = context.store.collection("timeCategories").get(category_id)
    if category is None:
        raise bad_request(f"invoiceItems.timeCategory: no timeCategories with _id {category_id}")
    priced["categoryName"] = category["name"]
    if row.get("pricePerHour") is None and row.get("unitPrice") is None:
        priced["pricePerHour"] = category["pricePerHour"]
    return priced


def _complete_row(context: Context, row: Row, position: int, invoice: Mapping[str, Any]) -> Record:
    priced = _priced(context, row)
    return {
        "_id": context.store.new_id("invoiceItems", context.now),
        "createDate": context.stamp,
        "itemId": str(position),
        "itemOrder": position * ORDER_STEP,
        "name": priced.get("categoryName", ""),
        "description": "",
        "unit": "",
        "unitCost": 0,
        "unitPrice": priced.get("pricePerHour", 0),
        "discountPercent": 0,
        "houseWorkTypeOfWork": 0,
        **priced,
        **row_amounts(priced, invoice),
    }
