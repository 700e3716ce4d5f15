"""Supplier invoices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from airflow_provider_seventime.contract.codes import SupplierInvoiceStatus
from airflow_provider_seventime.contract.records.base import Record, is_given
from airflow_provider_seventime.contract.records.fields import CalendarDate, Flag, Id, Number, RequiredText, Text, code
from airflow_provider_seventime.contract.records.invoice_items import SupplierInvoiceItem
from airflow_provider_seventime.contract.records.shared import Delete, Update


class SupplierInvoiceFields(Record):
    """Fields of every write of a supplier invoice, except its rows."""

    @classmethod
    def rules(cls, data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """Yield the conditions' problems, and a foreign currency without its rate."""
        yield from super().rules(data)
        foreign = is_given(data, "currencyCode") and str(data["currencyCode"]).strip().upper() != "SEK"
        if foreign and not is_given(data, "currencyRate"):
            yield "currencyRate", "required when currencyCode is not SEK"

    customer: Id | None = None
    project: Id | None = None
    workOrder: Id | None = None
    resultUnit: Id | None = None
    supplierInvoiceStatus: Annotated[SupplierInvoiceStatus, code(SupplierInvoiceStatus)] | None = None
    taxPercent: Number | None = None
    markupPercent: Number | None = None
    invoiceDate: CalendarDate | None = None
    dueDate: CalendarDate | None = None
    exportedToEconomy: Flag | None = None
    OCR: Text | None = None
    currencyCode: Text | None = None
    currencyRate: Number | None = None
    supplementOrder: Flag | None = None
    supplementOrderId: Id | None = None
    ourReference: Text | None = None
    yourReference: Text | None = None
    notes: Text | None = None
    isInvoiceable: Flag | None = None


class SupplierInvoiceCreate(SupplierInvoiceFields):
    """POST supplierInvoices."""

    supplierInvoiceNumber: RequiredText
    createdByUser: Id
    distributor: Id
    totalAmountInclTax: Number
    invoiceItems: list[SupplierInvoiceItem] | None = None


class SupplierInvoiceUpdate(SupplierInvoiceFields, Update):
    """PUT supplierInvoices."""

    supplierInvoiceNumber: RequiredText | None = None
    distributor: Id | None = None
    totalAmountInclTax: Number | None = None
    invoiceItems: list[SupplierInvoiceItem] | None = None


class SupplierInvoiceDelete(Delete):
    """DELETE supplierInvoices."""
