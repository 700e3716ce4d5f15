"""Documents: files kept with a record, which lists them."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.references import person_name
from airflow_provider_seventime.sandbox.state.store import Record

ENTITIES: Mapping[int, str] = {
    EntityType.TIME_LOG: "timeLogs",
    EntityType.WORK_ORDER: "workOrders",
    EntityType.TASKS: "tasks",
    EntityType.INVOICE: "invoices",
    EntityType.PROJECT: "projects",
    EntityType.EXPENSE: "expenses",
    EntityType.MACHINE_TIME_LOG: "machineTimeLogs",
    EntityType.DRIVER_JOURNAL: "driverJournals",
    EntityType.USER: "users",
    EntityType.CUSTOMER: "customers",
    EntityType.QUOTE: "quotes",
    EntityType.MACHINE: "machines",
    EntityType.SUPPLEMENT_ORDER: "supplementOrders",
}
UNKNOWN_CONTENT = "application/octet-stream"
LISTED = ("_id", "createDate", "modifiedDate", "name", "path", "contentType", "size", "user", "userName")


def upload(context: Context, resource: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Keep a file, and list it in the ``documents`` of the record that it belongs to.

    :raises RequestRefusedError: there is no such record.
    """
    name = ENTITIES.get(values["entityType"])
    if name is None:
        raise bad_request(f"entityType: {values['entityType']} has no records that documents can be kept with")
    entity = context.store.collection(name).get(values["entityId"])
    if entity is None:
        raise bad_request(f"entityId: no {name} with _id {values['entityId']}")
    content = base64.b64decode(values["fileContent"])
    user = context.store.collection("users").get(values.get("createdByUser", ""))
    completed = {
        "contentType": mimetypes.guess_type(values["name"])[0] or UNKNOWN_CONTENT,
        **values,
        "size": len(content),
        "user": user["_id"] if user else None,
        "userName": person_name(user) if user else "",
    }
    made = records.create(context, resource, completed)
    document = {**made, "path": f"{name}/{entity['_id']}/{made['_id']}/{made['name']}"}
    context.store.collection(resource.name).put(document)
    listed = {field: document[field] for field in LISTED}
    context.store.collection(name).put({**entity, "documents": [*entity.get("documents", []), listed]})
    return document
