"""Sales invoices: dates, amounts, the customer's details, and the way from draft to sent to paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from airflow_provider_seventime.contract.codes import InvoiceStatus, InvoiceType
from airflow_provider_seventime.dates import calendar_date, format_instant, local_midnight, parse_instant
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.invoice_amounts import DEFAULT_TAX_PERCENT, invoice_amounts
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows, restated_rows, same_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.rules.people import (
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
NAMES = {"SV": "Faktura", "EN": "Invoice", "NO": "Faktura", "DA": "Faktura", "FI": "Lasku", "DE": "Rechnung"}
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
MOVES: Mapping[int, frozenset[int]] = {
    InvoiceStatus.DRAFT.value: frozenset({InvoiceStatus.SENT.value}),
    InvoiceStatus.SENT.value: frozenset(
        {InvoiceStatus.PAID.value, InvoiceStatus.OBLITERATED.value, InvoiceStatus.CUSTOMER_LOSS.value}
    ),
}
LOG_CREATED = 1  # as in the vendor's samples; the other entries have the code of the status, which is our own choice


def due_date(invoice_date: datetime, payment_days: int, zone: tzinfo) -> str:
    """Return when an invoice is due that gave no date: the last millisecond, local time, of so many days later."""
    day_after = calendar_date(invoice_date, zone) + timedelta(days=payment_days + 1)
    return format_instant(local_midnight(day_after, zone) - timedelta(milliseconds=1))


def move(context: Context, invoice: Record, target: int, user_id: str | None) -> Record:
    """Return an invoice in another status, with what comes with it: number and reference, or the date of payment.

    :param target: the status; the invoice's own changes nothing.
    :raises RequestRefusedError: there is no way from the invoice's status to that one.
    """
    current = invoice["invoiceStatus"]
    if target == current:
        return invoice
    if target not in MOVES.get(current, frozenset()):
        raise bad_request(_no_way(invoice, target))
    moved = {**invoice, "invoiceStatus": target}
    moved["invoiceLogEntries"] = [*invoice["invoiceLogEntries"], log_entry(context, target, user_id)]
    if target == InvoiceStatus.SENT.value:
        number = str(next_free_number(context.store, "invoices", "invoiceNumber", FIRST_NUMBER))
        moved |= {"invoiceNumber": number, "OCRNumber": ocr_number(number), "sentDate": context.stamp}
        context.store.awaiting_payment[invoice["_id"]] = context.stamp
    elif target == InvoiceStatus.PAID.value:
        moved["paymentDate"] = context.stamp
    return moved


def _no_way(invoice: Record, target: int) -> str:
    known = {status.value: status.name.lower().replace("_", " ") for status in InvoiceStatus}
    wanted = f"{target} ({known.get(target, 'unknown')})"
    current = f"{invoice['invoiceStatus']} ({known.get(invoice['invoiceStatus'], 'unknown')})"
    if target == InvoiceStatus.DRAFT.value:
        return f"invoiceStatus: cannot become {wanted}: the invoice has status {current}"
    return f"invoiceStatus: only a sent invoice can become {wanted}; this one has status {current}"


def _complete(context: Context, change: Change, record: Record) -> Record:
    before = change.before
    target = record["invoiceStatus"]
    record["invoiceStatus"] = before["invoiceStatus"] if before else InvoiceStatus.DRAFT.value
    if record["invoiceStatus"] == InvoiceStatus.DRAFT.value:
        record = _complete_draft(context, change, record)
    elif before is not None:
        _refuse_frozen_changes(context, change, before)
        record["invoiceItems"] = before["invoiceItems"]
        record |= {name: before[name] for name in FIXED_WHEN_SENT if name in before}
    if before is None:
        record["invoiceLogEntries"] = [log_entry(context, LOG_CREATED, change.acting_user)]
        record["invoiceName"] = record["invoiceName"] or NAMES.get(record["language"].upper(), NAMES["EN"])
    return move(context, record, target, change.acting_user)


def _complete_draft(context: Context, change: Change, record: Record) -> Record:
    if record["currencyCode"] == "SEK":
        record["currencyRate"] = 1
    elif not record["currencyRate"]:
        raise bad_request("currencyRate: required when currencyCode is not SEK")
    customer = find_referenced(context.store, change.resource, record, "customer") or {}
    record |= customer_details(customer)
    record |= _dates(context, change, record, customer)
    if record["invoiceType"] == InvoiceType.CONSTRUCTION.value:
        record["taxPercent"] = 0
    record["invoiceItems"] = complete_rows(context, record["invoiceItems"], record)
    return record | invoice_amounts(record["invoiceItems"], record)


def _dates(context: Context, change: Change, record: Record, customer: Mapping[str, Any]) -> dict[str, str]:
    invoice_date = record["invoiceDate"] or context.stamp
    if "dueDate" in change.given or (record["dueDate"] and "invoiceDate" not in change.given):
        return {"invoiceDate": invoice_date, "dueDate": record["dueDate"]}
    days = int(customer.get("paymentDays") or DEFAULT_PAYMENT_DAYS)
    return {"invoiceDate": invoice_date, "dueDate": due_date(parse_instant(invoice_date), days, context.zone)}


def customer_details(customer: Mapping[str, Any]) -> dict[str, str]:
    """Return what an invoice repeats of its customer."""
    billing = customer.get("billingSettings") or {}
    own_email = billing.get("invoiceEmail") if billing.get("useSeparateBillingEmail") else None
    return {
        "customerAddress": address_lines(customer),
        "customerEmail": own_email or customer.get("email", ""),
        "customerOrgNo": customer.get("organizationNumber", ""),
        "customerVAT": customer.get("vatNumber", ""),
    }


def _refuse_frozen_changes(context: Context, change: Change, before: Record) -> None:
    """Refuse to change what a sent invoice says to its receiver; status, notes, marks and due date stay open."""
    given = change.given
    changed = [name for name in FIXED_WHEN_SENT if name in given and _differs(name, given[name], before, context.zone)]
    if "invoiceItems" in given:
        restated = restated_rows(context, given["invoiceItems"], before)
        if not same_rows(before["invoiceItems"], restated):
            changed.append("invoiceItems")
    if changed:
        raise bad_request(f"invoice {before['invoiceNumber']} is sent: {', '.join(changed)} can no longer change")


def _differs(name: str, given: Any, before: Record, zone: tzinfo) -> bool:
    held = before.get(name)
    if name == "taxPercent":
        # With several rates on the rows, and without tax, the invoice's own rate says nothing.
        means_nothing = before["multipleTaxesOnRows"] or before["invoiceType"] == InvoiceType.CONSTRUCTION.value
        return not means_nothing and bool(given != held)
    if name == "invoiceDate" and held:
        return calendar_date(parse_instant(given), zone) != calendar_date(parse_instant(held), zone)
    if name == "houseProperties" and isinstance(given, Mapping):
        return any((held or {}).get(part) != value for part, value in given.items())
    return bool(given != held)


INVOICES = CollectionRules(
    complete=_complete,
    numbered=False,  # a number comes with the status sent
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
