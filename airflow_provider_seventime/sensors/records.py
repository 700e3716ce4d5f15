"""Wait for a record of any collection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import (
    AirflowSensorTimeout,
    AirflowSkipException,
    BaseSensorOperator,
    PokeReturnValue,
    TaskDeferred,
    conf,
)

from airflow_provider_seventime.exceptions import ConfigError, SevenTimeError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError, permanent_failures_end_the_task
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.triggers.evaluate import WaitResult, evaluate, parse_statuses, read_event
from airflow_provider_seventime.triggers.field_condition import FieldCondition, parse_field_condition

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.contract.spec import CollectionSpec

# The trigger keeps the deadline itself; Airflow's own is a net below it.
DEADLINE_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class WaitConditions:
    """What a wait is for, read from the sensor's parameters."""

    resource: CollectionSpec
    targets: list[int]
    failed: list[int]
    target_field: FieldCondition | None
    failed_field: FieldCondition | None

    def trigger_arguments(self) -> dict[str, Any]:
        """Return it as plain arguments of the trigger."""
        target, failed = self.target_field, self.failed_field
        return {
            "resource": self.resource.name,
            "target_statuses": self.targets,
            "failed_statuses": self.failed,
            "target_field": target.field if target else None,
            "target_values": list(target.values) if target and target.values is not None else None,
            "failed_field": failed.field if failed else None,
            "failed_values": list(failed.values) if failed and failed.values is not None else None,
        }


