"""Driver journals: journeys by car."""

from __future__ import annotations

from typing import ClassVar

from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import Flag, Id, Number, RequiredText, Text
from airflow_provider_seventime.contract.records.shared import Delete, Update


class _DriverJournalFields(Record):
    driverJournalItemType: Id | None = None
    startAddress: RequiredText | None = None
    endAddress: RequiredText | None = None
    travelPurpose: RequiredText | None = None
    startOdometer: Number | None = None
    endOdometer: Number | None = None
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
    """POST driverJournals. Prices and costs are per kilometre.

    The vendor's sample sends ``expenseItem`` and leaves out type, addresses, purpose, odometer and vehicle.
    """

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("driverJournalItemType", unless=("expenseItem",)),
        RequiredWhen("startAddress", unless=("expenseItem",)),
        RequiredWhen("endAddress", unless=("expenseItem",)),
        RequiredWhen("travelPurpose", unless=("expenseItem",)),
        RequiredWhen("startOdometer", unless=("expenseItem",)),
        RequiredWhen("endOdometer", unless=("expenseItem",)),
        RequiredWhen("vehicle", unless=("carRegistrationNumber", "expenseItem")),
        RequiredWhen("carRegistrationNumber", unless=("vehicle", "expenseItem")),
    )

    createdByUser: Id
    user: Id
    expenseItem: Id | None = None


class DriverJournalUpdate(_DriverJournalFields, Update):
    """PUT driverJournals."""

    user: Id


class DriverJournalDelete(Delete):
    """DELETE driverJournals."""
