"""Rows of a sales invoice: how a new one is completed, and whether restated ones are still the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_seventime.contract.codes import ItemType
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.invoice_amounts import Row, row_amounts, row_quantity
from airflow_provider_seventime.sandbox.rules.references import REFERENCES
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number

FROM_ARTICLE = ("unit", "unitCost", "articleNumber")
ORDER_STEP = 1024  # as in the samples: rows can be moved in between
BLANK_ROW = {
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


# Field of a row, the field that repeats the name beside it, and where the price of such a row stands.
NAMED = {
    "timeCategory": ("categoryName", "pricePerHour"),
    "expenseItem": ("expenseItemName", "unitPrice"),
    "machine": ("machineName", "unitPrice"),
    "driverJournalItemType": ("driverJournalItemTypeName", "price"),
}


def complete_rows(
    context: Context, rows: Sequence[Row], invoice: Mapping[str, Any], article_price: str = "unitPrice"
) -> list[Record]:
    """Return the rows of an invoice with ids, order, names and amounts.

    :param article_price: the field of an article that is the price of a row which gives none: a purchase order has the
        article's cost there.
    """
    return [
        _complete_row(context, _priced(context, row, article_price), position, invoice)
        for position, row in enumerate(rows, start=1)
    ]


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


def _priced(context: Context, row: Row, article_price: str = "unitPrice") -> dict[str, Any]:
    """Return a row with quantity, and with name and price of what its ids name where it does not give its own."""
    priced = {**row, "numberOfItems": plain_number(row_quantity(row))}
    for field, (name_field, price_field) in NAMED.items():
        found = _found(context, row, field)
        if found is None:
            continue
        priced[name_field] = found[COLLECTIONS[REFERENCES[field]].name_field]
        if row.get("pricePerHour") is None and row.get("unitPrice") is None:
            target = "pricePerHour" if price_field == "pricePerHour" else "unitPrice"
            priced[target] = found[article_price if field == "expenseItem" else price_field]
        if field == "expenseItem":
            priced = {**{name: found[name] for name in FROM_ARTICLE}, **priced}
    return priced


def _found(context: Context, row: Row, field: str) -> Record | None:
    record_id = row.get(field)
    if record_id is None:
        return None
    found = context.store.collection(REFERENCES[field]).get(record_id)
    if found is None:
        raise bad_request(f"invoiceItems.{field}: no {REFERENCES[field]} with _id {record_id}")
    return found


def _complete_row(context: Context, priced: Row, position: int, invoice: Mapping[str, Any]) -> Record:
    return {
        "_id": context.store.new_id("invoiceItems", context.now),
        "createDate": context.stamp,
        "itemId": str(position),
        "itemOrder": position * ORDER_STEP,
        "name": next((priced[name] for name, _ in NAMED.values() if name in priced), ""),
        "description": "",
        "unit": "",
        **BLANK_ROW,
        "unitPrice": priced.get("pricePerHour", 0),
        **priced,
        **row_amounts(priced, invoice),
    }
