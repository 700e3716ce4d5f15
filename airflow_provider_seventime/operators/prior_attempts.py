"""What a task instance remembers of a create from try to try, and what that tells of earlier tries.

Airflow 3.3 and later keep it in the ``task_state_store``, which outlives a killed worker, a retry and a clearing of the
task, and goes with the DAG run. Before 3.3 there is nothing to remember by, and only the number of the try to go by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.writing.create_once import PriorAttempts

KEY = "seventime_create"
# Their ids are made of the moment at which they were asked for; a scheduled run that is deleted may come again.
RUNS_WITH_AN_ID_OF_THEIR_OWN = ("manual", "asset_triggered", "operator_triggered")
LONGEST_BEFORE_START = timedelta(minutes=10)


class TaskWriteLog:
    """The memory of one task instance; it is told by the client before something is sent.

    :param context: the task's context.
    :param subject: what is created: the collection with its references. What is remembered of another subject, because
        the DAG was changed between two tries, is not taken for this one's.
    """

    def __init__(self, context: Context, subject: str) -> None:
        self._store: Any = context.get("task_state_store")
        self._subject = subject
        self._try_number: int = context["ti"].try_number
        self._unique_run = is_unique_run(context.get("dag_run"))
        self._sending = 0
        held = self._store.get(KEY) if self._store is not None else None
        self._held: dict[str, Any] | None = held if isinstance(held, dict) else None

    def before(self, *, own: bool, marked: bool) -> PriorAttempts:
        """Return what is known of earlier attempts.

        :param own: only this task instance creates what is created: the reference is its own, or there is none.
        :param marked: what is created can be looked for.
        """
        from airflow_provider_seventime.api.writing.create_once import PriorAttempts

        if self._held is not None:
            sent = self._held.get("subject") == self._subject and not self._held.get("_id")
            return PriorAttempts.IN_DOUBT if sent else PriorAttempts.UNKNOWN
        if self._try_number > 1:
            # Had an earlier try sent something, a memory would tell; without one, there is nothing to do but look.
            return PriorAttempts.IN_DOUBT if self._store is None and marked else PriorAttempts.UNKNOWN
        certain = own and self._store is not None and self._unique_run
        return PriorAttempts.NONE_SENT if certain else PriorAttempts.UNKNOWN

    @property
    def made_id(self) -> str | None:
        """The ``_id`` of the record that an earlier try made and heard back of; None: nothing is known of one."""
        held = self._held or {}
        return held.get("_id") if held.get("subject") == self._subject else None

    def sending(self) -> None:
        """Keep in mind that something is sent now."""
        self._sending += 1
        if self._sending == 1 and self._held is None:
            self._set({})

    def withdrawn(self) -> None:
        """Forget it, where nothing else was sent."""
        self._sending -= 1
        if self._sending == 0 and self._held is None and self._store is not None:
            self._store.delete(KEY)

    def made(self, record_id: str) -> None:
        """Keep in mind which record there is now."""
        if self.made_id != record_id:
            self._set({"_id": record_id})

    def _set(self, known: Mapping[str, str]) -> None:
        if self._store is not None:
            self._store.set(KEY, {"subject": self._subject, **known})


def is_unique_run(run: Any) -> bool:
    """Tell whether there cannot have been an earlier DAG run of the same id.

    Such a run, deleted since, might have created what this one's references name.

    :param run: Airflow's DAG run; None: unknown.
    """
    run_type = str(getattr(getattr(run, "run_type", None), "value", getattr(run, "run_type", "")))
    run_after, started = getattr(run, "run_after", None), getattr(run, "start_date", None)
    if run_type not in RUNS_WITH_AN_ID_OF_THEIR_OWN or run_after is None or started is None:
        return False
    named_by_airflow = run_after.isoformat() in run.run_id
    return named_by_airflow and abs(started - run_after) < LONGEST_BEFORE_START and not getattr(run, "clear_number", 0)


def subject_of(collection: str, references: Sequence[str | None]) -> str:
    """Return a short name of what a task creates: the collection and a digest of its references."""
    digest = hashlib.sha256("\n".join(reference or "" for reference in references).encode())
    return f"{collection} {digest.hexdigest()[:20]}"
