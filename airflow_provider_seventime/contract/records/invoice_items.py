"""Rows of sales invoices, supplier invoices and purchase orders."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator

from airflow_provider_seventime.contract.codes import HouseWorkType, ItemType
from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import Id, Number, TaxPercent, Text, code

# The vendor's table of purchase orders has no rows for machine time and journeys.
NOT_ORDERED = (ItemType.MACHINE_TIME_LOG, ItemType.DRIVER_JOURNAL)


def _orderable(item_type: ItemType) -> ItemType:
    if item_type in NOT_ORDERED:
        others = ", ".join(other.value for other in ItemType if other not in NOT_ORDERED)
        raise ValueError(f"a purchase order has no {item_type.value} rows; must be one of {others}")
    return item_type


class PurchaseOrderItem(Record):
    """One row of a purchase order. ``name`` and ``description`` are documented in responses only."""

    right_names: ClassVar[dict[str, str]] = {
        "quantity": "numberOfItems",
        "type": "itemType",
        "price": "unitPrice",
        "amount": "totalAmount",
    }
    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("expenseItem", "itemType", (ItemType.EXPENSE,)),
        RequiredWhen("timeCategory", "itemType", (ItemType.TIME_LOG,)),
    )

    itemType: Annotated[ItemType, code(ItemType), AfterValidator(_orderable)]
    name: Text | None = None
    description: Text | None = None
    expenseItem: Id | None = None
    timeCategory: Id | None = None
    numberOfItems: Number | None = None
    unit: Text | None = None
    unitPrice: Number | None = None
    pricePerHour: Number | None = None
    totalAmount: Number | None = None
    discountPercent: Number | None = None


class SupplierInvoiceItem(PurchaseOrderItem):
    """One row of a supplier invoice."""

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        *PurchaseOrderItem.conditions,
        RequiredWhen("machine", "itemType", (ItemType.MACHINE_TIME_LOG,)),
        RequiredWhen("driverJournalItemType", "itemType", (ItemType.DRIVER_JOURNAL,)),
    )

    itemType: Annotated[ItemType, code(ItemType)]
    machine: Id | None = None
    driverJournalItemType: Id | None = None
    unitCost: Number | None = None


class InvoiceItem(SupplierInvoiceItem):
    """One row of a sales invoice."""

    right_names: ClassVar[dict[str, str]] = {
        **SupplierInvoiceItem.right_names,
        "vat": "taxPercent",
        "vatPercent": "taxPercent",
    }

    taxPercent: TaxPercent | None = None
    houseWorkTypeOfWork: Annotated[HouseWorkType, code(HouseWorkType)] | None = None
