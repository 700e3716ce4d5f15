"""Wait in the triggerer until a record has a status or a field is set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_seventime.contract.codes import parse_code
from airflow_provider_seventime.contract.resource import Resource
from airflow_provider_seventime.contract.resources import find_resource
from airflow_provider_seventime.exceptions import ConfigError, ProtocolError, SevenTimeError
from airflow_provider_seventime.hooks.outcomes import label, plain_values, status_name, summarise
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.triggers.fields import FieldCondition

Outcome = Literal["reached", "failed", "timed_out", "waiting"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at a record came to.

    :param outcome: ``waiting`` goes on, everything else ends the wait.
    :param message: a sentence for a person.
    :param record: the record's id, number, status, amount and the fields waited for; None where it could not be read.
    """

    outcome: Outcome
    message: str
    record: dict[str, Any] | None = None


def judge(
    resource: Resource,
    record: Mapping[str, Any],
    targets: Iterable[int],
    failed: Iterable[int],
    *,
    target_field: FieldCondition | None = None,
    failed_field: FieldCondition | None = None,
) -> Verdict:
    """Decide whether a wait is over; poking and deferred waiting both go by this. A target goes before a failure.

    :param resource: the collection.
    :param record: the record as the API answered.
    :param targets: status codes that end the wait well.
    :param failed: status codes from which no target is expected any more.
    :param target_field: a field whose value ends the wait well, beside ``targets``; None: there is none.
    :param failed_field: a field whose value ends it badly, beside ``failed``; None: there is none.
    """
    good, bad = ({str(int(code)) for code in codes} for codes in (targets, failed))
    code = record.get(resource.status_field or "")
    conditions = [condition for condition in (target_field, failed_field) if condition]
    shown = [f"is {status_name(resource.status_codes, code)}"] if good or bad else []
    shown += dict.fromkeys(condition.describe(record) for condition in conditions)
    what = f"{label(resource, record)} {', '.join(shown)}"
    watched = {condition.field: record.get(condition.field) for condition in conditions}
    summary = summarise(resource, record) | plain_values(watched)
    if str(code) in good or (target_field and target_field.holds(resource, record)):
        return Verdict("reached", what, summary)
    if str(code) in bad or (failed_field and failed_field.holds(resource, record)):
        return Verdict("failed", f"{what}: it will not become what was waited for", summary)
    return Verdict("waiting", what, summary)


def parse_statuses(resource: Resource, statuses: Any, parameter: str) -> list[int]:
    """Read one status or several, by name or code; by code where the collection's statuses have no names.

    :param resource: the collection.
    :param statuses: a name, a code, or a list of them; ``"sent, paid"`` too, as a template may make it.
    :param parameter: the parameter's name, for the error.
    :raises ConfigError: a status is unknown, or the collection has none.
    """
    if isinstance(statuses, str):
        statuses = [part for part in statuses.split(",") if part.strip()]
    elif not isinstance(statuses, list | tuple | set | frozenset):
        statuses = [statuses]
    if statuses and resource.status_field is None:
        raise ConfigError(f"{resource.name} has no status to wait for; name a field of it as target_field")
    try:
        return [_status_code(resource, status) for status in statuses]
    except ValueError as error:
        raise ConfigError(f"{parameter}: {error}") from error


def _status_code(resource: Resource, status: object) -> int:
    """Read one status; raises ValueError with the reason."""
    if resource.status_codes is not None:
        return int(parse_code(resource.status_codes, status))
    text = str(status).strip()
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no code, and the statuses of {resource.name} have no documented names")
    return int(text)


def verdict_of(event: Any) -> Verdict:
    """Read a trigger's event.

    :raises ProtocolError: it is none of this trigger's.
    """
    outcome = event.get("outcome") if isinstance(event, Mapping) else None
    if outcome not in ("reached", "failed", "timed_out"):
        raise ProtocolError(f"the trigger handed back an event that is none of its own: {event!r:.200}")
    return Verdict(outcome, str(event.get("message")), event.get("record"))


def interval_after(look: int, first_seconds: float, longest_seconds: float | None) -> float:
    """Return the time from one look to the next.

    :param look: how many looks went before this one.
    :param first_seconds: time after the first look.
    :param longest_seconds: the time doubles from look to look up to this; None: it stays the same.
    """
    if longest_seconds is None:
        return first_seconds
    doublings = min(look, 32)  # enough to reach any interval, and no overflow
    return max(min(first_seconds * 2.0**doublings, longest_seconds), first_seconds)


