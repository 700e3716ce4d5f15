"""Upload of documents. A document belongs to another record, which lists it."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.context import WriteContext
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
UNKNOWN_CONTENT_TYPE = "application/octet-stream"
LISTED_FIELDS = ("_id", "createDate", "modifiedDate", "name", "path", "contentType", "size", "user", "userName")


def upload(context: WriteContext, collection: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Store a file and add it to the ``documents`` of its record.

    :param values: body of the POST, checked against the contract.
    :raises RequestRefusedError: the record does not exist, or its entity has no documents (400).
    """
    entity_collection = ENTITIES.get(values["entityType"])
    if entity_collection is None:
        raise bad_request(f"entityType: {values['entityType']} has no records that can have documents")
    entity = context.store.collection(entity_collection).get(values["entityId"])
    if entity is None:
        raise bad_request(f"entityId: no {entity_collection} with _id {values['entityId']}")
    content = base64.b64decode(values["fileContent"])
    user = context.store.collection("users").get(values.get("createdByUser", ""))
    completed = {
        "contentType": mimetypes.guess_type(values["name"])[0] or UNKNOWN_CONTENT_TYPE,
        **values,
        "size": len(content),
        "user": user["_id"] if user else None,
        "userName": person_name(user) if user else "",
    }
    created = records.create(context, collection, completed)
    path = f"{entity_collection}/{entity['_id']}/{created['_id']}/{created['name']}"
    document = {**created, "path": path}
    context.store.collection(collection.name).put(document)
    listed = {field: document[field] for field in LISTED_FIELDS}
    context.store.collection(entity_collection).put({**entity, "documents": [*entity.get("documents", []), listed]})
    return document
