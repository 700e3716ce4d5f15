"""Supplier invoices: the caller gives number and total; net and tax are worked out from them."""

from __future__ import annotations

from decimal import Decimal

from airflow_provider_seventime.contract.codes import SupplierInvoiceStatus
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.placement import refuse_foreign_work_order
from airflow_provider_seventime.sandbox.store import Record
from airflow_provider_seventime.sandbox.values import decimal_of, plain_number, round_to_ore

DEFAULT_TAX_PERCENT = 25


def supplier_amounts(record: Record) -> dict[str, int | Decimal]:
    """Return net, tax and the amount to invoice of a total with tax; net is rounded to öre and tax is the rest."""
    with_tax = decimal_of(record["totalAmountInclTax"])
    net = round_to_ore(with_tax / (1 + decimal_of(record["taxPercent"]) / 100))
    to_invoice = round_to_ore(net * (1 + decimal_of(record["markupPercent"]) / 100))
    return {
        "totalAmount": plain_number(net),
        "totalTaxAmount": plain_number(with_tax - net),
        "totalAmountToInvoice": plain_number(to_invoice),
    }


def _complete(context: Context, change: Change, record: Record) -> Record:
    if change.before is None:
        for name in ("invoiceDate", "dueDate"):
            record[name] = record[name] or context.stamp
    refuse_foreign_work_order(context, change, record)
    if record["currencyCode"].strip().upper() == "SEK":
        record["currencyRate"] = 1
    return record | supplier_amounts(record)


SUPPLIER_INVOICES = CollectionRules(
    complete=_complete,
    numbered=False,
    defaults={
        "supplierInvoiceStatus": SupplierInvoiceStatus.REGISTERED.value,
        "taxPercent": DEFAULT_TAX_PERCENT,
        "taxType": 1,
        "currencyCode": "SEK",
        "currencyRate": 1,
        "invoiceItems": [],
        "documents": [],
        "selfBillingTimeLogIds": [],
        "selfBillingExpenseIds": [],
    },
)