class RecordStatusTrigger(BaseTrigger):
    """Look at a record at intervals until its status or a field of it ends the wait.

    Passing errors are logged and waited out; permanent ones end the wait at once.

    :param seventime_conn_id: the Airflow connection, looked up in the triggerer without blocking its event loop.
    :param resource: the collection.
    :param record_id: the record's ``_id``.
    :param target_statuses: codes that end the wait well.
    :param failed_statuses: codes that end it badly.
    :param poll_interval_seconds: time between two looks.
    :param longest_interval_seconds: the interval doubles from look to look up to this; None: it stays the same.
    :param deadline: instant (ISO 8601) at which the wait has timed out.
    :param target_field: field that ends the wait well; None: only a status does.
    :param target_values: its values, spelled as :func:`.triggers.fields.spell` does; None: anything.
    :param failed_field: field that ends it badly; None: only a status does.
    :param failed_values: its values; None: anything.
    """

    def __init__(
        self,
        *,
        seventime_conn_id: str,
        resource: str,
        record_id: str,
        target_statuses: list[int],
        failed_statuses: list[int],
        poll_interval_seconds: float,
        deadline: str,
        longest_interval_seconds: float | None = None,
        target_field: str | None = None,
        target_values: list[str] | None = None,
        failed_field: str | None = None,
        failed_values: list[str] | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seventime_conn_id = seventime_conn_id
        self.resource = resource
        self.record_id = record_id
        self.target_statuses = target_statuses
        self.failed_statuses = failed_statuses
        self.poll_interval_seconds = poll_interval_seconds
        self.longest_interval_seconds = longest_interval_seconds
        self.deadline = deadline
        self.target_field = target_field
        self.target_values = target_values
        self.failed_field = failed_field
        self.failed_values = failed_values

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            "seventime_conn_id": self.seventime_conn_id,
            "resource": self.resource,
            "record_id": self.record_id,
            "target_statuses": self.target_statuses,
            "failed_statuses": self.failed_statuses,
            "poll_interval_seconds": self.poll_interval_seconds,
            "longest_interval_seconds": self.longest_interval_seconds,
            "deadline": self.deadline,
            "target_field": self.target_field,
            "target_values": self.target_values,
            "failed_field": self.failed_field,
            "failed_values": self.failed_values,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: ``outcome``, ``message`` and ``record``."""
        verdict = await self._wait()
        yield TriggerEvent({"outcome": verdict.outcome, "message": verdict.message, "record": verdict.record})

    async def _wait(self) -> Verdict:
        entry = find_resource(self.resource)
        deadline = datetime.fromisoformat(self.deadline)
        try:
            # One attempt a look: the next look is the retry, and the triggerer's threads are few.
            client = await SevenTimeHook(self.seventime_conn_id).aget_conn(attempts=1)
        except SevenTimeError as error:
            return Verdict("failed", str(error))
        with client:
            look = 0
            while True:
                verdict = await self._look(client, entry)
                if verdict.outcome != "waiting":
                    return verdict
                self.log.info("%s", verdict.message)
                left_seconds = (deadline - datetime.now(UTC)).total_seconds()
                if left_seconds <= 0:
                    return Verdict("timed_out", f"{verdict.message}; the wait timed out", verdict.record)
                interval_seconds = interval_after(look, self.poll_interval_seconds, self.longest_interval_seconds)
                await asyncio.sleep(min(interval_seconds, left_seconds))
                look += 1

    async def _look(self, client: Any, entry: Resource) -> Verdict:
        try:
            record = await asyncio.to_thread(client.get, self.resource, self.record_id)
        except SevenTimeError as error:
            return Verdict("waiting" if error.transient else "failed", str(error))
        return judge(
            entry,
            record,
            self.target_statuses,
            self.failed_statuses,
            target_field=_condition(self.target_field, self.target_values),
            failed_field=_condition(self.failed_field, self.failed_values),
        )


def _condition(field: str | None, values: list[str] | None) -> FieldCondition | None:
    return FieldCondition(field, None if values is None else tuple(values)) if field else None
