"""Trigger that waits until a record has a status, or until a field of it has a value."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_seventime.exceptions import SevenTimeError
from airflow_provider_seventime.hooks.failures import failure_text
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.triggers.evaluate import WaitResult, evaluate, next_interval_seconds
from airflow_provider_seventime.triggers.field_condition import FieldCondition

if TYPE_CHECKING:  # the client and the contract are loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.spec import CollectionSpec


class RecordStatusTrigger(BaseTrigger):
    """Check a record at intervals until its status or a field of it ends the wait.

    A transient error is logged and the wait continues. A permanent error ends the wait.

    :param seventime_conn_id: the Airflow connection, read in the triggerer without blocking its event loop.
    :param resource: the collection.
    :param record_id: the record's ``_id``.
    :param target_statuses: status codes that end the wait with success.
    :param failed_statuses: status codes that end the wait with failure.
    :param poll_interval_seconds: time between two checks.
    :param deadline: instant (ISO 8601) at which the wait times out.
    :param longest_interval_seconds: the interval doubles after each check up to this limit. None: it does not change.
    :param target_field: field that ends the wait with success. None: only a status does.
    :param target_values: values of ``target_field``, normalised by :func:`.triggers.field_condition.normalise`. None:
        any value but null, false and empty.
    :param failed_field: field that ends the wait with failure. None: only a status does.
    :param failed_values: values of ``failed_field``, likewise.
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
        """Return the path of the class and its arguments."""
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
        """Yield one event with ``outcome``, ``message`` and ``record`` of the :class:`WaitResult`."""
        result = await self._wait()
        yield TriggerEvent({"outcome": result.outcome, "message": result.message, "record": result.record})

    async def _wait(self) -> WaitResult:
        from airflow_provider_seventime.contract.registry import find_collection

        collection = find_collection(self.resource)
        deadline = datetime.fromisoformat(self.deadline)
        try:
            # One attempt per check: the next check is the retry, and the triggerer has few threads.
            client = await SevenTimeHook(self.seventime_conn_id).aget_conn(attempts=1)
        except SevenTimeError as error:
            return WaitResult("failed", str(error))
        with client:
            earlier_checks = 0
            seen: dict[str, Any] | None = None
            while True:
                result = await self._check(client, collection, seen)
                seen = result.record or seen
                if result.outcome != "waiting":
                    return result
                self.log.info("%s", result.message)
                left_seconds = (deadline - datetime.now(UTC)).total_seconds()
                if left_seconds <= 0:
                    return WaitResult("timed_out", f"{result.message}; the wait timed out", result.record)
                interval_seconds = next_interval_seconds(
                    earlier_checks, self.poll_interval_seconds, self.longest_interval_seconds
                )
                await asyncio.sleep(min(interval_seconds, left_seconds))
                earlier_checks += 1

    async def _check(
        self, client: SevenTimeClient, collection: CollectionSpec, previous: dict[str, Any] | None
    ) -> WaitResult:
        try:
            record = await asyncio.to_thread(client.get, self.resource, self.record_id)
        except SevenTimeError as error:
            error.connection = f"{self.seventime_conn_id}, {client.settings.base_url}"
            return WaitResult("waiting", str(error)) if error.transient else WaitResult("failed", failure_text(error))
        return evaluate(
            collection,
            record,
            self.target_statuses,
            self.failed_statuses,
            target_field=_condition(self.target_field, self.target_values),
            failed_field=_condition(self.failed_field, self.failed_values),
            previous=previous,
        )


def _condition(field: str | None, values: list[str] | None) -> FieldCondition | None:
    return FieldCondition(field, None if values is None else tuple(values)) if field else None
