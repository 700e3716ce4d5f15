"""Sensor for a record of any collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.common.compat.sdk import conf

from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.sensors.status_sensor import StatusSensor


class RecordStatusSensor(StatusSensor):
    """Wait until a record has a status, or until a field of it is set or has a value.

    ::

        RecordStatusSensor(task_id="delivered", resource="purchaseOrders", record_id=..., target_status="delivered")
        RecordStatusSensor(task_id="closed", resource="workOrders", record_id=..., target_field="completedDate")
        RecordStatusSensor(task_id="accepted", resource="quotes", record_id=..., target_field="acceptedDate",
                           failed_field="rejectedDate")

    Give either ``target_status`` or ``target_field``. The task fails without retries if the record gets a status of
    ``failed_statuses``, matches ``failed_field`` or does not exist, or if the API refuses the key. Transient errors do
    not end the wait. Poking and deferred waiting have the same results, also for ``timeout`` and ``soft_fail``.

    Returned to XCom: ``_id``; the number, and the status with its name in ``status``, if the collection has them;
    ``totalAmountInclTax`` as text; and the fields of the conditions. Numbers with decimals are text.

    :param resource: the collection, for example ``workOrders`` (templated).
    :param record_id: the record's ``_id`` (templated).
    :param target_status: name or code of a status, or several (templated). Collections without documented names, such
        as ``quotes``, take codes. None: wait for ``target_field``.
    :param failed_statuses: names or codes that end the wait with failure (templated). A target status among them still
        counts as success. Defaults to none.
    :param target_field: a documented field of the collection's records (templated). Any field if the connection has
        ``strict: false``. None: wait for ``target_status``.
    :param target_values: value or values of ``target_field`` that end the wait (templated). A text with commas is
        several values, a list is used as it is. None: any value but null, false and empty.
    :param failed_field: a field that ends the wait with failure (templated), as for ``target_field``. None: no field.
    :param failed_values: value or values of ``failed_field`` that end the wait (templated). None: as for
        ``target_values``.
    :param deferrable: wait in the triggerer. Defaults to Airflow's ``[operators] default_deferrable``. The parameters
        ``poke_interval``, ``exponential_backoff``, ``max_wait`` and ``timeout`` apply there too.
    :param poke_interval: of Airflow's sensors: seconds or ``timedelta`` between two requests. Defaults to 60 seconds.
        ``exponential_backoff=True`` lets it grow up to ``max_wait``, which suits a wait of days.
    :param timeout: of Airflow's sensors: seconds or ``timedelta`` after which the wait fails. Defaults to 7 days.
    :param seventime_conn_id: the Airflow connection (templated). Defaults to ``seventime_default``.
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
        self._set_field_conditions(target_field, target_values, failed_field, failed_values)
        self.deferrable = deferrable
        self.seventime_conn_id = seventime_conn_id
        refuse_wrong_types(self)
