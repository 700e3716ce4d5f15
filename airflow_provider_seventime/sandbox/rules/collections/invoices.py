"""Sales invoices: dates, amounts, details of the customer, and the statuses draft, sent and paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from airflow_provider_seventime.contract.codes import InvoiceStatus, InvoiceType
from airflow_provider_seventime.dates import calendar_date, format_instant, local_midnight, parse_instant
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.invoice_amounts import DEFAULT_TAX_PERCENT, invoice_amounts
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows, repeated_rows, same_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.rules.party_fields import (
    ADDRESS,
    DEFAULT_PAYMENT_DAYS,
    HOUSE_PROPERTIES,
    address_lines,
)
from airflow_provider_seventime.sandbox.rules.references import find_referenced
from airflow_provider_seventime.sandbox.rules.series import next_free_number
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import ocr_number

FIRST_NUMBER = 1001
INVOICE_NAMES = {"SV": "Faktura", "EN": "Invoice", "NO": "Faktura", "DA": "Faktura", "FI": "Lasku", "DE": "Rechnung"}
FIXED_WHEN_SENT = (
    "customer",
    "invoiceDate",
    "invoiceType",
    "currencyCode",
    "currencyRate",
    "multipleTaxesOnRows",
    "taxPercent",
    "language",
    "priceList",
    "houseProperties",
)
TRANSITIONS: Mapping[int, frozenset[int]] = {
    InvoiceStatus.DRAFT.value: frozenset({InvoiceStatus.SENT.value}),
    InvoiceStatus.SENT.value: frozenset(
        {InvoiceStatus.PAID.value, InvoiceStatus.OBLITERATED.value, InvoiceStatus.CUSTOMER_LOSS.value}
    ),
}
LOG_CREATED = 1  # as in the vendor's samples; the code of a later entry is the new status, a choice of the sandbox


def due_date(invoice_date: datetime, payment_days: int, zone: tzinfo) -> str:
    """Return the due date of an invoice without one: the last millisecond, local time, of the last payment day."""
    day_after = calendar_date(invoice_date, zone) + timedelta(days=payment_days + 1)
    return format_instant(local_midnight(day_after, zone) - timedelta(milliseconds=1))


def change_status(context: WriteContext, invoice: Record, target: int, user_id: str | None) -> Record:
    """Return an invoice with another status.

    Status 2 (sent) adds the number and the OCR number, status 3 (paid) the payment date.

    :param target: the new status. The current one changes nothing.
    :param user_id: user for the log entry; None: unknown.
    :raises RequestRefusedError: the current status does not allow the new one (400).
    """
    current = invoice["invoiceStatus"]
    if target == current:
        return invoice
    if target not in TRANSITIONS.get(current, frozenset()):
        raise bad_request(_transition_error(invoice, target))
    changed_invoice = {**invoice, "invoiceStatus": target}
    changed_invoice["invoiceLogEntries"] = [*invoice["invoiceLogEntries"], log_entry(context, target, user_id)]
    if target == InvoiceStatus.SENT.value:
        number = str(next_free_number(context.store, "invoices", "invoiceNumber", FIRST_NUMBER))
        changed_invoice |= {"invoiceNumber": number, "OCRNumber": ocr_number(number), "sentDate": context.timestamp}
        context.store.awaiting_payment[invoice["_id"]] = context.timestamp
    elif target == InvoiceStatus.PAID.value:
        changed_invoice["paymentDate"] = context.timestamp
    return changed_invoice


def _transition_error(invoice: Record, target: int) -> str:
    known = {status.value: status.name.lower().replace("_", " ") for status in InvoiceStatus}
    new_status = f"{target} ({known.get(target, 'unknown')})"
    current = f"{invoice['invoiceStatus']} ({known.get(invoice['invoiceStatus'], 'unknown')})"
    if target == InvoiceStatus.DRAFT.value:
        return f"invoiceStatus: cannot become {new_status}: the invoice has status {current}"
    return f"invoiceStatus: only a sent invoice can become {new_status}; this one has status {current}"


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    before = change.before
    target = record["invoiceStatus"]
    record["invoiceStatus"] = before["invoiceStatus"] if before else InvoiceStatus.DRAFT.value
    if record["invoiceStatus"] == InvoiceStatus.DRAFT.value:
        record = _complete_draft(context, change, record)
    elif before is not None:
        _check_sent_invoice(context, change, before)
        record["invoiceItems"] = before["invoiceItems"]
        record |= {name: before[name] for name in FIXED_WHEN_SENT if name in before}
    if before is None:
        record["invoiceLogEntries"] = [log_entry(context, LOG_CREATED, change.acting_user)]
        name_in_language = INVOICE_NAMES.get(record["language"].upper(), INVOICE_NAMES["EN"])
        record["invoiceName"] = record["invoiceName"] or name_in_language
    return change_status(context, record, target, change.acting_user)


def _complete_draft(context: WriteContext, change: RecordChange, record: Record) -> Record:
    if record["currencyCode"] == "SEK":
        record["currencyRate"] = 1
    elif not record["currencyRate"]:
        raise bad_request("currencyRate: required when currencyCode is not SEK")
    customer = find_referenced(context.store, change.collection, record, "customer") or {}
    record |= customer_details(customer)
    record |= _dates(context, change, record, customer)
    if record["invoiceType"] == InvoiceType.CONSTRUCTION.value:
        record["taxPercent"] = 0
    record["invoiceItems"] = complete_rows(context, record["invoiceItems"], record)
    return record | invoice_amounts(record["invoiceItems"], record)


def _dates(context: WriteContext, change: RecordChange, record: Record, customer: Mapping[str, Any]) -> dict[str, str]:
    invoice_date = record["invoiceDate"] or context.timestamp
    if "dueDate" in change.given or (record["dueDate"] and "invoiceDate" not in change.given):
        return {"invoiceDate": invoice_date, "dueDate": record["dueDate"]}
    days = int(customer.get("paymentDays") or DEFAULT_PAYMENT_DAYS)
    return {"invoiceDate": invoice_date, "dueDate": due_date(parse_instant(invoice_date), days, context.zone)}


def customer_details(customer: Mapping[str, Any]) -> dict[str, str]:
    """Return address, email and numbers of the customer, as an invoice repeats them."""
    billing = customer.get("billingSettings") or {}
    own_email = billing.get("invoiceEmail") if billing.get("useSeparateBillingEmail") else None
    return {
        "customerAddress": address_lines(customer),
        "customerEmail": own_email or customer.get("email", ""),
        "customerOrgNo": customer.get("organizationNumber", ""),
        "customerVAT": customer.get("vatNumber", ""),
    }


def _check_sent_invoice(context: WriteContext, change: RecordChange, before: Record) -> None:
    """Refuse changes to content that the customer has received. Status, notes, tags and due date may still change."""
    given = change.given
    changed = [name for name in FIXED_WHEN_SENT if name in given and _differs(name, given[name], before, context.zone)]
    if "invoiceItems" in given:
        repeated = repeated_rows(context, given["invoiceItems"], before)
        if not same_rows(before["invoiceItems"], repeated):
            changed.append("invoiceItems")
    if changed:
        raise bad_request(f"invoice {before['invoiceNumber']} is sent: {', '.join(changed)} can no longer change")


def _differs(name: str, given: Any, before: Record, zone: tzinfo) -> bool:
    current = before.get(name)
    if name == "taxPercent":
        # An invoice with several rates, or without tax, does not use its own rate.
        unused = before["multipleTaxesOnRows"] or before["invoiceType"] == InvoiceType.CONSTRUCTION.value
        return not unused and bool(given != current)
    if name == "invoiceDate" and current:
        return calendar_date(parse_instant(given), zone) != calendar_date(parse_instant(current), zone)
    if name == "houseProperties" and isinstance(given, Mapping):
        return any((current or {}).get(part) != value for part, value in given.items())
    return bool(given != current)


INVOICES = CollectionRules(
    complete=_complete,
    numbered=False,  # an invoice gets its number when it is sent
    renamed={"name": "invoiceName"},
    write_only=frozenset({"modifiedByUser", "deletedByUser", "useFooterFromSettings"}),
    defaults={
        "invoiceStatus": InvoiceStatus.DRAFT.value,
        "invoiceType": InvoiceType.NORMAL.value,
        "taxPercent": int(DEFAULT_TAX_PERCENT),
        "currencyCode": "SEK",
        "currencyRate": 0,
        "invoiceItems": [],
        "invoiceLogEntries": [],
        "tags": [],
        "timeLogIds": [],
        "expenseIds": [],
        "driverJournalIds": [],
        "machineTimeLogIds": [],
        "supplierInvoiceIds": [],
        "workOrderIds": [],
        "externalSystemExport": [],
        "documents": [],
        "checkLists": [],
        "deliveryAddress": ADDRESS,
        "houseProperties": HOUSE_PROPERTIES,
        "partialPayments": [],
        "supplementOrders": [],
        "customFields": [],
    },
)
