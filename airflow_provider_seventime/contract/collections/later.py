"""Collections that only the vendor's later documentation has; it names the operations and few fields."""

from __future__ import annotations

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.contract.collections.parts import plain_fields
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind

TASKS = CollectionSpec(
    name="tasks",
    create="tasks:TaskCreate",
    update="tasks:TaskUpdate",
    delete="tasks:TaskDelete",
    analysed=True,
    fields=plain_fields(ids="createdByUser modifiedByUser", instants="createDate modifiedDate"),
)

TIMERS = CollectionSpec(name="timers", gettable=False, fields=plain_fields(ids="user", instants="timestamp"))

START_TIMER = CollectionSpec(
    name="startTimer", listed=False, gettable=False, create="tasks:TimerAction", made="timers", fields={}
)

STOP_TIMER = CollectionSpec(
    name="stopTimer", listed=False, gettable=False, create="tasks:TimerAction", made="timeLogs", fields={}
)

WORK_SCHEDULES = CollectionSpec(
    name="workSchedules", fields=plain_fields(ids="user", texts="name", booleans="isActive")
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

STATUSES = CollectionSpec(
    name="statuses",
    gettable=False,
    paged=False,
    bare_list=True,
    name_field="statusName",
    filters={"entityType": Filter(FilterKind.CODE, codes=EntityType, required=True)},
    fields=plain_fields(texts="statusName color", booleans="isActive"),
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
