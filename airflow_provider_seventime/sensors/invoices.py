"""Wait for an invoice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

from airflow_provider_seventime.contract.resources import INVOICES
from airflow_provider_seventime.exceptions import ConfigError, SevenTimeError
from airflow_provider_seventime.hooks.failures import PermanentTaskError, permanent_failures_end_the_task
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.triggers.status import RecordStatusTrigger, Verdict, judge, parse_statuses, verdict_of

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

# The trigger keeps the deadline itself; Airflow's own is a net below it.
NET_BELOW_DEADLINE = timedelta(minutes=5)


class InvoiceStatusSensor(BaseSensorOperator):
    """Wait until an invoice has a status.

    Ends at once, without retries, when the invoice gets one of ``failed_statuses``, is missing, or the key is refused;
    waits through passing errors. Both modes decide by the same function, and in both ``timeout`` and ``soft_fail`` mean
    the same.

    Returned to XCom: ``_id``, ``invoiceNumber``, ``invoiceStatus`` with its name in ``status``, and
    ``totalAmountInclTax`` as text.

    :param invoice_id: the invoice's ``_id`` (templated).
    :param target_status: name or code, or several: ``draft``, ``sent``, ``paid``, ``obliterated``, ``customer_loss``
        (templated). Defaults to ``paid``.
    :param failed_statuses: names or codes that end the wait at once (templated); a target is never one of them.
        Defaults to ``obliterated``.
    :param deferrable: wait in the triggerer. Defaults to Airflow's ``[operators] default_deferrable``. The sensor's
        ``poke_interval``, ``exponential_backoff``, ``max_wait`` and ``timeout`` hold there too.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("invoice_id", "target_status", "failed_statuses", "seventime_conn_id")

    def __init__(
        self,
        *,
        invoice_id: str,
        target_status: str | int | Sequence[str | int] = "paid",
        failed_statuses: str | int | Sequence[str | int] = ("obliterated",),
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.invoice_id = invoice_id
        self.target_status = target_status
        self.failed_statuses = failed_statuses
        self.deferrable = deferrable
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> Any:
        """Wait; deferred after a first look where ``deferrable`` is set.

        :raises PermanentTaskError: what was waited for cannot come any more.
        :raises AirflowSensorTimeout: it did not come in time.
        """
        with self._skipped_where_failures_are_soft():
            return self._look_then_defer() if self.deferrable else super().execute(context)

    def _look_then_defer(self) -> dict[str, Any]:
        started = datetime.now(UTC)
        verdict = self._look()
        if verdict.outcome != "waiting":
            return self._conclude(verdict)
        timeout = timedelta(seconds=self.timeout)
        targets, failed = self._statuses()
        raise TaskDeferred(
            trigger=RecordStatusTrigger(
                seventime_conn_id=self.seventime_conn_id,
                resource=INVOICES.name,
                record_id=str(self.invoice_id).strip(),
                target_statuses=targets,
                failed_statuses=failed,
                poll_interval_seconds=float(self.poke_interval),
                longest_interval_seconds=self._longest_interval_seconds(),
                deadline=(started + timeout).isoformat(),
            ),
            method_name="execute_complete",
            timeout=timeout + NET_BELOW_DEADLINE,
        )

    def execute_complete(self, context: Context, event: Any = None) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Come back from the triggerer.

        :raises PermanentTaskError: what was waited for cannot come any more.
        :raises AirflowSensorTimeout: it did not come in time.
        :raises ProtocolError: the event is none of the trigger's.
        """
        with self._skipped_where_failures_are_soft():
            return self._conclude(verdict_of(event))

    def poke(self, context: Context) -> PokeReturnValue:  # noqa: ARG002 - Airflow's signature
        """Look once.

        :raises PermanentTaskError: what is waited for cannot come any more.
        """
        verdict = self._look()
        if verdict.outcome == "waiting":
            return PokeReturnValue(is_done=False)
        return PokeReturnValue(is_done=True, xcom_value=self._conclude(verdict))

    def _look(self) -> Verdict:
        with permanent_failures_end_the_task():
            targets, failed = self._statuses()
            try:
                with SevenTimeHook(self.seventime_conn_id).get_conn() as client:
                    verdict = judge(INVOICES, client.get(INVOICES.name, self.invoice_id), targets, failed)
            except SevenTimeError as error:
                if not error.transient:
                    raise
                verdict = Verdict("waiting", str(error))
        self.log.info("%s", verdict.message)
        return verdict

    def _statuses(self) -> tuple[list[int], list[int]]:
        targets = parse_statuses(INVOICES, self.target_status, "target_status")
        if not targets:
            raise ConfigError("target_status: it is empty, perhaps because a template rendered to nothing")
        failed = parse_statuses(INVOICES, self.failed_statuses, "failed_statuses")
        return targets, [code for code in failed if code not in targets]

    def _longest_interval_seconds(self) -> float | None:
        """Return what ``exponential_backoff`` and ``max_wait`` ask for, as the poking sensor understands them."""
        if not self.exponential_backoff:
            return None
        longest = self.max_wait.total_seconds() if isinstance(self.max_wait, timedelta) else self.max_wait
        return float(longest or self.timeout)

    @contextmanager
    def _skipped_where_failures_are_soft(self) -> Iterator[None]:
        """Let ``soft_fail`` and ``never_fail`` mean the same in both modes and in every Airflow: they differ in it."""
        try:
            yield
        except (PermanentTaskError, AirflowSensorTimeout) as error:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(str(error)) from error
            raise

    def _conclude(self, verdict: Verdict) -> dict[str, Any]:
        if verdict.outcome == "timed_out":
            raise AirflowSensorTimeout(verdict.message)
        if verdict.outcome == "failed":
            raise PermanentTaskError(verdict.message)
        return verdict.record or {}
