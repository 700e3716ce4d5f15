"""Payments of customers: a sent invoice is paid after a configured time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.dates import format_instant, parse_instant
from airflow_provider_seventime.sandbox.rules.collections.invoices import change_status
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.state.store import Record


def pay_due_invoices(context: WriteContext) -> list[Record]:
    """Mark invoices as paid whose payment is due. The payment date is the due time, even if it is noticed later.

    Only invoices that were sent through the API are paid. Seeded invoices do not change.

    :return: the paid invoices.
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
            at_payment = replace(context, now=pays_at)
            paid.append(change_status(at_payment, invoice, InvoiceStatus.PAID.value, None))
            store.collection("invoices").put(paid[-1], at=pays_at)
            del store.awaiting_payment[invoice_id]
    return paid
