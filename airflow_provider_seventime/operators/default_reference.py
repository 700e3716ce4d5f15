"""The reference that a task gives a record when the DAG names none."""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class ReferenceField(Enum):
    """A reference field that is not named, where None already means that there is to be none."""

    OWN = "the collection's own"


def reference_of(context: Context) -> str:
    """Return the reference of a task instance: the same for every try, another for every other task instance.

    It stands on the customer's invoice, so it is a digest that tells nothing of DAGs and runs.
    """
    instance = context["ti"]
    named = "\n".join([instance.dag_id, instance.run_id, instance.task_id, str(instance.map_index)])
    return f"airflow-{hashlib.sha256(named.encode()).hexdigest()[:20]}"
