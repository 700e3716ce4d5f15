"""Quotes and supplement orders of the seeded company. The API only reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.company.people import workers
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding
from airflow_provider_seventime.sandbox.company.table_rows import read_table, resolved
from airflow_provider_seventime.sandbox.rules.collections.invoices import customer_details
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.invoice_amounts import (
    DEFAULT_TAX_PERCENT,
    invoice_amounts,
    single_rate_terms,
)
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import public_link

FIRST_QUOTE = 1058
# The vendor's sample has 3 with a date of acceptance; the other codes are choices of the sandbox.
DRAFT, SENT, ACCEPTED, REJECTED = 1, 2, 3, 4
VALID_DAYS = 30
TEXT_ELEMENT, ROWS_ELEMENT = 1000, 1200
TERMS = single_rate_terms()
TOTALS = ("totalAmount", "totalTaxAmount", "totalAmountInclTax")
LOG_CREATED = 1


def make_quotes(seeding: Seeding) -> None:
    """Create the quotes, the oldest first, and refer to them from their projects."""
    for number, row in enumerate(read_table("offers")["quotes"], start=FIRST_QUOTE):
        fields = resolved(seeding, COLLECTIONS["quotes"], row)
        quote = seeding.add(
            "quotes",
            seeding.instant(seeding.days_ago(fields.pop("daysAgo"))),
            {**_quote_fields(seeding, row, fields), "quoteNumber": str(number)},
        )
        quote = seeding.amend("quotes", quote, {"publicLink": public_link(quote["_id"])})
        project = seeding.store.collection("projects").get(quote["project"] or "")
        if project is not None:
            seeding.amend("projects", project, {"quote": quote["_id"]})


def _quote_fields(seeding: Seeding, row: Mapping[str, Any], fields: Record) -> Record:
    day = seeding.days_ago(row["daysAgo"])
    context = seeding.context(seeding.instant(day))
    rows = complete_rows(context, fields.pop("invoiceItems"), TERMS)
    totals = invoice_amounts(rows, TERMS)
    amounts = {name: totals[name] for name in (*TOTALS, "totalCost")}
    decided_days_ago, text = fields.pop("answered", None), fields.pop("text")
    customer = seeding.store.collection("customers").get(fields["customer"]) or {}
    details = customer_details(customer)
    decided = None if decided_days_ago is None else format_instant(seeding.instant(seeding.days_ago(decided_days_ago)))
    return {
        **fields,
        **amounts,
        "quoteDate": format_instant(seeding.instant(day, time(0))),
        "validToDate": format_instant(seeding.instant(day + timedelta(days=VALID_DAYS), time(0))),
        "sentDate": None if row["quoteStatus"] == DRAFT else context.timestamp,
        "acceptedDate": decided if row["quoteStatus"] == ACCEPTED else None,
        "confirmationDate": decided if row["quoteStatus"] == ACCEPTED else None,
        "rejectedDate": decided if row["quoteStatus"] == REJECTED else None,
        "createdByUser": ACTING_USER_ID,
        "ourReference": workers(seeding)[0],
        "salesAgent": workers(seeding)[0],
        "customerNumber": customer.get("customerNumber", ""),
        "customerAddress": details["customerAddress"],
        "customerVAT": details["customerVAT"],
        "quoteElements": [
            _element(context, TEXT_ELEMENT, {"text": text, "confirmationText": text}),
            _element(context, ROWS_ELEMENT, {"invoiceItems": rows, **amounts}),
        ],
        "quoteLogEntries": [log_entry(context, LOG_CREATED, ACTING_USER_ID)],
    }


def _element(context: WriteContext, type_id: int, content: Mapping[str, Any]) -> Record:
    element_id = context.store.new_id("quoteElements", context.now)
    return {
        "_id": element_id,
        "content": content,
        "backgroundColor": "FAFAFA",
        "bottomMargin": 20,
        "topMargin": 20,
        "elementTypeId": type_id,
        "itemId": element_id,
    }


def make_supplement_orders(seeding: Seeding) -> None:
    """Create the supplement orders, the oldest first, numbered within their project."""
    numbers: dict[str, int] = {}
    for row in read_table("offers")["supplementOrders"]:
        fields = resolved(seeding, COLLECTIONS["supplementOrders"], row)
        created = seeding.instant(seeding.days_ago(fields.pop("daysAgo")))
        context = seeding.context(created)
        project = seeding.store.collection("projects").get(fields["project"]) or {}
        numbers[fields["project"]] = number = numbers.get(fields["project"], 0) + 1
        rows = complete_rows(context, fields.pop("invoiceItems"), TERMS)
        totals = invoice_amounts(rows, TERMS)
        order = seeding.add(
            "supplementOrders",
            created,
            {
                **fields,
                **{name: totals[name] for name in TOTALS},
                "supplementOrderNumber": number,
                "supplementOrderType": 1,
                "createdByUser": ACTING_USER_ID,
                "customer": project.get("customer"),
                "taxPercent": int(DEFAULT_TAX_PERCENT),
                "invoiceItems": rows,
                "supplementOrderLogEntries": [log_entry(context, LOG_CREATED, ACTING_USER_ID)],
            },
        )
        seeding.amend("supplementOrders", order, {"publicLink": public_link(order["_id"])})
