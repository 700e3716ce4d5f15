"""What Schemathesis does around each request: loaded by it, in a process of its own.

No schema can say which ids there are, so that requests made from one alone would nearly all be refused. Cases that are
meant to be right therefore get ids of records that exist; those that are meant to be wrong are sent as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import schemathesis
from schemathesis import Case, GenerationMode, HookContext, Response

from airflow_provider_seventime.contract.resources import RESOURCES
from airflow_provider_seventime.sandbox.rules.references import referenced_collection

CONTROLS = os.environ["SEVENTIME_SANDBOX_CONTROLS"]
ANSWERS = Path(os.environ["SEVENTIME_SANDBOX_ANSWERS"])  # one line for every answer: operation, a tab, status


class Account:
    """The sandbox's records, as they were when the operation that is called now had its first case."""

    def __init__(self) -> None:
        self._operation = ""
        self._ids: dict[str, list[str]] = {}
        self._controls = requests.Session()

    def begin(self, operation: str) -> None:
        """Go back to the seed when another operation has its turn."""
        if operation != self._operation:
            self._controls.post(f"{CONTROLS}/reset").raise_for_status()
            self._operation, self._ids = operation, {}

    def known_id(self, collection: str, instead_of: str) -> str:
        """Return the id of a record, always the same one for the same text."""
        if collection not in self._ids:
            answer = self._controls.get(f"{CONTROLS}/state", params={"collection": collection})
            id_field = RESOURCES[collection].id_field
            self._ids[collection] = [str(record[id_field]) for record in answer.json()["records"]]
        ids = self._ids[collection]
        return ids[sum(instead_of.encode("utf-8", "surrogatepass")) % len(ids)] if ids else instead_of


account = Account()


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    account.begin(case.operation.label)
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        collection = next(step for step in case.path.split("/") if step in RESOURCES)
        if "id" in case.path_parameters:
            case.path_parameters["id"] = account.known_id(collection, case.path_parameters["id"])
        case.body = with_known_ids(collection, case.body)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    with ANSWERS.open("a", encoding="utf-8") as file:
        file.write(f"{case.operation.label}\t{response.status_code}\n")


def with_known_ids(collection: str, value: Any, field: str = "") -> Any:
    """Return a body in which ids are those of records that exist."""
    if isinstance(value, Mapping):
        return {name: with_known_ids(collection, inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_known_ids(collection, inner, field) for inner in value]
    owner = collection if field == "_id" else referenced_collection(RESOURCES[collection], field)
    return account.known_id(owner, value) if owner and isinstance(value, str) else value
