"""An error tracker for the tests: every failure's whole chain of exceptions, with the variables of every frame.

A listener, because in ``dags test`` the callbacks of Airflow 3.0 to 3.2 are handed no exception.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import Any

from airflow.listeners import hookimpl
from airflow.providers.common.compat.sdk import AirflowPlugin


class Listener:
    """Writes down what an error tracker would."""

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        traced = traceback.TracebackException.from_exception(error, capture_locals=True)
        with (Path(os.environ["SEVENTIME_TEST_LEFT"]) / "tracebacks.txt").open("a", encoding="utf-8") as file:
            file.write("".join(traced.format()) + "\n")


class KeptTracebacks(AirflowPlugin):
    """Listens to failures."""

    name = "kept_tracebacks"
    listeners = [Listener()]  # noqa: RUF012 - as Airflow declares it
