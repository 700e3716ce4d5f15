"""Default reference: the reference of a record when the DAG gives none."""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class ReferenceField(Enum):
    """Default of the parameter ``reference_field``, where None means that no reference is written."""

    OWN = "the collection's own"


def default_reference(context: Context) -> str:
    """Return the reference of a task instance: the same in every try, and different from all other task instances'.

    Customers see it on their invoices. It is therefore a digest that does not reveal the names of DAGs and runs.
    """
    instance = context["ti"]
    identity = "\n".join([instance.dag_id, instance.run_id, instance.task_id, str(instance.map_index)])
    return f"airflow-{hashlib.sha256(identity.encode()).hexdigest()[:20]}"
