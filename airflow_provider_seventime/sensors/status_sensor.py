"""Base class of the sensors, which waits in the worker or in the triggerer.

It has no constructor: Airflow accepts every parameter of every constructor among the base classes. Each sensor has a
constructor with exactly its own parameters, and Airflow refuses all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from airflow.providers.common.compat.sdk import (
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    BaseSensorOperator,
    PokeReturnValue,
    TaskDeferred,
)

from airflow_provider_seventime.exceptions import ConfigError, SevenTimeError, StoppedError
from airflow_provider_seventime.hooks.seventime_task import SevenTimeTask
from airflow_provider_seventime.hooks.summary import short_name
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError, permanent_failures_end_the_task
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.triggers.evaluate import WaitResult, evaluate, parse_statuses, read_event
from airflow_provider_seventime.triggers.field_condition import FieldCondition, parse_field_condition

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.contract.spec import CollectionSpec

# The trigger ends at its own deadline. Airflow's timeout comes later, for a trigger that never ends.
DEADLINE_MARGIN = timedelta(minutes=5)

WaitLimit = Literal["timeout", "execution_timeout"]


@dataclass(frozen=True, slots=True)
class WaitConditions:
    """Conditions that end a wait, parsed from the sensor's parameters.

    :param collection: the record's collection.
    :param targets: status codes that end the wait with success.
    :param failed: status codes that end the wait with failure.
    :param target_field: condition on a field that ends the wait with success. None: there is none.
    :param failed_field: condition on a field that ends the wait with failure. None: there is none.
    """

    collection: CollectionSpec
    targets: list[int]
    failed: list[int]
    target_field: FieldCondition | None
    failed_field: FieldCondition | None

    def trigger_arguments(self) -> dict[str, Any]:
        """Return the conditions as arguments of the trigger, in JSON types."""
        target, failed = self.target_field, self.failed_field
        return {
            "resource": self.collection.name,
            "target_statuses": self.targets,
            "failed_statuses": self.failed,
            "target_field": target.field if target else None,
            "target_values": list(target.values) if target and target.values is not None else None,
            "failed_field": failed.field if failed else None,
            "failed_values": list(failed.values) if failed and failed.values is not None else None,
        }


class StatusSensor(SevenTimeTask, BaseSensorOperator):
    """Sensor that waits for a status or a field of one record.

    The constructors of its subclasses set its attributes, and those of field conditions by
    :meth:`_set_field_conditions`.
    """

    resource: str
    record_id: str
    target_status: str | int | Sequence[str | int] | None
    failed_statuses: str | int | Sequence[str | int]
    deferrable: bool
    seventime_conn_id: str
    target_field: str | None = None
    target_values: Any = None
    failed_field: str | None = None
    failed_values: Any = None
    _given: frozenset[str] = frozenset()
    _seen: dict[str, Any] | None = None  # the record's summary at the last check

    def _set_field_conditions(
        self, target_field: str | None, target_values: Any, failed_field: str | None, failed_values: Any
    ) -> None:
        self.target_field = target_field
        self.target_values = target_values
        self.failed_field = failed_field
        self.failed_values = failed_values
        # A parameter that is given and renders to None is an error. It must not mean "any value" or "no field".
        names = ("target_field", "target_values", "failed_field", "failed_values")
        self._given = frozenset(name for name in names if getattr(self, name) is not None)

    def execute(self, context: Context) -> Any:
        """Wait. A deferrable sensor checks once in the worker and then waits in the triggerer.

        The deferred wait ends at ``timeout`` or at ``execution_timeout``, whichever comes first.

        :raises PermanentTaskError: the record can no longer reach the target, or a parameter is invalid.
        :raises AirflowSensorTimeout: the record did not reach the target before the timeout.
        """
        with self._skip_on_soft_failure():
            return self._check_then_defer(context) if self.deferrable else super().execute(context)

    def _check_then_defer(self, context: Context) -> dict[str, Any]:
        from airflow_provider_seventime.triggers.record_status import RecordStatusTrigger

        started = datetime.now(UTC)
        conditions, result = self._check(context)
        if result.outcome != "waiting":
            return self._finish(result)
        limit, limited = self._nearer_limit()
        raise TaskDeferred(
            trigger=RecordStatusTrigger(
                seventime_conn_id=self.seventime_conn_id,
                record_id=str(self.record_id).strip(),
                poll_interval_seconds=float(self.poke_interval),
                longest_interval_seconds=self._longest_interval_seconds(),
                deadline=(started + limit).isoformat(),
                **conditions.trigger_arguments(),
            ),
            method_name="execute_complete",
            kwargs={"limited_by": limited},
            timeout=limit + DEADLINE_MARGIN,
        )

    def _nearer_limit(self) -> tuple[timedelta, WaitLimit]:
        """Return the time that a deferred wait may take. Airflow 3 applies ``execution_timeout`` in the worker only."""
        timeout = timedelta(seconds=self.timeout)
        if self.execution_timeout is not None and self.execution_timeout < timeout:
            return self.execution_timeout, "execution_timeout"
        return timeout, "timeout"

    def execute_complete(
        self,
        context: Context,  # noqa: ARG002 - Airflow's signature
        event: Any = None,
        limited_by: WaitLimit = "timeout",
    ) -> dict[str, Any]:
        """Finish the wait with the trigger's event.

        :param event: the trigger's event.
        :param limited_by: the parameter that set the trigger's deadline. Defaults to ``timeout``.
        :raises PermanentTaskError: the record can no longer reach the target.
        :raises AirflowSensorTimeout: the record did not reach the target before the timeout.
        :raises AirflowTaskTimeout: the record did not reach the target before the ``execution_timeout``. Airflow's
            ``retries`` apply, as they do for a task that is not deferred.
        :raises ProtocolError: the event is not one of this provider's trigger.
        """
        with self._skip_on_soft_failure():
            result = read_event(event)
            if result.outcome == "timed_out" and limited_by == "execution_timeout":
                raise AirflowTaskTimeout(f"{result.message}: execution_timeout, {self.execution_timeout}, has passed")
            if result.outcome == "reached":
                self.log.info("%s", result.message)
            return self._finish(result)

    def poke(self, context: Context) -> PokeReturnValue:
        """Check the record once.

        :raises PermanentTaskError: the record can no longer reach the target, or a parameter is invalid.
        """
        _, result = self._check(context)
        if result.outcome == "waiting":
            return PokeReturnValue(is_done=False)
        return PokeReturnValue(is_done=True, xcom_value=self._finish(result))

    def _check(self, context: Context) -> tuple[WaitConditions, WaitResult]:
        from airflow_provider_seventime.contract.registry import find_collection

        with permanent_failures_end_the_task(), self._open_client() as client:
            collection = find_collection(self.resource, "get", client.settings.api_version)
            if self._seen is None:
                self._show_links(context, client, collection.name, self.record_id)
            conditions = self._read_conditions(collection, client.settings.strict)
            try:
                record = client.get(collection.name, self.record_id)
            except SevenTimeError as error:
                if not error.transient or isinstance(error, StoppedError):
                    raise
                result = WaitResult("waiting", str(error))
            else:
                result = evaluate(
                    collection,
                    record,
                    conditions.targets,
                    conditions.failed,
                    target_field=conditions.target_field,
                    failed_field=conditions.failed_field,
                    previous=self._seen,
                )
        self._seen = result.record or self._seen
        self.log.info("%s", result.message)
        return conditions, result

    def _read_conditions(self, collection: CollectionSpec, strict: bool) -> WaitConditions:
        target_field = self._field_condition(collection, "target", strict)
        if target_field is not None and self.target_status is not None:
            raise ConfigError("target_status and target_field are both given; give one of them")
        if target_field is None:
            require_rendered("target_status", self.target_status)
        targets = [] if target_field else parse_statuses(collection, self.target_status, "target_status")
        failed = parse_statuses(collection, self.failed_statuses, "failed_statuses")
        remaining = [code for code in failed if code not in targets]
        failed_field = self._field_condition(collection, "failed", strict)
        return WaitConditions(collection, targets, remaining, target_field, failed_field)

    def _field_condition(self, collection: CollectionSpec, parameter: str, strict: bool) -> FieldCondition | None:
        """Return the condition of ``target_field`` and ``target_values``, or of their counterparts for ``failed``."""
        has_values = f"{parameter}_values" in self._given
        if f"{parameter}_field" not in self._given:
            if has_values:
                raise ConfigError(f"{parameter}_values is given without {parameter}_field; give the field too")
            return None
        return parse_field_condition(
            collection,
            getattr(self, f"{parameter}_field"),
            getattr(self, f"{parameter}_values"),
            parameter=parameter,
            any_value=not has_values,
            strict=strict,
        )

    def _longest_interval_seconds(self) -> float | None:
        """Return the limit of a growing interval, from ``exponential_backoff`` and ``max_wait``; None: no growth."""
        if not self.exponential_backoff:
            return None
        longest = self.max_wait.total_seconds() if isinstance(self.max_wait, timedelta) else self.max_wait
        return float(longest or self.timeout)

    @contextmanager
    def _skip_on_soft_failure(self) -> Iterator[None]:
        """Skip the task on a failure if ``soft_fail`` or ``never_fail`` is set.

        Airflow's versions and its two modes of waiting treat these parameters differently. This makes them equal.
        """
        try:
            yield
        except (PermanentTaskError, AirflowSensorTimeout) as error:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(str(error)) from error
            raise

    def _instance_name(self) -> str:
        return ", ".join(filter(None, [self._outcome_name, f"{self.resource} {self.record_id}"]))

    def _finish(self, result: WaitResult) -> dict[str, Any]:
        from airflow_provider_seventime.contract.registry import find_collection

        if result.outcome == "timed_out":
            raise AirflowSensorTimeout(result.message)
        if result.outcome == "failed":
            raise PermanentTaskError(result.message)
        record = result.record or {}
        self._outcome_name = short_name(find_collection(self.resource), record)
        return record
