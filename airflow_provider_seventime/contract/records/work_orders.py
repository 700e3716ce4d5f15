"""Work orders."""

from __future__ import annotations

from typing import Annotated, ClassVar

from airflow_provider_seventime.contract.codes import InvoicingStatus, WorkOrderBillingMethod
from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import (
    Colour,
    Flag,
    Id,
    LocalTime,
    Number,
    RequiredText,
    Text,
    code,
)
from airflow_provider_seventime.contract.records.shared import DeleteByUser, Update, WorkAddress


class WorkOrderFields(Record):
    """Fields of every write of a work order, in both versions of the API."""

    right_names: ClassVar[dict[str, str]] = {"Project": "project"}
    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("fixedPrice", "billingMethod", (WorkOrderBillingMethod.FIXED_PRICE,)),
    )

    statusRef: Id | None = None
    project: Id | None = None
    startDate: LocalTime | None = None
    endDate: LocalTime | None = None
    currentOwner: Id | None = None
    users: list[Id] | None = None
    machines: list[Id] | None = None
    estimatedTime: Number | None = None
    contactPerson: Id | None = None
    workOrderType: Id | None = None
    department: Id | None = None
    workLeader: Id | None = None
    description: Text | None = None
    color: Colour | None = None
    invoiceStatus: Annotated[InvoicingStatus, code(InvoicingStatus)] | None = None
    billingMethod: Annotated[WorkOrderBillingMethod, code(WorkOrderBillingMethod)] | None = None
    fixedPrice: Number | None = None
    isSupplementOrder: Flag | None = None
    enablePortalAccess: Flag | None = None
    allowRegistrationOfTimes: Flag | None = None
    allowRegistrationOfExpenses: Flag | None = None
    marking: Text | None = None
    yourOrderNumber: Text | None = None


class WorkOrderCreate(WorkOrderFields):
    """POST workOrders."""

    title: RequiredText
    customer: Id
    createdByUser: Id
    workAddress: WorkAddress | None = None
    tags: list[Id] | None = None


class WorkOrderUpdate(WorkOrderFields, Update):
    """PUT workOrders."""

    title: RequiredText | None = None
    customer: Id | None = None
    workAddress: WorkAddress | None = None
    tags: list[Id] | None = None


class WorkOrderDelete(DeleteByUser):
    """DELETE workOrders. The vendor's sample sends ``id`` for ``_id``."""

    sample_names: ClassVar[dict[str, str]] = {"id": "_id"}
