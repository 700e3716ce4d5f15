"""Warning about machines that share neither rate limit nor locks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.several_machines import executors_on_several_machines

EXECUTOR = "AIRFLOW__CORE__EXECUTOR"
USE_TWO_HOOKS = """
import logging
logging.basicConfig(format="%(levelname)s %(message)s")
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

for _ in range(2):
    SevenTimeHook().get_conn()
"""


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("LocalExecutor", []),
        ("SequentialExecutor", []),
        ("airflow.executors.local_executor.LocalExecutor", []),
        ("", []),
        ("CeleryExecutor", ["CeleryExecutor"]),
        ("KubernetesExecutor", ["KubernetesExecutor"]),
        ("airflow.providers.edge3.executors.EdgeExecutor", ["EdgeExecutor"]),
        ("LocalExecutor, CeleryExecutor", ["CeleryExecutor"]),
        ("mine:my.module.MyExecutor,LocalExecutor", ["MyExecutor"]),
        ("LocalExecutor;team_a=CeleryExecutor,KubernetesExecutor;team_b=CeleryExecutor", None),
        ("CeleryKubernetesExecutor", ["CeleryKubernetesExecutor"]),
    ],
)
def test_executors(setting, expected):
    found = ["CeleryExecutor", "KubernetesExecutor"] if expected is None else expected
    assert executors_on_several_machines(setting) == found


@pytest.mark.parametrize(
    ("variable", "value", "pacing", "warned"),
    [
        (EXECUTOR, "CeleryExecutor", "machine", "(CeleryExecutor)"),
        (EXECUTOR, "CeleryExecutor", "redis://127.0.0.1:1/0", None),  # no Redis listens there
        (EXECUTOR, "CeleryExecutor", "process", None),
        (EXECUTOR, "LocalExecutor", "machine", None),
        # Pods run with LocalExecutor as their setting.
        ("AIRFLOW_IS_K8S_EXECUTOR_POD", "True", "machine", "(KubernetesExecutor)"),
    ],
)
def test_the_connection_test_says_so(sandbox, connect, monkeypatch, variable, value, pacing, warned):
    monkeypatch.setenv(variable, value)
    connect(extra={"pacing": pacing, "requests_per_second": 1000})

    works, message = SevenTimeHook().test_connection()

    assert ("Airflow runs tasks on several machines" in message) is bool(warned)
    if warned:
        assert works
        assert warned in message
        assert "redis://" in message


def test_a_process_logs_one_warning(sandbox, connect, monkeypatch):
    connect(extra={"pacing": "machine"})
    monkeypatch.setenv(EXECUTOR, "LocalExecutor,CeleryExecutor")
    ended = subprocess.run(
        [sys.executable, "-c", USE_TWO_HOOKS], env=os.environ, capture_output=True, text=True, timeout=60, check=True
    )
    output = ended.stdout + ended.stderr
    assert output.count("Airflow runs tasks on several machines (CeleryExecutor)") == 1
    assert "extra pacing to the redis:// URL" in output
