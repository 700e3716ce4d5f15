"""Expenses: prices and amounts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.references import find_referenced, referenced_names
from airflow_provider_seventime.sandbox.rules.work_order_fields import copy_from_work_order
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number

DEFAULT_TAX_PERCENT = 25
# Field of an expense -> field of its article.
ARTICLE_FIELDS = {
    "name": "name",
    "articleNumber": "articleNumber",
    "unit": "unit",
    "unitCost": "unitCost",
    "unitTaxPercent": "tax",
    "distributor": "distributor",
    "isInvoiceable": "isInvoiceable",
}


def unit_price(article: Mapping[str, Any], unit_cost: Any, customer: Mapping[str, Any] | None) -> Any:
    """Return the price of one unit, for an expense without a price.

    The vendor documents this order: the customer's price list, cost plus the customer's mark-up, the article's price.
    The API does not return prices of price lists. A customer with a price list pays the article's price here.

    :param unit_cost: cost of one unit.
    """
    billing = (customer or {}).get("billingSettings") or {}
    margin = decimal_of(billing.get("expenseCustomProfitMargin"))
    if margin and not billing.get("priceList"):
        return plain_number(decimal_of(unit_cost) * (100 + margin) / 100)
    return article.get("unitPrice") or 0


def expense_amounts(expense: Mapping[str, Any]) -> dict[str, Any]:
    """Return the computed amounts of an expense. They are not rounded, as in the vendor's samples (106.665)."""
    count, price = decimal_of(expense["numberOfItems"]), decimal_of(expense["unitPrice"])
    rate = decimal_of(expense["unitTaxPercent"]) / 100
    discounted = price * (100 - decimal_of(expense["discountPercent"])) / 100
    amounts: dict[str, Decimal] = {
        "unitPriceAfterDiscount": discounted,
        "unitTax": price * rate,
        "unitPriceInclTax": price * (1 + rate),
        "totalAmount": count * price,
        "totalAmountAfterDiscount": count * discounted,
        "totalTaxAmount": count * discounted * rate,
        "totalAmountInclTax": count * discounted * (1 + rate),
        "totalCost": count * decimal_of(expense["unitCost"]),
    }
    return {name: plain_number(amount) for name, amount in amounts.items()}


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    record = copy_from_work_order(context, change, record, "customer", "project")
    record["timestamp"] = record["timestamp"] or context.timestamp
    article = find_referenced(context.store, change.collection, record, "expenseItem")
    if article is not None and "expenseItem" in change.given:
        # A loaded article may have no more than an id.
        missing = {name: source for name, source in ARTICLE_FIELDS.items() if name not in change.given}
        copied = {name: article[source] for name, source in missing.items() if source in article}
        record |= copied | referenced_names(context.store, change.collection, copied)
    if article is not None and "unitPrice" not in change.given and {"expenseItem", "unitCost"} & change.given.keys():
        customer = find_referenced(context.store, change.collection, record, "customer")
        record["unitPrice"] = unit_price(article, record["unitCost"], customer)
    return record | expense_amounts(record)


EXPENSES = CollectionRules(
    complete=_complete,
    numbered=False,
    renamed={"taxPercent": "unitTaxPercent"},
    shown_on_delete=("_id",),
    defaults={
        "numberOfItems": 1,
        "unitTaxPercent": DEFAULT_TAX_PERCENT,
        "isInvoiceable": True,
        "documents": [],
        "bundledArticles": [],
        "customFields": [],
    },
)
