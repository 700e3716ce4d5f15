"""Wait for an invoice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.common.compat.sdk import conf

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.sensors.records import RecordStatusSensor


class InvoiceStatusSensor(RecordStatusSensor):
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
        super().__init__(
            resource="invoices",
            record_id=invoice_id,
            target_status=target_status,
            failed_statuses=failed_statuses,
            deferrable=deferrable,
            seventime_conn_id=seventime_conn_id,
            **kwargs,
        )

    @property
    def invoice_id(self) -> str:
        """The invoice's ``_id``."""
        return self.record_id

    @invoice_id.setter
    def invoice_id(self, invoice_id: str) -> None:
        self.record_id = invoice_id
