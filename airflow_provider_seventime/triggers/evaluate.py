"""Decision whether a wait is over, shared by poking and deferred waiting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_seventime.exceptions import ConfigError, ProtocolError
from airflow_provider_seventime.hooks.summary import describe, plain_values, status_move, summarise

if TYPE_CHECKING:  # the contract is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.contract.spec import CollectionSpec
    from airflow_provider_seventime.triggers.field_condition import FieldCondition

Outcome = Literal["reached", "failed", "timed_out", "waiting"]


@dataclass(frozen=True, slots=True)
class WaitResult:
    """Result of one check of a record.

    :param outcome: ``waiting`` continues the wait. Every other outcome ends it.
    :param message: description for logs and errors.
    :param record: the record's id, number, status, amount and the fields of the conditions. None: it was not read.
    """

    outcome: Outcome
    message: str
    record: dict[str, Any] | None = None


def evaluate(
    collection: CollectionSpec,
    record: Mapping[str, Any],
    targets: Iterable[int],
    failed: Iterable[int],
    *,
    target_field: FieldCondition | None = None,
    failed_field: FieldCondition | None = None,
    previous: Mapping[str, Any] | None = None,
) -> WaitResult:
    """Decide whether a wait is over. A record that matches a target and a failure counts as reached.

    :param collection: the record's collection.
    :param record: the record as the API returns it.
    :param targets: status codes that end the wait with success.
    :param failed: status codes that end the wait with failure.
    :param target_field: condition on a field that ends the wait with success, beside ``targets``. None: there is none.
    :param failed_field: condition on a field that ends the wait with failure, beside ``failed``. None: there is none.
    :param previous: the ``record`` of the result of the check before. None: this is the first check.
    """
    target_codes, failed_codes = ({str(int(code)) for code in codes} for codes in (targets, failed))
    code = record.get(collection.status_field or "")
    conditions = [condition for condition in (target_field, failed_field) if condition]
    move = status_move(collection, record, previous)
    found = [move if move and "->" in move else f"is {move}"] if target_codes or failed_codes else []
    found += dict.fromkeys(condition.describe(record) for condition in conditions)
    state = f"{describe(collection, record)} {', '.join(found)}"
    fields = {condition.field: record.get(condition.field) for condition in conditions}
    summary = summarise(collection, record) | plain_values(fields)
    if str(code) in target_codes or (target_field and target_field.matches(collection, record)):
        return WaitResult("reached", state, summary)
    if str(code) in failed_codes or (failed_field and failed_field.matches(collection, record)):
        return WaitResult("failed", f"{state}: it can no longer reach the target of the wait", summary)
    return WaitResult("waiting", state, summary)


def parse_statuses(collection: CollectionSpec, statuses: Any, parameter: str) -> list[int]:
    """Return the codes of one status or several, given by name or by code.

    :param collection: the collection. If its statuses have no documented names, they are given by code.
    :param statuses: a name, a code, or a list of them. A template may render several as text: ``"sent, paid"``.
    :param parameter: the parameter's name, for the error.
    :raises ConfigError: a status is unknown, or the collection has no status.
    """
    if isinstance(statuses, str):
        statuses = [part for part in statuses.split(",") if part.strip()]
    elif not isinstance(statuses, list | tuple | set | frozenset):
        statuses = [statuses]
    if statuses and collection.status_field is None:
        raise ConfigError(f"{parameter}: {collection.name} has no status; wait for a field of it by target_field")
    try:
        return [_status_code(collection, status) for status in statuses]
    except ValueError as error:
        raise ConfigError(f"{parameter}: {error}") from error


def _status_code(collection: CollectionSpec, status: object) -> int:
    """Return the code of one status.

    :raises ValueError: the status is unknown.
    """
    from airflow_provider_seventime.contract.codes import parse_code

    if collection.status_codes is not None:
        return int(parse_code(collection.status_codes, status))
    text = str(status).strip()
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not a code; the statuses of {collection.name} have no documented names")
    return int(text)


def read_event(event: Any) -> WaitResult:
    """Read the event of a trigger.

    :raises ProtocolError: the event is not one of this provider's trigger.
    """
    outcome = event.get("outcome") if isinstance(event, Mapping) else None
    if outcome not in ("reached", "failed", "timed_out"):
        raise ProtocolError(f"the triggerer returned an event that is not one of RecordStatusTrigger: {event!r:.200}")
    return WaitResult(outcome, str(event.get("message")), event.get("record"))


def next_interval_seconds(earlier_checks: int, first_seconds: float, longest_seconds: float | None) -> float:
    """Return the time from one check to the next.

    :param earlier_checks: number of checks before this one.
    :param first_seconds: time after the first check.
    :param longest_seconds: the time doubles after each check up to this limit. None: it does not change.
    """
    if longest_seconds is None:
        return first_seconds
    doublings = min(earlier_checks, 32)  # enough to reach any interval, without overflow
    return max(min(first_seconds * 2.0**doublings, longest_seconds), first_seconds)
