"""Supplier invoices: net amount and tax are computed from the total and the tax rate."""

from __future__ import annotations

from decimal import Decimal

from airflow_provider_seventime.contract.codes import SupplierInvoiceStatus
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.invoice_amounts import single_rate_terms
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.rules.work_order_fields import check_work_order_project
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number, round_to_ore

DEFAULT_TAX_PERCENT = 25
LOG_CREATED = 1


def supplier_amounts(record: Record) -> dict[str, int | Decimal]:
    """Return net amount, tax and amount to invoice. The net amount is rounded to öre, the tax is the difference."""
    with_tax = decimal_of(record["totalAmountInclTax"])
    net = round_to_ore(with_tax / (1 + decimal_of(record["taxPercent"]) / 100))
    to_invoice = round_to_ore(net * (1 + decimal_of(record["markupPercent"]) / 100))
    return {
        "totalAmount": plain_number(net),
        "totalTaxAmount": plain_number(with_tax - net),
        "totalAmountToInvoice": plain_number(to_invoice),
    }


def supplier_flags(record: Record) -> dict[str, bool]:
    """Return the flags that lists are filtered by; they follow from the status."""
    status = record["supplierInvoiceStatus"]
    return {
        "attestFlag": status == SupplierInvoiceStatus.ATTEST_PENDING.value,
        "obliterateFlag": status == SupplierInvoiceStatus.OBLITERATED.value,
    }


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    if change.before is None:
        for name in ("invoiceDate", "dueDate"):
            record[name] = record[name] or context.timestamp
        record["supplierInvoiceLogEntries"] = [log_entry(context, LOG_CREATED, change.acting_user)]
    check_work_order_project(context, change, record)
    if record["currencyCode"].strip().upper() == "SEK":
        record["currencyRate"] = 1
    if "invoiceItems" in change.given:
        terms = single_rate_terms(record["taxPercent"], record["currencyCode"])
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
