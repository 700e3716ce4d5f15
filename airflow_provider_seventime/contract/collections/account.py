"""The account itself."""

from __future__ import annotations

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.contract.collections.parts import plain_fields
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind

COMPANY_INFORMATION = CollectionSpec(
    name="companyInformation",
    listed=False,
    paged=False,
    singleton=True,
    fields=plain_fields(texts="name organizationNumber address address2 zipCode city country email phone"),
)


CUSTOM_FIELDS = CollectionSpec(
    name="customFields",
    paged=False,
    gettable=False,
    name_field="fieldName",
    # Of which entity the fields are; the API takes 100, time logs, where it is left out.
    filters={"entityType": Filter(FilterKind.CODE, codes=EntityType)},
    fields=plain_fields(texts="fieldName", integers="fieldType", booleans="include required"),
)
