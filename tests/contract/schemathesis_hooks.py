"""Hooks of Schemathesis around each request, which it loads in its own process.

No schema can say which ids there are, or which fields require which: requests made from one alone would nearly all be
refused. So cases that are meant to be right get ids of records that exist, and every other one stands on a complete
record or is one. Those that are meant to be wrong are sent as they are.
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
# What a request needs before it can succeed, and what the seed does not have.
SUBSCRIPTION = {"url": "http://127.0.0.1:9/", "events": [], "isActive": False, "createDate": "2026-09-30T08:00:00.000Z"}
TIMER = {"timestamp": "2026-10-01T06:00:00.000Z"}

CONTROLS = os.environ["SEVENTIME_SANDBOX_CONTROLS"]
ANSWERS = Path(os.environ["SEVENTIME_SANDBOX_ANSWERS"])  # one line for every answer: operation, a tab, status


class Account:
    """The sandbox's records, as they were when the operation that is called now had its first case."""

    def __init__(self) -> None:
        self.cases = 0
        self._operation = ""
        self._ids: dict[str, list[Any]] = {}
        self._controls = requests.Session()

    def begin(self, operation: str) -> None:
        """Go back to the seed when another operation has its turn; then a timer runs for every other user."""
        self.cases += 1
        if operation != self._operation:
            self._controls.post(f"{CONTROLS}/reset").raise_for_status()
            self._operation, self._ids, self.cases = operation, {}, 0
            timers = [{**TIMER, "user": user} for user in self._ids_of("users")[::2]]
            added = {"timers": timers, "webhookSubscriptions": [SUBSCRIPTION]}
            self._controls.post(f"{CONTROLS}/load", json=added).raise_for_status()

    def known_id(self, collection: str) -> str:
        """Return the id of a record: another one in each case, and the newest where the case is a complete record.

        The newest invoice is a draft, the only one that can be changed as one likes.
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
    """Leave out values that no readable pattern separates from valid ones: the 31st of June, separators in ids."""
    return all(is_on_the_calendar(value) and not has_separators(value) for value in (query or {}).values())


def has_separators(value: object) -> bool:
    """Tell of ASCII's four separators: blanks to Python, and none to the regular expressions of JSON Schema."""
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
            case.body = standing_on(complete, case.body if account.cases % 4 == 1 else {})
        case.body = with_known_ids(collection, case.body)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    with ANSWERS.open("a", encoding="utf-8") as file:
        file.write(f"{case.operation.label}\t{response.status_code}\n")


def standing_on(complete: Any, given: Any) -> Any:
    """Return what is given, with what it leaves out of a complete record; web addresses are left as they are there."""
    if isinstance(complete, Mapping) and isinstance(given, Mapping):
        both = {name: standing_on(complete[name], given[name]) for name in complete.keys() & given.keys() - {"url"}}
        return {**given, **complete, **both}
    if isinstance(complete, list) and isinstance(given, list) and complete:
        return [standing_on(complete[index % len(complete)], one) for index, one in enumerate(given)]
    return given


def with_known_ids(collection: str, value: Any, field: str = "") -> Any:
    """Return a body in which ids are those of records that exist."""
    if isinstance(value, Mapping):
        entity = ENTITIES.get(value.get("entityType", 0))
        named = {name: with_known_ids(collection, inner, name) for name, inner in value.items()}
        return {**named, "entityId": account.known_id(entity)} if entity else named
    if isinstance(value, list):
        return [with_known_ids(collection, inner, field) for inner in value]
    owner = owner_of(collection, field)
    return account.known_id(owner) if owner and isinstance(value, str) else value


def owner_of(collection: str, field: str) -> str | None:
    """Return the collection whose ids a field of a body holds, or None."""
    if field == "_id":
        return collection
    known_by_it = (entry.name for entry in COLLECTIONS.values() if entry.id_field == field)
    return next(known_by_it, None) or referenced_collection(COLLECTIONS[collection], field)
