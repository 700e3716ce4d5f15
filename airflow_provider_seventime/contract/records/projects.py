"""Projects."""

from __future__ import annotations

from typing import Annotated, ClassVar

from airflow_provider_seventime.contract.codes import InvoicingStatus, ProjectBillingMethod
from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import CalendarDate, Id, Number, RequiredText, Text, code
from airflow_provider_seventime.contract.records.shared import Address, DeleteByUser, UpdateByOptionalUser


class _ProjectFields(Record):
    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("pricePerHour", "billingMethod", (ProjectBillingMethod.HOURLY,)),
        RequiredWhen("fixedPrice", "billingMethod", (ProjectBillingMethod.FIXED_PRICE,)),
        RequiredWhen("timeCategoryPriceList", "billingMethod", (ProjectBillingMethod.PRICELIST,)),
    )

    projectNumber: Text | None = None
    projectStatusRef: Id | None = None
    customer: Id | None = None
    contactPerson: Id | None = None
    invoiceStatus: Annotated[InvoicingStatus, code(InvoicingStatus)] | None = None
    projectLeader: Id | None = None
    projectType: Id | None = None
    department: Id | None = None
    startDate: CalendarDate | None = None
    endDate: CalendarDate | None = None
    notes: Text | None = None
    resultUnit: Id | None = None
    billingMethod: Annotated[ProjectBillingMethod, code(ProjectBillingMethod)] | None = None
    pricePerHour: Number | None = None
    fixedPrice: Number | None = None
    timeCategoryPriceList: Id | None = None
    projectTags: list[Id] | None = None
    marking: Text | None = None
    yourOrderNumber: Text | None = None
    deliveryAddress: Address | None = None


class ProjectCreate(_ProjectFields):
    """POST projects. A contact person belongs to a customer, so it requires ``customer``."""

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        *_ProjectFields.conditions,
        RequiredWhen("customer", when="contactPerson"),
    )

    createdByUser: Id
    name: RequiredText


class ProjectUpdate(_ProjectFields, UpdateByOptionalUser):
    """PUT projects."""

    name: RequiredText | None = None


class ProjectDelete(DeleteByUser):
    """DELETE projects."""
