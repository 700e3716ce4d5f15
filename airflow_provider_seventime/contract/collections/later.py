"""Collections that only the vendor's later documentation has; it names the operations and few fields."""

from __future__ import annotations

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.contract.collections.parts import plain_fields
from airflow_provider_seventime.contract.resource import Filter, FilterKind, Resource

TASKS = Resource(
    name="tasks",
    create="tasks:TaskCreate",
    update="tasks:TaskUpdate",
    delete="tasks:TaskDelete",
    analysed=True,
    fields=plain_fields(ids="createdByUser modifiedByUser", instants="createDate modifiedDate"),
)

TIMERS = Resource(name="timers", gettable=False, fields=plain_fields(ids="user", instants="timestamp"))

START_TIMER = Resource(
    name="startTimer", listed=False, gettable=False, create="tasks:TimerAction", made="timers", fields={}
)

STOP_TIMER = Resource(
    name="stopTimer", listed=False, gettable=False, create="tasks:TimerAction", made="timeLogs", fields={}
)

WORK_SCHEDULES = Resource(name="workSchedules", fields=plain_fields(ids="user", texts="name", booleans="isActive"))

DOCUMENTS = Resource(
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

STATUSES = Resource(
    name="statuses",
    gettable=False,
    paged=False,
    bare_list=True,
    name_field="statusName",
    filters={"entityType": Filter(FilterKind.CODE, codes=EntityType, required=True)},
    fields=plain_fields(texts="statusName color", booleans="isActive"),
)

WEBHOOK_SUBSCRIPTIONS = Resource(
    name="webhookSubscriptions",
    paged=False,
    create="webhook_subscriptions:WebhookSubscriptionCreate",
    delete="webhook_subscriptions:WebhookSubscriptionDelete",
    created_status=201,
    delete_in_path=True,
    name_field="url",
    fields=plain_fields(texts="url", booleans="isActive", instants="createDate"),
)
