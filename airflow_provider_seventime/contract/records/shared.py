"""Parts that several records share: addresses, deduction items, and what an update or a delete always carries."""

from __future__ import annotations

from pydantic import Field

from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Flag, Id, RequiredText, SharePercent, Text


class Address(Record):
    """``deliveryAddress``; country is a country code, for example ``SE``."""

    name: Text | None = None
    address: Text | None = None
    address2: Text | None = None
    zipCode: Text | None = None
    city: Text | None = None
    country: Text | None = None
    phone: Text | None = None


class WorkAddress(Address):
    """``workAddress`` of a work order; the rest is used when ``useOtherAddress`` is true."""

    useOtherAddress: Flag


class DeductionItem(Record):
    """One person's share of a ROT or RUT deduction, as a customer carries it."""

    userName: RequiredText
    personalNumber: RequiredText
    distributionPercent: SharePercent


class Update(Record):
    """What every PUT carries."""

    id_: Id = Field(alias="_id")
    modifiedByUser: Id


class Delete(Record):
    """What every DELETE carries."""

    id_: Id = Field(alias="_id")


class DeleteByUser(Delete):
    """A DELETE that wants to know who deleted."""

    deletedByUser: Id
