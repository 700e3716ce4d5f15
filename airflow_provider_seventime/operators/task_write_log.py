"""Write log of a task instance: notes what a task sent, so that its next try knows about it.

Airflow 3.3 and later store it in the ``task_state_store``. It survives a killed worker, a retry and a clearing of the
task, and is deleted with the DAG run. Before 3.3 there is no such store, and the number of the try decides alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.writing.create_once import PriorAttempts

STATE_KEY = "seventime_create"
# Airflow derives the run ids of these types from the moment of the request, so a deleted run never returns. A deleted
# scheduled run may return with the same id.
RUN_TYPES_WITH_UNIQUE_IDS = ("manual", "asset_triggered", "operator_triggered")
MAX_TIME_BEFORE_START = timedelta(minutes=10)


class TaskWriteLog:
    """Write log of one task instance. It is a :class:`.WriteLog` of the client.

    :param context: the task's context.
    :param subject: name of what the task creates, from :func:`write_subject`. A note about another subject is ignored:
        the DAG was changed between two tries.
    """

    def __init__(self, context: Context, subject: str) -> None:
        self._store: Any = context.get("task_state_store")
        self._subject = subject
        self._try_number: int = context["ti"].try_number
        self._unique_run = is_unique_run(context.get("dag_run"))
        self._writes_under_way = 0
        note = self._store.get(STATE_KEY) if self._store is not None else None
        self._earlier_note: dict[str, Any] | None = note if isinstance(note, dict) else None

    def prior_attempts(self, *, own_reference: bool, has_key: bool) -> PriorAttempts:
        """Return what is known about earlier attempts.

        :param own_reference: no other task instance has this reference, or there is no reference.
        :param has_key: the record can be searched for.
        """
        from airflow_provider_seventime.api.writing.create_once import PriorAttempts

        if self._earlier_note is not None:
            unfinished = self._earlier_note.get("subject") == self._subject and not self._earlier_note.get("_id")
            return PriorAttempts.IN_DOUBT if unfinished else PriorAttempts.UNKNOWN
        if self._try_number > 1:
            # With a store, an earlier write would have left a note. Without one, only a search can show it.
            return PriorAttempts.IN_DOUBT if self._store is None and has_key else PriorAttempts.UNKNOWN
        certainly_first = own_reference and self._store is not None and self._unique_run
        return PriorAttempts.NONE_SENT if certainly_first else PriorAttempts.UNKNOWN

    @property
    def created_id(self) -> str | None:
        """The ``_id`` of the record that an earlier try created and noted. None: no such note."""
        note = self._earlier_note or {}
        return note.get("_id") if note.get("subject") == self._subject else None

    def write_started(self) -> None:
        """Note that a record is about to be sent."""
        self._writes_under_way += 1
        if self._writes_under_way == 1 and self._earlier_note is None:
            self._write_note({})

    def write_cancelled(self) -> None:
        """Delete the note, unless another record was sent."""
        self._writes_under_way -= 1
        if self._writes_under_way == 0 and self._earlier_note is None and self._store is not None:
            self._store.delete(STATE_KEY)

    def write_finished(self, record_id: str) -> None:
        """Note the record that exists now."""
        if self.created_id != record_id:
            self._write_note({"_id": record_id})

    def _write_note(self, details: Mapping[str, str]) -> None:
        if self._store is not None:
            self._store.set(STATE_KEY, {"subject": self._subject, **details})


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


def write_subject(resource: str, references: Sequence[str | None]) -> str:
    """Return a short name of what a task creates: the collection and a digest of its references."""
    digest = hashlib.sha256("\n".join(reference or "" for reference in references).encode())
    return f"{resource} {digest.hexdigest()[:20]}"
