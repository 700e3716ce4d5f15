"""Write log of a task instance: what its earlier tries sent.

Airflow 3.3 and later store it in the ``task_state_store``. It survives a killed worker, a retry and a clearing of the
task, and is deleted with the DAG run. Before 3.3 there is no such store, and the number of the try decides alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.writing.create_once import PriorAttempts
    from airflow_provider_seventime.api.writing.write_log import WriteLog

# Airflow derives the run ids of these types from the moment of the request, so a deleted run never returns. A deleted
# scheduled run may return with the same id.
RUN_TYPES_WITH_UNIQUE_IDS = ("manual", "asset_triggered", "operator_triggered")
MAX_TIME_BEFORE_START = timedelta(minutes=10)


def open_write_log(context: Context, resource: str, contents: Sequence[str | None]) -> WriteLog:
    """Return the write log of a task instance.

    :param context: the task's context.
    :param resource: the collection.
    :param contents: references or other texts that identify what the task creates. A note about other contents is
        ignored: the DAG was changed between two tries.
    """
    from airflow_provider_seventime.api.writing.write_log import WriteLog

    digest = hashlib.sha256("\n".join(text or "" for text in contents).encode())
    return WriteLog(context.get("task_state_store"), f"{resource} {digest.hexdigest()[:20]}")


def prior_attempts_of(context: Context, write_log: WriteLog, *, own_reference: bool, has_key: bool) -> PriorAttempts:
    """Return what a task instance knows about its earlier tries.

    :param context: the task's context.
    :param write_log: the task's write log.
    :param own_reference: no other task instance has this reference, or there is no reference.
    :param has_key: the record can be searched for.
    """
    from airflow_provider_seventime.api.writing.create_once import PriorAttempts

    if write_log.has_earlier_note:
        return PriorAttempts.IN_DOUBT if write_log.is_in_doubt else PriorAttempts.UNKNOWN
    if context["ti"].try_number > 1:
        # With a store, an earlier write would have left a note. Without one, only a search can show it.
        return PriorAttempts.UNKNOWN if write_log.is_durable or not has_key else PriorAttempts.IN_DOUBT
    certainly_first = own_reference and write_log.is_durable and is_unique_run(context.get("dag_run"))
    return PriorAttempts.NONE_SENT if certainly_first else PriorAttempts.UNKNOWN


def is_unique_run(run: Any) -> bool:
    """Return True if no earlier DAG run can have had the same id.

    An earlier run of the same id, deleted since, may have created records with the same references.

    :param run: Airflow's DAG run. None: unknown.
    """
    run_type = str(getattr(getattr(run, "run_type", None), "value", getattr(run, "run_type", "")))
    run_after, started = getattr(run, "run_after", None), getattr(run, "start_date", None)
    if run_type not in RUN_TYPES_WITH_UNIQUE_IDS or run_after is None or started is None:
        return False
    named_by_airflow = run_after.isoformat() in run.run_id
    return named_by_airflow and abs(started - run_after) < MAX_TIME_BEFORE_START and not getattr(run, "clear_number", 0)
