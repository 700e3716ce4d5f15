"""Expenses: an article, or free text with its price, bought for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.placement import placed_by_work_order
from airflow_provider_seventime.sandbox.rules.references import find_referenced, names_beside
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number

DEFAULT_TAX_PERCENT = 25
# A field of an expense, and the field of its article that fills it.
FROM_ARTICLE = {
    "name": "name",
    "articleNumber": "articleNumber",
    "unit": "unit",
    "unitCost": "unitCost",
    "unitTaxPercent": "tax",
    "distributor": "distributor",
    "isInvoiceable": "isInvoiceable",
}


def unit_price(article: Mapping[str, Any], unit_cost: Any, customer: Mapping[str, Any] | None) -> Any:
    """Return what one costs when the caller does not say.

    The documents take the customer's price list first, then cost and the customer's mark-up, then the article's price.
    The API shows no prices of price lists: with one, the article's own price is taken.

    :param unit_cost: what one was bought for.
    """
    billing = (customer or {}).get("billingSettings") or {}
    margin = decimal_of(billing.get("expenseCustomProfitMargin"))
    if margin and not billing.get("priceList"):
        return plain_number(decimal_of(unit_cost) * (100 + margin) / 100)
    return article.get("unitPrice") or 0


def expense_amounts(expense: Mapping[str, Any]) -> dict[str, Any]:
    """Return the computed amounts of an expense; they are not rounded, as in the samples (106.665)."""
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


def _complete(context: Context, change: Change, record: Record) -> Record:
    record = placed_by_work_order(context, change, record, "customer", "project")
    record["timestamp"] = record["timestamp"] or context.stamp
    article = find_referenced(context.store, change.resource, record, "expenseItem")
    if article is not None and "expenseItem" in change.given:
        filled = {name: article[source] for name, source in FROM_ARTICLE.items() if name not in change.given}
        record |= filled | names_beside(context.store, change.resource, filled)
    if article is not None and "unitPrice" not in change.given and {"expenseItem", "unitCost"} & change.given.keys():
        customer = find_referenced(context.store, change.resource, record, "customer")
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
