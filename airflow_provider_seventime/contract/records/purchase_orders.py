"""Purchase orders."""

from __future__ import annotations

from typing import Annotated

from airflow_provider_seventime.contract.codes import PurchaseOrderStatus
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import CalendarDate, Id, Number, Text, code
from airflow_provider_seventime.contract.records.invoice_items import PurchaseOrderItem
from airflow_provider_seventime.contract.records.shared import Address, Delete, Update


class InvoiceAddress(Address):
    """``invoiceAddress``. The vendor's samples send an e-mail address too."""

    email: Text | None = None


class _PurchaseOrderFields(Record):
    language: Text | None = None
    purchaseOrderName: Text | None = None
    purchaseOrderInfoName: Text | None = None
    purchaseOrderStatus: Annotated[PurchaseOrderStatus, code(PurchaseOrderStatus)] | None = None
    contactPersonDistributor: Id | None = None
    purchaseOrderDate: CalendarDate | None = None
    workOrder: Id | None = None
    project: Id | None = None
    desiredDeliveryDate: CalendarDate | None = None
    deliveryAddress: Address | None = None
    deliveryAttention: Text | None = None
    deliveryPhone: Text | None = None
    invoiceAddress: InvoiceAddress | None = None
    marking: Text | None = None
    paymentDays: Number | None = None
    invoiceItems: list[PurchaseOrderItem] | None = None
    headerText: Text | None = None
    footerText: Text | None = None
    footerInfoText: Text | None = None


class PurchaseOrderCreate(_PurchaseOrderFields):
    """POST purchaseOrders."""

    createdByUser: Id
    distributor: Id


class PurchaseOrderUpdate(_PurchaseOrderFields, Update):
    """PUT purchaseOrders."""

    distributor: Id | None = None


class PurchaseOrderDelete(Delete):
    """DELETE purchaseOrders."""
