"""Sensor for a sales invoice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.common.compat.sdk import conf

from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.sensors.status_sensor import StatusSensor


class InvoiceStatusSensor(StatusSensor):
    """Wait until an invoice has a status.

    ::

        InvoiceStatusSensor(
            task_id="paid",
            invoice_id="5fae99b072aa334cb539ab73",
            target_status="paid",
            poke_interval=300,
            exponential_backoff=True,
            max_wait=timedelta(hours=1),
            timeout=timedelta(days=60),
        )

    The task fails without retries if the invoice gets one of ``failed_statuses`` or does not exist, or if the API
    refuses the key. Transient errors do not end the wait. Poking and deferred waiting have the same results, also for
    ``timeout`` and ``soft_fail``.

    Returned to XCom: ``_id``, ``invoiceNumber``, ``invoiceStatus`` with its name in ``status``, and
    ``totalAmountInclTax`` as text.

    :param invoice_id: the invoice's ``_id`` (templated).
    :param target_status: name or code of a status, or several: ``draft``, ``sent``, ``paid``, ``obliterated``,
        ``customer_loss`` (templated). Defaults to ``paid``.
    :param failed_statuses: names or codes that end the wait with failure (templated). A target status among them still
        counts as success. Defaults to ``obliterated``.
    :param deferrable: wait in the triggerer. Defaults to Airflow's ``[operators] default_deferrable``. The parameters
        ``poke_interval``, ``exponential_backoff``, ``max_wait`` and ``timeout`` apply there too.
    :param poke_interval: of Airflow's sensors: seconds or ``timedelta`` between two requests. Defaults to 60 seconds.
        ``exponential_backoff=True`` lets it grow up to ``max_wait``, which suits a wait of days.
    :param timeout: of Airflow's sensors: seconds or ``timedelta`` after which the wait fails. Defaults to 7 days. An
        invoice of 30 days is not yet due by then: give more, for example ``timedelta(days=60)``.
    :param seventime_conn_id: the Airflow connection (templated). Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("invoice_id", "target_status", "failed_statuses", "seventime_conn_id")
    resource = "invoices"

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
        refuse_wrong_types(self)

    @property
    def invoice_id(self) -> str:
        """The invoice's ``_id``."""
        return self.record_id

    @invoice_id.setter
    def invoice_id(self, invoice_id: str) -> None:
        self.record_id = invoice_id
