"""Rows of invoices: complete new rows, and compare repeated rows with the stored ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_seventime.contract.codes import ItemType
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.invoice_amounts import Row, row_amounts, row_quantity
from airflow_provider_seventime.sandbox.rules.references import REFERENCES
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number

ARTICLE_FIELDS = ("unit", "unitCost", "articleNumber")
ORDER_STEP = 1024  # as in the vendor's samples; leaves room for rows in between
EMPTY_ROW = {
    "articleNumber": "",
    "timeCategory": None,
    "categoryName": "",
    "expenseItem": None,
    "expenseItemName": "",
    "machine": None,
    "machineName": "",
    "driverJournalItemType": None,
    "driverJournalItemTypeName": "",
    "priceList": None,
    "priceListName": None,
    "unitCost": 0,
    "discountInPercent": 0,
    "discountPercent": 0,
    "supplementChargePercent": 0,
    "selectedFlag": False,
    "houseWorkTypeOfWork": 0,
}
COMPARED_AMOUNTS = ("totalAmount", "taxPercent", "numberOfItems")
# Reference of a row -> field for the name of the referenced record, and field of its price.
ROW_REFERENCES = {
    "timeCategory": ("categoryName", "pricePerHour"),
    "expenseItem": ("expenseItemName", "unitPrice"),
    "machine": ("machineName", "unitPrice"),
    "driverJournalItemType": ("driverJournalItemTypeName", "price"),
}


def complete_rows(
    context: WriteContext, rows: Sequence[Row], invoice: Mapping[str, Any], article_price: str = "unitPrice"
) -> list[Record]:
    """Return the rows of an invoice with ids, order, names and amounts.

    :param invoice: tax rates and currency, as ``single_rate_terms`` returns them for other documents.
    :param article_price: field of an article that is the price of a row without one. Purchase orders use ``unitCost``.
    """
    return [
        _complete_row(context, _priced(context, row, article_price), position, invoice)
        for position, row in enumerate(rows, start=1)
    ]


def repeated_rows(context: WriteContext, rows: Sequence[Row], invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return repeated rows with amounts, for the comparison with the stored rows of an invoice."""
    return [{**_priced(context, row), **row_amounts(_priced(context, row), invoice)} for row in rows]


def same_rows(stored: Sequence[Row], repeated: Sequence[Row]) -> bool:
    """Return whether repeated rows have the kinds, quantities, amounts, rates and texts of the stored rows."""
    return len(stored) == len(repeated) and all(_same_row(*pair) for pair in zip(stored, repeated, strict=True))


def _same_row(stored: Row, repeated: Row) -> bool:
    if _kind(stored) != _kind(repeated):
        return False
    texts_agree = all(repeated.get(name) in (None, stored.get(name)) for name in ("name", "description"))
    return texts_agree and all(
        decimal_of(stored.get(name)) == decimal_of(repeated.get(name)) for name in COMPARED_AMOUNTS
    )


def _kind(row: Row) -> str:
    return ItemType.TIME_LOG.value if row["itemType"] == "time" else str(row["itemType"])


def _priced(context: WriteContext, row: Row, article_price: str = "unitPrice") -> dict[str, Any]:
    """Return a row with quantity, and with name and price of its article, time category, machine or type of journey."""
    priced = {**row, "numberOfItems": plain_number(row_quantity(row))}
    for field, (name_field, price_field) in ROW_REFERENCES.items():
        found = _found(context, row, field)
        if found is None:
            continue
        priced[name_field] = found.get(COLLECTIONS[REFERENCES[field]].name_field, "")
        if row.get("pricePerHour") is None and row.get("unitPrice") is None:
            target = "pricePerHour" if price_field == "pricePerHour" else "unitPrice"
            priced[target] = found.get(article_price if field == "expenseItem" else price_field, 0)
        if field == "expenseItem":
            priced = {**{name: found[name] for name in ARTICLE_FIELDS if name in found}, **priced}
    return priced


def _found(context: WriteContext, row: Row, field: str) -> Record | None:
    record_id = row.get(field)
    if record_id is None:
        return None
    found = context.store.collection(REFERENCES[field]).get(record_id)
    if found is None:
        raise bad_request(f"invoiceItems.{field}: no {REFERENCES[field]} with _id {record_id}")
    return found


def _complete_row(context: WriteContext, priced: Row, position: int, invoice: Mapping[str, Any]) -> Record:
    return {
        "_id": context.store.new_id("invoiceItems", context.now),
        "createDate": context.timestamp,
        "itemId": str(position),
        "itemOrder": position * ORDER_STEP,
        "name": next((priced[name] for name, _ in ROW_REFERENCES.values() if name in priced), ""),
        "description": "",
        "unit": "",
        **EMPTY_ROW,
        "unitPrice": priced.get("pricePerHour", 0),
        **priced,
        **row_amounts(priced, invoice),
    }
