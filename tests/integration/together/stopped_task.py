"""Process of a task: ``python stopped_task.py JSON``. It prints a line when it begins, and one when it ends.

SIGTERM calls ``on_kill`` in the main thread and returns, as Airflow 3.2 and later do; SIGALRM ends ``execute`` as
Airflow's ``execution_timeout`` does.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from types import SimpleNamespace
from typing import Any

from airflow.providers.common.compat.sdk import AirflowTaskTimeout

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.records import SevenTimeCreateOperator
from airflow_provider_seventime.sensors.records import RecordStatusSensor


def show(**result: Any) -> None:
    """Print a result at once."""
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


def time_over(*_: object) -> None:
    """End the task, as Airflow's timeout does."""
    raise AirflowTaskTimeout


def create(task: dict[str, Any]) -> None:
    """Create records with an operator, which SIGTERM kills."""
    run(SevenTimeCreateOperator(task_id="create", resource="invoices", records=task["records"]))


def wait(task: dict[str, Any]) -> None:
    """Wait for a status with a sensor, which SIGTERM kills."""
    record_id = task["records"][0]
    run(
        RecordStatusSensor(
            task_id="wait", resource="invoices", record_id=record_id, target_status="paid", poke_interval=0.3
        )
    )


def run(operator: Any) -> None:
    """Execute an operator that SIGTERM kills."""
    signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
    show(started=True)
    instance = SimpleNamespace(
        dag_id="d", run_id="r", task_id="t", map_index=-1, try_number=1, xcom_push=lambda **_: None
    )
    operator.execute({"ti": instance})


def read(task: dict[str, Any]) -> None:
    """Read a list, with the client as a context or without."""
    hook = SevenTimeHook()
    show(started=True)
    if task["in_context"]:
        with hook.get_conn() as client:
            list(client.list("timeLogs"))
    else:
        list(hook.list("timeLogs"))


def main(task: dict[str, Any]) -> None:
    """Run a task and print how it ended."""
    # A shell may start the tests in the background, where SIGINT is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGALRM, time_over)
    try:
        {"create": create, "read": read, "wait": wait}[task["act"]](task)
    except BaseException as error:  # noqa: BLE001 - the test looks at it
        show(ended=type(error).__name__, transient=getattr(error, "transient", None), at=time.monotonic())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
