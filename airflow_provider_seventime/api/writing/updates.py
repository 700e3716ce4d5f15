"""Updates of records. The API replaces some fields with every PUT, so an update repeats them from the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_seventime.api.endpoints import Endpoints
from airflow_provider_seventime.api.writing.record_checker import RecordChecker
from airflow_provider_seventime.api.writing.references import preserve_references
from airflow_provider_seventime.contract.checking import check_id, record_model
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import BadRequestError, InvalidRecordError


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """Result of an update.

    :param record: the record as the API returned it.
    :param changed: False if the record already had the changes, so nothing was sent.
    :param previous: the record before the update.
    """

    record: dict[str, Any]
    changed: bool
    previous: dict[str, Any]


class Updater:
    """Updates records.

    :param endpoints: sends the requests.
    :param checker: checks the changes.
    """

    def __init__(self, endpoints: Endpoints, checker: RecordChecker) -> None:
        self._endpoints = endpoints
        self._checker = checker

    def put(self, collection: CollectionSpec, record_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send one PUT: see :meth:`.SevenTimeClient.put`."""
        _refuse_no_changes(collection, body)
        return self._endpoints.put(collection, self._check(collection, record_id, body))

    def update(self, collection: CollectionSpec, record_id: str, changes: Mapping[str, Any]) -> UpdateResult:
        """Merge changes into a record: see :meth:`.SevenTimeClient.update`."""
        _refuse_no_changes(collection, changes)
        checked_id = check_id(collection, record_id)
        current = self._endpoints.get(collection, checked_id)
        body = self._check(collection, checked_id, complete_changes(collection, current, changes))
        checked_changes = {name: body[name] for name in changes if name in body}
        if has_changes_already(current, checked_changes):
            return UpdateResult(current, changed=False, previous=current)
        try:
            return UpdateResult(self._endpoints.put(collection, body), changed=True, previous=current)
        except BadRequestError:
            # The PUT may have been retried after a lost response: the API may refuse the second because of the first.
            updated = self._endpoints.get(collection, checked_id)
            if not has_changes_already(updated, checked_changes):
                raise
            return UpdateResult(updated, changed=True, previous=current)

    def _check(self, collection: CollectionSpec, record_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._checker.check(collection, "update", {**body, "_id": check_id(collection, record_id)})


def _refuse_no_changes(collection: CollectionSpec, changes: Mapping[str, Any]) -> None:
    if not isinstance(changes, Mapping):
        raise InvalidRecordError(f"{collection.name}: update", [f"must be an object, not {type(changes).__name__}"])
    if all(value is None for value in changes.values()):
        raise InvalidRecordError(f"{collection.name}: update", ["there is nothing to change"])


def complete_changes(
    collection: CollectionSpec, current: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the changes together with the fields that a PUT must repeat from the current record.

    Each changed text gets the references of the current text, so that creates find the record again.

    :param collection: the collection.
    :param current: the record as the API returned it.
    :param changes: the fields to change.
    """
    completed = dict(changes)
    model = record_model(collection, "update")
    repeated = {name: current.get(name) for name in collection.restated_on_update if name not in changes}
    completed |= {name: value for name, value in model.writable(repeated).items() if value is not None}
    texts = {name: text for name, text in changes.items() if isinstance(text, str)}
    return completed | {name: preserve_references(current.get(name), text) for name, text in texts.items()}


def has_changes_already(current: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Return True if a record has every changed value already.

    Dates and rows always count as different, because the API returns them in another form than it takes them.
    """
    return all(name in current and _is_same(current[name], value) for name, value in changes.items())


def _is_same(current: Any, changed: Any) -> bool:
    if isinstance(current, list | dict) or isinstance(changed, list | dict):
        return False
    if isinstance(current, bool) or isinstance(changed, bool) or current is None:
        return current is changed
    return str(current) == str(changed) or current == changed
