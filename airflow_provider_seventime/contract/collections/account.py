"""Company information, custom fields, statuses, documents and webhook subscriptions."""

from __future__ import annotations

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.contract.collections.shared import plain_fields
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
    # Type of the records that have the fields. The API's default is 100, time logs.
    filters={"entityType": Filter(FilterKind.CODE, codes=EntityType)},
    fields=plain_fields(texts="fieldName", integers="fieldType", booleans="include required"),
)

# Statuses, documents and webhook subscriptions are only in the vendor's later documentation, with few of their fields.
STATUSES = CollectionSpec(
    name="statuses",
    gettable=False,
    paged=False,
    bare_list=True,
    name_field="statusName",
    filters={"entityType": Filter(FilterKind.CODE, codes=EntityType, required=True)},
    fields=plain_fields(texts="statusName color", booleans="isActive"),
)

DOCUMENTS = CollectionSpec(
    name="documents",
    listed=False,
    gettable=False,
    create="documents:DocumentCreate",
    fields=plain_fields(
        ids="user entityId",
        texts="name path contentType userName",
        integers="size entityType",
        instants="createDate modifiedDate",
    ),
)

WEBHOOK_SUBSCRIPTIONS = CollectionSpec(
    name="webhookSubscriptions",
    paged=False,
    create="webhook_subscriptions:WebhookSubscriptionCreate",
    delete="webhook_subscriptions:WebhookSubscriptionDelete",
    created_status=201,
    delete_in_path=True,
    name_field="url",
    fields=plain_fields(texts="url", booleans="isActive", instants="createDate"),
)
