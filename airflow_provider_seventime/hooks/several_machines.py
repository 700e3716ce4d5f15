"""Warning about a rate limit and locks that the machines of an Airflow do not share."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.per_process import PerProcess

if TYPE_CHECKING:  # parsing a DAG must not import requests and pydantic
    from airflow_provider_seventime.api.settings import Settings

# Executors whose tasks run on the machine of the scheduler.
LOCAL_EXECUTORS = ("LocalExecutor", "SequentialExecutor", "DebugExecutor")
# Variables that executors set in the containers of tasks. There the setting may name another executor.
CONTAINER_VARIABLES = {
    "AIRFLOW_IS_K8S_EXECUTOR_POD": "KubernetesExecutor",
    "AIRFLOW_IS_EXECUTOR_CONTAINER": "an executor with containers",
}

_warned = PerProcess(list[str])


def executors_on_several_machines(setting: str) -> list[str]:
    """Return the executors that run tasks on several machines, or may do so.

    :param setting: Airflow's ``[core] executor``: one name, or several, each a class or an alias with a class, and of
        teams: ``LocalExecutor,team_a=CeleryExecutor;EdgeExecutor,mine:my.module.MyExecutor``.
    """
    names = [re.split(r"[=:.]", part)[-1].strip() for part in re.split(r"[,;]", setting)]
    return [name for name in dict.fromkeys(names) if name and name not in LOCAL_EXECUTORS]


def several_machines_warning(settings: Settings) -> str | None:
    """Return a warning if tasks run on several machines and the connection's rate limit does not reach beyond one.

    :param settings: the connection.
    :return: what is not shared, and the setting that shares it. None: there is nothing to warn about.
    """
    from airflow.providers.common.compat.sdk import conf

    if settings.pacing != "machine":
        return None
    executors = executors_on_several_machines(conf.get("core", "executor", fallback=""))
    executors += [name for variable, name in CONTAINER_VARIABLES.items() if os.environ.get(variable)]
    if not executors:
        return None
    return (
        f"Airflow runs tasks on several machines ({', '.join(dict.fromkeys(executors))}), and pacing is 'machine': the "
        "machines share neither the rate limit nor the locks, so they may exceed the limit and create a record twice.\n"
        "Set the connection's extra pacing to the redis:// URL of a Redis that all of them reach"
    )


def warn_once(log: Any, conn_id: str, settings: Settings) -> None:
    """Log the warning, if there is one and this process has not logged it.

    :param log: the logger.
    :param conn_id: the Airflow connection.
    :param settings: its settings.
    """
    warning = several_machines_warning(settings)
    if warning is not None and not _warned.value:
        _warned.value.append(conn_id)
        log.warning("Connection %r: %s", conn_id, warning)
