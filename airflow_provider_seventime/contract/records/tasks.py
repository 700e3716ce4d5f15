"""Tasks and timers. The vendor documents their operations but not their fields, so every field is accepted."""

from __future__ import annotations

from typing import ClassVar

from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Id
from airflow_provider_seventime.contract.records.shared import DeleteByUser, Update


class TaskCreate(Record):
    """POST tasks."""

    documented_loosely: ClassVar[bool] = True

    createdByUser: Id


class TaskUpdate(Update):
    """PUT tasks."""

    documented_loosely: ClassVar[bool] = True


class TaskDelete(DeleteByUser):
    """DELETE tasks."""


class TimerAction(Record):
    """POST startTimer and POST stopTimer. The latter returns the time log that it creates."""

    documented_loosely: ClassVar[bool] = True

    createdByUser: Id | None = None
    user: Id | None = None
