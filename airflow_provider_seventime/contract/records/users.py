"""Users."""

from __future__ import annotations

from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Flag, Id, RequiredText, Text
from airflow_provider_seventime.contract.records.shared import DeleteByUser, Update


class _UserFields(Record):
    employeeNumber: Text | None = None
    workPhone: Text | None = None
    cellPhone: Text | None = None
    isActive: Flag | None = None
    isActivated: Flag | None = None
    password: Text | None = None
    language: Text | None = None


class UserCreate(_UserFields):
    """POST users. The vendor's sample sends ``createdByUser``, which its table does not have."""

    firstName: RequiredText
    lastName: RequiredText
    email: RequiredText
    userName: RequiredText
    userRoleId: RequiredText
    createdByUser: Id | None = None


class UserUpdate(_UserFields, Update):
    """PUT users."""

    firstName: RequiredText | None = None
    lastName: RequiredText | None = None
    email: RequiredText | None = None
    userName: RequiredText | None = None
    userRoleId: RequiredText | None = None


class UserDelete(DeleteByUser):
    """DELETE users."""
