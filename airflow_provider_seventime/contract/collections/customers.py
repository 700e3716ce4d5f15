"""Customers and their contact persons."""

from __future__ import annotations

from airflow_provider_seventime.contract.collections.shared import BY_EXACT_TEXT, BY_TEXT, LAST_MODIFIED, plain_fields
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, UniqueNumber, V1Overrides

CUSTOMERS = CollectionSpec(
    name="customers",
    create="customers:CustomerCreate",
    update="customers:CustomerUpdate",
    delete="customers:CustomerDelete",
    number_field="customerNumber",
    compared_fields=("name", "organizationNumber"),
    reference_field="notes",
    unique_number=UniqueNumber("customerNumber", "customerNumber"),
    filters={
        "name": BY_TEXT,
        "customerNumber": BY_EXACT_TEXT,
        "organizationNumber": BY_EXACT_TEXT,
        "city": BY_TEXT,
        "lastModified": LAST_MODIFIED,
    },
    v1=V1Overrides(
        gettable=True,
        create="v1:V1CustomerCreate",
        filters={
            "name": BY_TEXT,
            "customerNumber": BY_EXACT_TEXT,
            "organizationNumber": BY_EXACT_TEXT,
            "city": BY_TEXT,
        },
    ),
    fields=plain_fields(
        texts="name customerNumber organizationNumber vatNumber email phone address address2 zipCode city country "
        "billingMethod notes",
        numbers="pricePerHour",
        integers="paymentDays typeOfCustomer",
        booleans="isActive",
        instants="createdDate modifiedDate",
    ),
)


CONTACT_PERSONS = CollectionSpec(
    name="contactPersons",
    create="contact_persons:ContactPersonCreate",
    update="contact_persons:ContactPersonUpdate",
    filters={"customerId": Filter(FilterKind.ID, field="customer"), "name": BY_TEXT},
    fields=plain_fields(
        ids="customer",
        texts="name title workPhone cellPhone email customerName",
        booleans="mainContact isActive",
        instants="createdDate modifiedDate",
    ),
)
