"""What a PUT must repeat of the record as it stands: decisions without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_seventime.api.writing.references import keep_references
from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import InvalidRecordError


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """The outcome of a change.

    :param record: the record as the API holds it.
    :param changed: False when it showed the changes already.
    """

    record: dict[str, Any]
    changed: bool


def check_changes(entry: CollectionSpec, changes: Mapping[str, Any]) -> None:
    """Refuse changes that are none.

    :raises InvalidRecordError: they are no object, or change nothing.
    """
    if not isinstance(changes, Mapping):
        raise InvalidRecordError(f"{entry.name}: update", [f"must be an object, not {type(changes).__name__}"])
    if all(value is None for value in changes.values()):
        raise InvalidRecordError(f"{entry.name}: update", ["there is nothing to change"])


def complete_changes(
    resource: CollectionSpec, current: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the changes with what the API wants repeated, taken from the record as it stands.

    References stay: every changed text takes over those of the text before, so that a create stays safe to repeat.

    :param resource: the collection.
    :param current: the record as the API holds it.
    :param changes: the fields to change.
    """
    completed = dict(changes)
    model = record_model(resource, "update")
    restated = {name: current.get(name) for name in resource.restated_on_update if name not in changes}
    completed |= {name: value for name, value in model.writable(restated).items() if value is not None}
    texts = {name: text for name, text in changes.items() if isinstance(text, str)}
    return completed | {name: keep_references(current.get(name), text) for name, text in texts.items()}


def already_so(current: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Tell whether a record shows every changed field as it is wanted.

    Only what answers spell as requests do can be seen: dates and rows count as different.
    """
    return all(name in current and _same(current[name], wanted) for name, wanted in changes.items())


def _same(held: Any, wanted: Any) -> bool:
    if isinstance(held, list | dict) or isinstance(wanted, list | dict):
        return False
    if isinstance(held, bool) or isinstance(wanted, bool) or held is None:
        return held is wanted
    return str(held) == str(wanted) or held == wanted
