"""Sales invoices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from airflow_provider_seventime.contract.codes import (
    ROT_WORK,
    RUT_WORK,
    HouseWorkType,
    InvoiceStatus,
    InvoiceType,
    TypeOfProperty,
    parse_code,
)
from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import (
    CalendarDate,
    Flag,
    Id,
    Number,
    RequiredText,
    SharePercent,
    TaxPercent,
    Text,
    code,
)
from airflow_provider_seventime.contract.records.invoice_items import InvoiceItem
from airflow_provider_seventime.contract.records.shared import Address, DeleteByUser, UpdateByOptionalUser

HOUSE_WORK = {InvoiceType.ROT: ROT_WORK, InvoiceType.RUT: RUT_WORK}


class DeductionShare(Record):
    """One person's share of the deduction. The API accepts it without any of its fields."""

    userName: Text | None = None
    personalNumber: Text | None = None
    distributionPercent: SharePercent | None = None


class HouseProperties(Record):
    """``houseProperties``, the property of a ROT or RUT invoice."""

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("propertyDescription", "typeOfProperty", (TypeOfProperty.DETACHED,)),
        RequiredWhen("housingSocietyNumber", "typeOfProperty", (TypeOfProperty.CONDOMINIUM,)),
        RequiredWhen("apartmentNumber", "typeOfProperty", (TypeOfProperty.CONDOMINIUM,)),
    )

    typeOfProperty: Annotated[TypeOfProperty, code(TypeOfProperty)]
    propertyDescription: Text | None = None
    housingSocietyNumber: Text | None = None
    apartmentNumber: Text | None = None
    deductionDistribution: list[DeductionShare] | None = None


def _creatable_status(status: InvoiceStatus) -> InvoiceStatus:
    if status not in (InvoiceStatus.DRAFT, InvoiceStatus.SENT):
        raise ValueError("must be 1 (draft) or 2 (sent) in a new invoice")
    return status


def _has_rows(items: list[InvoiceItem]) -> list[InvoiceItem]:
    if not items:
        raise ValueError("has no rows; leave the field out to create an invoice without rows")
    return items


def house_work_problems(invoice: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield a problem for each row with a type of house work that the invoice's type does not have.

    In the vendor's table each type of work belongs to ROT or to RUT.
    """
    kind = _readable(InvoiceType, invoice.get("invoiceType"))
    rows = invoice.get("invoiceItems")
    if kind not in HOUSE_WORK or not isinstance(rows, list):
        return
    for index, row in enumerate(rows):
        given = row.get("houseWorkTypeOfWork") if isinstance(row, Mapping) else None
        work = _readable(HouseWorkType, given)
        if work and work not in HOUSE_WORK[kind]:
            yield f"invoiceItems[{index}].houseWorkTypeOfWork", f"{given} is not {kind.name} work"


def _readable(codes: Any, value: object) -> Any:
    try:
        return parse_code(codes, value)
    except ValueError:
        return None


class _InvoiceFields(Record):
    right_names: ClassVar[dict[str, str]] = {
        "rows": "invoiceItems",
        "items": "invoiceItems",
        "status": "invoiceStatus",
        "type": "invoiceType",
    }
    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("houseProperties", "invoiceType", (InvoiceType.ROT, InvoiceType.RUT)),
    )

    @classmethod
    def rules(cls, data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        yield from super().rules(data)
        yield from house_work_problems(data)

    name: Text | None = None
    invoiceDate: CalendarDate | None = None
    dueDate: CalendarDate | None = None
    project: Id | None = None
    marking: Text | None = None
    yourOrderNumber: Text | None = None
    contactPerson: Id | None = None
    ourReference: Id | None = None
    deliveryAddress: Address | None = None
    workOrder: Id | None = None
    resultUnit: Id | None = None
    invoiceType: Annotated[InvoiceType, code(InvoiceType)] | None = None
    houseProperties: HouseProperties | None = None
    priceList: Id | None = None
    multipleTaxesOnRows: Flag | None = None
    taxPercent: TaxPercent | None = None
    currencyCode: Text | None = None
    currencyRate: Number | None = None
    notes: Text | None = None
    tags: list[Id] | None = None
    useFooterFromSettings: Flag | None = None
    footerText: Text | None = None


class InvoiceCreate(_InvoiceFields):
    """POST invoices."""

    right_names: ClassVar[dict[str, str]] = {**_InvoiceFields.right_names, "invoiceName": "name"}

    customer: Id
    createdByUser: Id
    language: RequiredText
    invoiceStatus: Annotated[InvoiceStatus, code(InvoiceStatus), AfterValidator(_creatable_status)] | None = None
    invoiceItems: Annotated[list[InvoiceItem], AfterValidator(_has_rows)] | None = None


class InvoiceUpdate(_InvoiceFields, UpdateByOptionalUser):
    """PUT invoices.

    The vendor's table requires ``modifiedByUser``, ``multipleTaxesOnRows`` and ``invoiceItems``. Its samples leave out
    the rows, and one sends ``createdByUser`` for ``modifiedByUser``. Another sample sends ``invoiceName``.
    """

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        *_InvoiceFields.conditions,
        RequiredWhen("modifiedByUser", unless=("createdByUser",)),
        RequiredWhen("taxPercent", "multipleTaxesOnRows", (False, 0)),
    )

    createdByUser: Id | None = None
    customer: Id | None = None
    language: RequiredText | None = None
    invoiceName: Text | None = None
    invoiceStatus: Annotated[InvoiceStatus, code(InvoiceStatus)] | None = None
    invoiceItems: list[InvoiceItem] | None = None


class InvoiceDelete(DeleteByUser):
    """DELETE invoices."""
