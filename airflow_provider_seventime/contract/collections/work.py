"""Work orders, their types, tags and statuses, and tasks."""

from __future__ import annotations

from airflow_provider_seventime.contract.collections.shared import (
    BY_ID,
    BY_NUMBER,
    BY_TEXT,
    LAST_MODIFIED,
    plain_fields,
)
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, ReferenceSearch, V1Overrides

WORK_ORDERS = CollectionSpec(
    name="workOrders",
    analysed=True,
    create="work_orders:WorkOrderCreate",
    update="work_orders:WorkOrderUpdate",
    delete="work_orders:WorkOrderDelete",
    name_field="title",
    number_field="workOrderNumber",
    compared_fields=("title", "customer", "project", "fixedPrice"),
    reference_field="description",
    reference_search=ReferenceSearch(owner_field="customer", owner_filter="customer"),
    filters={
        "title": BY_TEXT,
        "workOrderNumber": Filter(FilterKind.NUMBER),
        "project": BY_ID,
        "user": Filter(FilterKind.ID, field="users"),
        "customer": BY_ID,
        "lastModified": LAST_MODIFIED,
    },
    v1=V1Overrides(
        gettable=True,
        create="v1:V1WorkOrderCreate",
        filters={
            "title": BY_TEXT,
            "workOrderNumber": BY_NUMBER,
            "projectId": Filter(FilterKind.ID, field="project"),
        },
    ),
    chosen_numbers=frozenset({"workOrderNumber"}),
    fields=plain_fields(
        ids="customer project statusRef createdByUser modifiedByUser currentOwner contactPerson workOrderType "
        "department workLeader completedByUser inProgressByUser",
        texts="title customerName customerNumber createdByUserName modifiedByUserName completedByUserName "
        "inProgressByUserName description color billingMethod marking yourOrderNumber workOrderNumber",
        numbers="estimatedTime fixedPrice",
        integers="status invoiceStatus",
        booleans="isSupplementOrder enablePortalAccess allowRegistrationOfTimes allowRegistrationOfExpenses",
        instants="startDate endDate completedDate inProgressDate createDate modifiedDate",
    ),
)


WORK_ORDER_TYPES = CollectionSpec(
    name="workOrderTypes",
    paged=False,
    gettable=False,
    name_field="workOrderTypeName",
    v1=V1Overrides(),
    fields=plain_fields(texts="workOrderTypeName color", booleans="isActive"),
)

WORK_ORDER_TAGS = CollectionSpec(
    name="workOrderTags",
    paged=False,
    gettable=False,
    name_field="tagName",
    v1=V1Overrides(),
    fields=plain_fields(texts="tagName color"),
)

WORK_ORDER_STATUSES = CollectionSpec(
    name="workOrderStatuses",
    paged=False,
    gettable=False,
    name_field="statusName",
    fields=plain_fields(texts="statusName color", booleans="inProgressStatus closedStatus isActive plannedStatus"),
)

# Tasks are only in the vendor's later documentation, with few of their fields.
TASKS = CollectionSpec(
    name="tasks",
    create="tasks:TaskCreate",
    update="tasks:TaskUpdate",
    delete="tasks:TaskDelete",
    analysed=True,
    fields=plain_fields(ids="createdByUser modifiedByUser", instants="createDate modifiedDate"),
)
