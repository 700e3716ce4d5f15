"""Contact persons of customers.

Their create and update are only in the vendor's later documentation, without a table of fields. The fields are those of
the responses.
"""

from __future__ import annotations

from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Flag, Id, RequiredText, Text
from airflow_provider_seventime.contract.records.shared import Update


class _ContactPersonFields(Record):
    title: Text | None = None
    workPhone: Text | None = None
    cellPhone: Text | None = None
    email: Text | None = None
    mainContact: Flag | None = None
    isActive: Flag | None = None


class ContactPersonCreate(_ContactPersonFields):
    """POST contactPersons."""

    createdByUser: Id
    name: RequiredText
    customer: Id


class ContactPersonUpdate(_ContactPersonFields, Update):
    """PUT contactPersons."""

    name: RequiredText | None = None
    customer: Id | None = None