class RecordStatusSensor(BaseSensorOperator):
    """Wait until a record has a status, or until a field of it is set or has a value.

    ::

        RecordStatusSensor(task_id="delivered", resource="purchaseOrders", record_id=..., target_status="delivered")
        RecordStatusSensor(task_id="closed", resource="workOrders", record_id=..., target_field="completedDate")
        RecordStatusSensor(task_id="accepted", resource="quotes", record_id=..., target_field="acceptedDate",
                           failed_field="rejectedDate")

    Give either ``target_status`` or ``target_field``. Ends at once, without retries, when the record gets a status of
    ``failed_statuses`` or shows ``failed_field``, is missing, or the key is refused; waits through passing errors. Both
    modes decide by the same function, and in both ``timeout`` and ``soft_fail`` mean the same.

    Returned to XCom: ``_id``, the number and the status with its name in ``status`` where the collection has them,
    ``totalAmountInclTax`` as text, and the fields that were waited for; numbers with decimals are text.

    :param resource: the collection, for example ``workOrders`` (templated).
    :param record_id: the record's ``_id`` (templated).
    :param target_status: name or code, or several (templated); where the API documents no names, as for ``quotes``, by
        code. None: wait for ``target_field``.
    :param failed_statuses: names or codes that end the wait at once (templated); a target is never one of them.
        Defaults to none.
    :param target_field: a documented field of the collection's records (templated); any field where the connection says
        ``strict: false``. None: wait for ``target_status``.
    :param target_values: value or values of ``target_field`` that end the wait (templated); a text is several where it
        has commas, a list is taken as it is. None: anything but null, false and what is empty.
    :param failed_field: a field that ends the wait at once (templated), as for ``target_field``. None: no field does.
    :param failed_values: value or values of ``failed_field`` that do so (templated). None: as for ``target_values``.
    :param deferrable: wait in the triggerer. Defaults to Airflow's ``[operators] default_deferrable``. The sensor's
        ``poke_interval``, ``exponential_backoff``, ``max_wait`` and ``timeout`` hold there too.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = (
        "resource",
        "record_id",
        "target_status",
        "failed_statuses",
        "target_field",
        "target_values",
        "failed_field",
        "failed_values",
        "seventime_conn_id",
    )

    def __init__(
        self,
        *,
        resource: str,
        record_id: str,
        target_status: str | int | Sequence[str | int] | None = None,
        failed_statuses: str | int | Sequence[str | int] = (),
        target_field: str | None = None,
        target_values: Any = None,
        failed_field: str | None = None,
        failed_values: Any = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.record_id = record_id
        self.target_status = target_status
        self.failed_statuses = failed_statuses
        self.target_field = target_field
        self.target_values = target_values
        self.failed_field = failed_field
        self.failed_values = failed_values
        # What was given and renders to None is a mistake, not a wish for any value or for no field at all.
        given = {"target_field": target_field, "target_values": target_values}
        given |= {"failed_field": failed_field, "failed_values": failed_values}
        self._given = frozenset(name for name, value in given.items() if value is not None)
        self.deferrable = deferrable
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> Any:
        """Wait; deferred after a first look where ``deferrable`` is set.

        :raises PermanentTaskError: what was waited for cannot come any more.
        :raises AirflowSensorTimeout: it did not come in time.
        """
        with self._skip_on_soft_failure():
            return self._check_then_defer() if self.deferrable else super().execute(context)

    def _check_then_defer(self) -> dict[str, Any]:
        from airflow_provider_seventime.triggers.record_status import RecordStatusTrigger

        started = datetime.now(UTC)
        conditions, result = self._check()
        if result.outcome != "waiting":
            return self._finish(result)
        timeout = timedelta(seconds=self.timeout)
        raise TaskDeferred(
            trigger=RecordStatusTrigger(
                seventime_conn_id=self.seventime_conn_id,
                record_id=str(self.record_id).strip(),
                poll_interval_seconds=float(self.poke_interval),
                longest_interval_seconds=self._longest_interval_seconds(),
                deadline=(started + timeout).isoformat(),
                **conditions.trigger_arguments(),
            ),
            method_name="execute_complete",
            timeout=timeout + DEADLINE_MARGIN,
        )

    def execute_complete(self, context: Context, event: Any = None) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Come back from the triggerer.

        :raises PermanentTaskError: what was waited for cannot come any more.
        :raises AirflowSensorTimeout: it did not come in time.
        :raises ProtocolError: the event is none of the trigger's.
        """
        with self._skip_on_soft_failure():
            return self._finish(read_event(event))

    def poke(self, context: Context) -> PokeReturnValue:  # noqa: ARG002 - Airflow's signature
        """Look once.

        :raises PermanentTaskError: what is waited for cannot come any more.
        """
        _, result = self._check()
        if result.outcome == "waiting":
            return PokeReturnValue(is_done=False)
        return PokeReturnValue(is_done=True, xcom_value=self._finish(result))

    def _check(self) -> tuple[WaitConditions, WaitResult]:
        from airflow_provider_seventime.contract.registry import find_collection

        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            conditions = self._read_conditions(
                find_collection(self.resource, "get", client.settings.api_version), client.settings.strict
            )
            try:
                record = client.get(conditions.resource.name, self.record_id)
            except SevenTimeError as error:
                if not error.transient:
                    raise
                result = WaitResult("waiting", str(error))
            else:
                result = evaluate(
                    conditions.resource,
                    record,
                    conditions.targets,
                    conditions.failed,
                    target_field=conditions.target_field,
                    failed_field=conditions.failed_field,
                )
        self.log.info("%s", result.message)
        return conditions, result

    def _read_conditions(self, collection: CollectionSpec, strict: bool) -> WaitConditions:
        target_field = self._condition(collection, "target", strict)
        if target_field is not None and self.target_status is not None:
            raise ConfigError("give either target_status or target_field: a wait has one end")
        if target_field is None:
            require_rendered("target_status", self.target_status)
        targets = [] if target_field else parse_statuses(collection, self.target_status, "target_status")
        failed = parse_statuses(collection, self.failed_statuses, "failed_statuses")
        remaining = [code for code in failed if code not in targets]
        return WaitConditions(
            collection, targets, remaining, target_field, self._condition(collection, "failed", strict)
        )

    def _condition(self, collection: CollectionSpec, parameter: str, strict: bool) -> FieldCondition | None:
        """Read ``target_field`` and ``target_values``, or the same of ``failed``."""
        values_given = f"{parameter}_values" in self._given
        if f"{parameter}_field" not in self._given:
            if values_given:
                raise ConfigError(f"{parameter}_values: of which field? Name it as {parameter}_field")
            return None
        return parse_field_condition(
            collection,
            getattr(self, f"{parameter}_field"),
            getattr(self, f"{parameter}_values"),
            parameter=parameter,
            any_value=not values_given,
            strict=strict,
        )

    def _longest_interval_seconds(self) -> float | None:
        """Return what ``exponential_backoff`` and ``max_wait`` ask for, as the poking sensor understands them."""
        if not self.exponential_backoff:
            return None
        longest = self.max_wait.total_seconds() if isinstance(self.max_wait, timedelta) else self.max_wait
        return float(longest or self.timeout)

    @contextmanager
    def _skip_on_soft_failure(self) -> Iterator[None]:
        """Let ``soft_fail`` and ``never_fail`` mean the same in both modes and in every Airflow: they differ in it."""
        try:
            yield
        except (PermanentTaskError, AirflowSensorTimeout) as error:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(str(error)) from error
            raise

    def _finish(self, result: WaitResult) -> dict[str, Any]:
        if result.outcome == "timed_out":
            raise AirflowSensorTimeout(result.message)
        if result.outcome == "failed":
            raise PermanentTaskError(result.message)
        return result.record or {}
