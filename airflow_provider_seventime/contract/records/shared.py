"""Models that several collections share: addresses, deduction items, and the fields of every update and delete."""

from __future__ import annotations

from pydantic import Field

from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Flag, Id, RequiredText, SharePercent, Text


class Address(Record):
    """``deliveryAddress``. ``country`` is a country code, for example ``SE``."""

    name: Text | None = None
    address: Text | None = None
    address2: Text | None = None
    zipCode: Text | None = None
    city: Text | None = None
    country: Text | None = None
    phone: Text | None = None


class WorkAddress(Address):
    """``workAddress`` of a work order. Its other fields are used if ``useOtherAddress`` is true."""

    useOtherAddress: Flag


class DeductionItem(Record):
    """One person's share of a ROT or RUT deduction, in a customer's billing settings."""

    userName: RequiredText
    personalNumber: RequiredText
    distributionPercent: SharePercent


class Identified(Record):
    """Field of every PUT and DELETE."""

    id_: Id = Field(alias="_id")


class Update(Identified):
    """Fields of a PUT that requires the changing user."""

    modifiedByUser: Id


class UpdateByOptionalUser(Identified):
    """Fields of a PUT that the vendor's samples send without the changing user."""

    modifiedByUser: Id | None = None


class Delete(Identified):
    """Field of a DELETE."""


class DeleteByUser(Delete):
    """Fields of a DELETE that requires the deleting user."""

    deletedByUser: Id
