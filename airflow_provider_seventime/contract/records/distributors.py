"""Distributors.

Their create and update are only in the vendor's later documentation, without a table of fields. The fields are those of
the responses.
"""

from __future__ import annotations

from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Flag, Id, Number, RequiredText, Text
from airflow_provider_seventime.contract.records.shared import Update


class _DistributorFields(Record):
    distributorNumber: Text | None = None
    address: Text | None = None
    zipCode: Text | None = None
    city: Text | None = None
    country: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    organizationNumber: Text | None = None
    notes: Text | None = None
    purchaseOrderEmail: Text | None = None
    ourCustomerNumber: Text | None = None
    paymentDays: Number | None = None
    hasSelfBilling: Flag | None = None
    isActive: Flag | None = None
    isSubContractor: Flag | None = None


class DistributorCreate(_DistributorFields):
    """POST distributors."""

    createdByUser: Id
    name: RequiredText


class DistributorUpdate(_DistributorFields, Update):
    """PUT distributors."""

    name: RequiredText | None = None
