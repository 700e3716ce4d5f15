"""What version 1 of the API may be sent, where it differs from version 2."""

from __future__ import annotations

from airflow_provider_seventime.contract.records.customers import CustomerFields
from airflow_provider_seventime.contract.records.fields import Flag, Id, Number, RequiredText, Text
from airflow_provider_seventime.contract.records.invoice_items import InvoiceItem
from airflow_provider_seventime.contract.records.shared import Address
from airflow_provider_seventime.contract.records.supplier_invoices import SupplierInvoiceFields
from airflow_provider_seventime.contract.records.work_orders import WorkOrderFields


class V1CustomerCreate(CustomerFields):
    """POST /api/1/customers: nobody is named as its creator."""

    name: RequiredText
    createdByUser: Id | None = None


class V1WorkAddress(Address):
    """``workAddress``, of which version 1 requires nothing."""

    useOtherAddress: Flag | None = None


class V1WorkOrderCreate(WorkOrderFields):
    """POST /api/1/workOrders: the caller may choose the number."""

    title: RequiredText
    customer: Id
    createdByUser: Id
    workOrderNumber: Text | None = None
    workAddress: V1WorkAddress | None = None


class V1SupplierInvoiceCreate(SupplierInvoiceFields):
    """POST /api/1/supplierInvoices: its rows carry what those of sales invoices do."""

    supplierInvoiceNumber: RequiredText
    createdByUser: Id
    distributor: Id
    totalAmountInclTax: Number
    invoiceItems: list[InvoiceItem] | None = None
