"""Expenses."""

from __future__ import annotations

from typing import ClassVar

from airflow_provider_seventime.contract.records.base import Record, RequiredWhen
from airflow_provider_seventime.contract.records.fields import Flag, Id, LocalTime, Number, Text
from airflow_provider_seventime.contract.records.shared import DeleteByUser, Update

# An expense without an expense item needs its article and prices as free fields.
FREE_TEXT = ("name", "unitCost", "unitPrice", "discountPercent", "taxPercent")


class _ExpenseFields(Record):
    right_names: ClassVar[dict[str, str]] = {"quantity": "numberOfItems", "article": "expenseItem"}

    expenseItem: Id | None = None
    name: Text | None = None
    workOrder: Id | None = None
    customer: Id | None = None
    project: Id | None = None
    distributor: Id | None = None
    numberOfItems: Number | None = None
    unit: Text | None = None
    unitCost: Number | None = None
    unitPrice: Number | None = None
    discountPercent: Number | None = None
    taxPercent: Number | None = None
    timestamp: LocalTime | None = None
    description: Text | None = None
    isInvoiceable: Flag | None = None
    doReimburse: Flag | None = None


class ExpenseCreate(_ExpenseFields):
    """POST expenses. Give an expense item, or a name with its prices if the account allows that."""

    conditions: ClassVar[tuple[RequiredWhen, ...]] = (
        RequiredWhen("expenseItem", unless=("name",)),
        *(RequiredWhen(name, unless=("expenseItem",)) for name in FREE_TEXT),
    )

    createdByUser: Id
    user: Id


class ExpenseUpdate(_ExpenseFields, Update):
    """PUT expenses."""

    user: Id


class ExpenseDelete(DeleteByUser):
    """DELETE expenses."""
