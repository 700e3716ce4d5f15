"""Users."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.state.store import Record


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    role = record["userRoleId"]
    if "userRoleId" in change.given and context.store.collection("userRoles").get(str(role)) is None:
        raise bad_request(f"userRoleId: no userRoles with userRoleId {role}")
    return record


USERS = CollectionRules(
    complete=_complete,
    # Lists are filtered by these fields, and the vendor's samples contain none of them.
    internal=frozenset({"department", "defaultSalaryType", "userSkills"}),
    defaults={"language": "SV", "department": None, "defaultSalaryType": None, "userSkills": []},
    unique=("userName",),
    numbered=False,
    write_only=frozenset({"modifiedByUser", "deletedByUser", "password"}),
    shown_on_delete=("firstName", "lastName"),
)
