"""Is a wait over? Poking and deferred waiting both go by this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_seventime.exceptions import ConfigError, ProtocolError
from airflow_provider_seventime.hooks.summary import label, plain_values, status_name, summarise

if TYPE_CHECKING:  # the contract is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.contract.spec import CollectionSpec
    from airflow_provider_seventime.triggers.field_condition import FieldCondition

Outcome = Literal["reached", "failed", "timed_out", "waiting"]


@dataclass(frozen=True, slots=True)
class WaitResult:
    """What a look at a record came to.

    :param outcome: ``waiting`` goes on, everything else ends the wait.
    :param message: a sentence for a person.
    :param record: the record's id, number, status, amount and the fields waited for; None where it could not be read.
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
) -> WaitResult:
    """Decide whether a wait is over; poking and deferred waiting both go by this. A target goes before a failure.

    :param collection: the collection.
    :param record: the record as the API answered.
    :param targets: status codes that end the wait well.
    :param failed: status codes from which no target is expected any more.
    :param target_field: a field whose value ends the wait well, beside ``targets``; None: there is none.
    :param failed_field: a field whose value ends it badly, beside ``failed``; None: there is none.
    """
    good, bad = ({str(int(code)) for code in codes} for codes in (targets, failed))
    code = record.get(collection.status_field or "")
    conditions = [condition for condition in (target_field, failed_field) if condition]
    shown = [f"is {status_name(collection.status_codes, code)}"] if good or bad else []
    shown += dict.fromkeys(condition.describe(record) for condition in conditions)
    what = f"{label(collection, record)} {', '.join(shown)}"
    watched = {condition.field: record.get(condition.field) for condition in conditions}
    summary = summarise(collection, record) | plain_values(watched)
    if str(code) in good or (target_field and target_field.matches(collection, record)):
        return WaitResult("reached", what, summary)
    if str(code) in bad or (failed_field and failed_field.matches(collection, record)):
        return WaitResult("failed", f"{what}: it will not become what was waited for", summary)
    return WaitResult("waiting", what, summary)


def parse_statuses(collection: CollectionSpec, statuses: Any, parameter: str) -> list[int]:
    """Read one status or several, by name or code; by code where the collection's statuses have no names.

    :param collection: the collection.
    :param statuses: a name, a code, or a list of them; ``"sent, paid"`` too, as a template may make it.
    :param parameter: the parameter's name, for the error.
    :raises ConfigError: a status is unknown, or the collection has none.
    """
    if isinstance(statuses, str):
        statuses = [part for part in statuses.split(",") if part.strip()]
    elif not isinstance(statuses, list | tuple | set | frozenset):
        statuses = [statuses]
    if statuses and collection.status_field is None:
        raise ConfigError(f"{collection.name} has no status to wait for; name a field of it as target_field")
    try:
        return [_status_code(collection, status) for status in statuses]
    except ValueError as error:
        raise ConfigError(f"{parameter}: {error}") from error


def _status_code(collection: CollectionSpec, status: object) -> int:
    """Read one status; raises ValueError with the reason."""
    from airflow_provider_seventime.contract.codes import parse_code

    if collection.status_codes is not None:
        return int(parse_code(collection.status_codes, status))
    text = str(status).strip()
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no code, and the statuses of {collection.name} have no documented names")
    return int(text)


def read_event(event: Any) -> WaitResult:
    """Read a trigger's event.

    :raises ProtocolError: it is none of this trigger's.
    """
    outcome = event.get("outcome") if isinstance(event, Mapping) else None
    if outcome not in ("reached", "failed", "timed_out"):
        raise ProtocolError(f"the trigger handed back an event that is none of its own: {event!r:.200}")
    return WaitResult(outcome, str(event.get("message")), event.get("record"))


def next_interval_seconds(look: int, first_seconds: float, longest_seconds: float | None) -> float:
    """Return the time from one look to the next.

    :param look: how many looks went before this one.
    :param first_seconds: time after the first look.
    :param longest_seconds: the time doubles from look to look up to this; None: it stays the same.
    """
    if longest_seconds is None:
        return first_seconds
    doublings = min(look, 32)  # enough to reach any interval, and no overflow
    return max(min(first_seconds * 2.0**doublings, longest_seconds), first_seconds)
