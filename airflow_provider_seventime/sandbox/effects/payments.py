"""Customers who pay: an invoice that was sent through the API is paid so many seconds later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.dates import format_instant, parse_instant
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.invoices import move
from airflow_provider_seventime.sandbox.state.store import Record


def settle(context: Context) -> list[Record]:
    """Mark as paid what is due to be paid; the date of payment is the very instant it was due, whenever it is noticed.

    Seeded invoices stay as they are.

    :return: the invoices that were paid.
    """
    store = context.store
    after = store.pay_after_seconds
    if after is None or not store.awaiting_payment:
        return []
    paid = []
    for invoice_id, sent in list(store.awaiting_payment.items()):
        pays_at = parse_instant(sent) + timedelta(seconds=after)
        invoice = store.collection("invoices").get(invoice_id)
        if invoice is None or invoice["invoiceStatus"] != InvoiceStatus.SENT.value:
            del store.awaiting_payment[invoice_id]
        elif pays_at <= parse_instant(format_instant(context.now)):
            then = replace(context, now=pays_at)
            paid.append(move(then, invoice, InvoiceStatus.PAID.value, None))
            store.collection("invoices").put(paid[-1], at=pays_at)
            del store.awaiting_payment[invoice_id]
    return paid
