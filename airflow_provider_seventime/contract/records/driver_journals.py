"""Driver journals: journeys by car."""

from __future__ import annotations

from typing import ClassVar

from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import Flag, Id, Number, RequiredText, Text
from airflow_provider_seventime.contract.records.shared import Delete, Update


class _DriverJournalFields(Record):
    vehicle: Id | None = None
    carRegistrationNumber: Text | None = None
    customer: Id | None = None
    project: Id | None = None
    workOrder: Id | None = None
    price: Number | None = None
    cost: Number | None = None
    description: Text | None = None
    isInvoiceable: Flag | None = None
    isSalaryCompensated: Flag | None = None


class DriverJournalCreate(_DriverJournalFields):
    """POST driverJournals. Prices and costs are per kilometre."""

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("vehicle", unless="carRegistrationNumber"),
        RequiredWhen("carRegistrationNumber", unless="vehicle"),
    )

    createdByUser: Id
    user: Id
    driverJournalItemType: Id
    startAddress: RequiredText
    endAddress: RequiredText
    travelPurpose: RequiredText
    startOdometer: Number
    endOdometer: Number


class DriverJournalUpdate(_DriverJournalFields, Update):
    """PUT driverJournals."""

    user: Id
    driverJournalItemType: Id | None = None
    startAddress: RequiredText | None = None
    endAddress: RequiredText | None = None
    travelPurpose: RequiredText | None = None
    startOdometer: Number | None = None
    endOdometer: Number | None = None


class DriverJournalDelete(Delete):
    """DELETE driverJournals."""
