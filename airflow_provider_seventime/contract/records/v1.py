"""Models of the bodies in version 1 of the API that differ from version 2."""

from __future__ import annotations

from typing import ClassVar

from airflow_provider_seventime.contract.records.customers import CustomerFields
from airflow_provider_seventime.contract.records.fields import Flag, Id, Number, RequiredText, Text
from airflow_provider_seventime.contract.records.invoice_items import InvoiceItem
from airflow_provider_seventime.contract.records.shared import Address
from airflow_provider_seventime.contract.records.supplier_invoices import SupplierInvoiceFields
from airflow_provider_seventime.contract.records.work_orders import WorkOrderFields


class V1CustomerCreate(CustomerFields):
    """POST /api/1/customers. ``createdByUser`` is optional."""

    name: RequiredText
    createdByUser: Id | None = None


class V1WorkAddress(Address):
    """``workAddress`` in version 1, without required fields."""

    useOtherAddress: Flag | None = None


class V1WorkOrderCreate(WorkOrderFields):
    """POST /api/1/workOrders. The caller may set the number. The vendor's sample sends ``name`` for ``title``."""

    sample_names: ClassVar[dict[str, str]] = {"name": "title"}

    title: RequiredText
    customer: Id
    createdByUser: Id
    workOrderNumber: Text | None = None
    workAddress: V1WorkAddress | None = None


class V1SupplierInvoiceCreate(SupplierInvoiceFields):
    """POST /api/1/supplierInvoices. Its rows have the fields of sales invoices' rows."""

    supplierInvoiceNumber: RequiredText
    createdByUser: Id
    distributor: Id
    totalAmountInclTax: Number
    invoiceItems: list[InvoiceItem] | None = None
