"""Customers."""

from __future__ import annotations

from typing import Annotated

from airflow_provider_seventime.contract.codes import CustomerType, InvoiceDeliveryType, TypeOfProperty
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Flag, Id, Number, RequiredText, Text, code
from airflow_provider_seventime.contract.records.shared import Address, DeductionItem, DeleteByUser, Update


class BillingSettings(Record):
    """``billingSettings`` of a customer. The address is used if ``useSeparateBillingAddress`` is true."""

    useSeparateBillingAddress: Flag | None = None
    address: Text | None = None
    address2: Text | None = None
    zipCode: Text | None = None
    city: Text | None = None
    useSeparateBillingEmail: Flag | None = None
    invoiceEmail: Text | None = None
    invoiceDeliveryType: Annotated[InvoiceDeliveryType, code(InvoiceDeliveryType)] | None = None
    defaultEmailSubject: Text | None = None
    isConstructionCompany: Flag | None = None
    isROTCustomer: Flag | None = None
    isRUTCustomer: Flag | None = None
    typeOfProperty: Annotated[TypeOfProperty, code(TypeOfProperty)] | None = None
    propertyDescription: Text | None = None
    housingSocietyNumber: Text | None = None
    apartmentNumber: Text | None = None
    deductionDistribution: list[DeductionItem] | None = None


class CustomerFields(Record):
    """Fields of every write of a customer, in both versions of the API."""

    customerNumber: Text | None = None
    address: Text | None = None
    address2: Text | None = None
    zipCode: Text | None = None
    city: Text | None = None
    country: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    organizationNumber: Text | None = None
    vatNumber: Text | None = None
    paymentDays: Number | None = None
    typeOfCustomer: Annotated[CustomerType, code(CustomerType)] | None = None
    billingSettings: BillingSettings | None = None
    # The vendor documents these two in responses only. notes holds the reference of a create.
    notes: Text | None = None
    isActive: Flag | None = None


class CustomerCreate(CustomerFields):
    """POST customers."""

    createdByUser: Id
    name: RequiredText
    deliveryAddress: Address | None = None


class CustomerUpdate(CustomerFields, Update):
    """PUT customers."""

    name: RequiredText | None = None
    deliveryAddress: Address | None = None


class CustomerDelete(DeleteByUser):
    """DELETE customers."""
