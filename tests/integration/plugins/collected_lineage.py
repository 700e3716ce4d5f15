"""A reader of hook lineage for the tests: what was collected when a task succeeded, as a line of JSON for each."""

from __future__ import annotations

import json
import os
from typing import Any

from airflow.listeners import hookimpl
from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector
from airflow.providers.common.compat.sdk import AirflowPlugin, HookLineageReader


class Listener:
    """Writes what was collected until then: ``dags test`` runs all tasks in one process."""

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        collected = get_hook_lineage_collector().collected_assets
        line = {
            "task": task_instance.task_id,
            "inputs": [one.asset.uri for one in collected.inputs],
            "outputs": [one.asset.uri for one in collected.outputs],
            "collected_by": sorted({type(one.context).__name__ for one in (*collected.inputs, *collected.outputs)}),
        }
        with open(os.environ["SEVENTIME_TEST_LINEAGE"], "a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")


class CollectedLineage(AirflowPlugin):
    """Turns the collection on, and writes it down."""

    name = "collected_lineage"
    hook_lineage_readers = [HookLineageReader]  # noqa: RUF012 - as Airflow declares it
    listeners = [Listener()]  # noqa: RUF012
