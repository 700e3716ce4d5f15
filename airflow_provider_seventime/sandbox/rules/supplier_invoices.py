"""Supplier invoices: the caller gives number and total; net and tax are worked out from them."""

from __future__ import annotations

from decimal import Decimal

from airflow_provider_seventime.contract.codes import SupplierInvoiceStatus
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.invoice_amounts import at_one_rate
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.rules.placement import refuse_foreign_work_order
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number, round_to_ore

DEFAULT_TAX_PERCENT = 25
LOG_CREATED = 1


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


def supplier_flags(record: Record) -> dict[str, bool]:
    """Return what lists are filtered by beside the status that it follows from."""
    status = record["supplierInvoiceStatus"]
    return {
        "attestFlag": status == SupplierInvoiceStatus.ATTEST_PENDING.value,
        "obliterateFlag": status == SupplierInvoiceStatus.OBLITERATED.value,
    }


def _complete(context: Context, change: Change, record: Record) -> Record:
    if change.before is None:
        for name in ("invoiceDate", "dueDate"):
            record[name] = record[name] or context.stamp
        record["supplierInvoiceLogEntries"] = [log_entry(context, LOG_CREATED, change.acting_user)]
    refuse_foreign_work_order(context, change, record)
    if record["currencyCode"].strip().upper() == "SEK":
        record["currencyRate"] = 1
    if "invoiceItems" in change.given:
        terms = at_one_rate(record["taxPercent"], record["currencyCode"])
        record["invoiceItems"] = complete_rows(context, record["invoiceItems"], terms)
    return record | supplier_amounts(record) | supplier_flags(record)


SUPPLIER_INVOICES = CollectionRules(
    complete=_complete,
    numbered=False,
    internal=frozenset({"attestFlag", "obliterateFlag"}),
    defaults={
        "supplierInvoiceStatus": SupplierInvoiceStatus.REGISTERED.value,
        "taxPercent": DEFAULT_TAX_PERCENT,
        "taxType": 1,
        "currencyCode": "SEK",
        "currencyRate": 1,
        "invoiceItems": [],
        "documents": [],
        "supplierInvoiceLogEntries": [],
        "selfBillingTimeLogIds": [],
        "selfBillingExpenseIds": [],
    },
)
