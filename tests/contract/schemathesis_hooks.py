"""Hooks that Schemathesis loads in its own process and calls around each request.

A schema does not contain the existing ids, or which field requires another. The API would refuse almost all requests
that are generated from schemas alone. Therefore valid cases get ids of existing records, and every second one is merged
with a complete record. Invalid cases are sent unchanged.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import requests
import schemathesis
from schemathesis import Case, GenerationMode, HookContext, Response

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.rules.actions.documents import ENTITIES
from airflow_provider_seventime.sandbox.rules.references import referenced_collection

COMPLETE_RECORDS = json.loads(Path(__file__).with_name("records.json").read_text(encoding="utf-8"))
WRITES = {"POST": "create", "PUT": "update", "DELETE": "delete"}
# Records that some requests need and the seed does not have.
SUBSCRIPTION = {"url": "http://127.0.0.1:9/", "events": [], "isActive": False, "createDate": "2026-09-30T08:00:00.000Z"}
TIMER = {"timestamp": "2026-10-01T06:00:00.000Z"}

CONTROLS = os.environ["SEVENTIME_SANDBOX_CONTROLS"]
ANSWERS = Path(os.environ["SEVENTIME_SANDBOX_ANSWERS"])  # one line per response: operation, tab, status


class Account:
    """Records of the sandbox at the first case of the current operation."""

    def __init__(self) -> None:
        self.cases = 0
        self._operation = ""
        self._ids: dict[str, list[Any]] = {}
        self._controls = requests.Session()

    def begin(self, operation: str) -> None:
        """Count a case. For a new operation, reset the sandbox and start a timer for every second user."""
        self.cases += 1
        if operation != self._operation:
            self._controls.post(f"{CONTROLS}/reset").raise_for_status()
            self._operation, self._ids, self.cases = operation, {}, 0
            timers = [{**TIMER, "user": user} for user in self._ids_of("users")[::2]]
            added = {"timers": timers, "webhookSubscriptions": [SUBSCRIPTION]}
            self._controls.post(f"{CONTROLS}/load", json=added).raise_for_status()

    def known_id(self, collection: str) -> str:
        """Return the id of a record, a different one in each case, and the newest for a complete record.

        The newest invoice is a draft, the only one whose fields can all be changed.
        """
        ids = self._ids_of(collection)
        return str(ids[-1 if self.cases % 4 == 3 else self.cases % len(ids)])

    def _ids_of(self, collection: str) -> list[Any]:
        if collection not in self._ids:
            answer = self._controls.get(f"{CONTROLS}/state", params={"collection": collection})
            id_field = COLLECTIONS[collection].id_field
            self._ids[collection] = [record[id_field] for record in answer.json()["records"]]
        return self._ids[collection]


account = Account()


@schemathesis.hook
def filter_query(context: HookContext, query: dict[str, Any] | None) -> bool:
    """Exclude values that no readable pattern can exclude: dates such as 31 June, and separators in ids."""
    return all(is_on_the_calendar(value) and not has_separators(value) for value in (query or {}).values())


def has_separators(value: object) -> bool:
    """Return True for ASCII's four separators, which are blanks in Python but not in JSON Schema's expressions."""
    return isinstance(value, str) and not set(value).isdisjoint("\x1c\x1d\x1e\x1f")


def is_on_the_calendar(value: object) -> bool:
    if not isinstance(value, str) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2} ", value):
        return True
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    account.begin(case.operation.label)
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        collection = next(step for step in case.path.split("/") if step in COLLECTIONS)
        if "id" in case.path_parameters:
            case.path_parameters["id"] = account.known_id(collection)
        complete = COMPLETE_RECORDS.get(f"{case.path.strip('/')}.{WRITES.get(case.method)}")
        if complete and isinstance(case.body, Mapping) and account.cases % 2:
            case.body = merged_with_complete(complete, case.body if account.cases % 4 == 1 else {})
        case.body = with_known_ids(collection, case.body)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    with ANSWERS.open("a", encoding="utf-8") as file:
        file.write(f"{case.operation.label}\t{response.status_code}\n")


def merged_with_complete(complete: Any, given: Any) -> Any:
    """Return a body with the missing fields of a complete record. Web addresses are those of the complete record."""
    if isinstance(complete, Mapping) and isinstance(given, Mapping):
        both = {
            name: merged_with_complete(complete[name], given[name]) for name in complete.keys() & given.keys() - {"url"}
        }
        return {**given, **complete, **both}
    if isinstance(complete, list) and isinstance(given, list) and complete:
        return [merged_with_complete(complete[index % len(complete)], one) for index, one in enumerate(given)]
    return given


def with_known_ids(collection: str, value: Any, field: str = "") -> Any:
    """Return a body with the ids of existing records."""
    if isinstance(value, Mapping):
        entity = ENTITIES.get(value.get("entityType", 0))
        named = {name: with_known_ids(collection, inner, name) for name, inner in value.items()}
        return {**named, "entityId": account.known_id(entity)} if entity else named
    if isinstance(value, list):
        return [with_known_ids(collection, inner, field) for inner in value]
    owner = owner_of(collection, field)
    return account.known_id(owner) if owner and isinstance(value, str) else value


def owner_of(collection: str, field: str) -> str | None:
    """Return the collection whose ids a field of a body has, or None."""
    if field == "_id":
        return collection
    known_by_it = (collection.name for collection in COLLECTIONS.values() if collection.id_field == field)
    return next(known_by_it, None) or referenced_collection(COLLECTIONS[collection], field)
