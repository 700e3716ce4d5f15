"""Time logs."""

from __future__ import annotations

from typing import ClassVar

from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import Flag, Id, LocalTime, Number, Text
from airflow_provider_seventime.contract.records.shared import Delete, Update


class _TimeLogFields(Record):
    right_names: ClassVar[dict[str, str]] = {"startTimestamp": "timestamp", "category": "timeCategory", "hours": "time"}

    endTimestamp: LocalTime | None = None
    time: Number | None = None
    invoiceableTime: Number | None = None
    customer: Id | None = None
    project: Id | None = None
    timeCategory: Id | None = None
    workOrder: Id | None = None
    pricePerHour: Number | None = None
    description: Text | None = None
    internalDescription: Text | None = None
    supplementOrder: Flag | None = None
    isInvoiceable: Flag | None = None


class TimeLogCreate(_TimeLogFields):
    """POST timeLogs. ``time`` and ``invoiceableTime`` are hours."""

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("endTimestamp", unless=("time",)),
        RequiredWhen("time", unless=("endTimestamp",)),
    )

    createdByUser: Id
    user: Id
    timestamp: LocalTime


class TimeLogUpdate(_TimeLogFields, Update):
    """PUT timeLogs."""

    user: Id
    timestamp: LocalTime | None = None


class TimeLogDelete(Delete):
    """DELETE timeLogs. The vendor's later documentation sends ``deletedByUser`` too."""

    deletedByUser: Id | None = None
