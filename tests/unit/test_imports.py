"""Parsing a DAG is cheap: what does the work is loaded when work begins."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_3_PLUS

import airflow_provider_seventime

PACKAGE = "airflow_provider_seventime"
ROOT = Path(airflow_provider_seventime.__file__).parent
# What DAG files, the triggerer and the connection page import; the other modules of transfers/ are loaded by these.
PARSED = sorted(
    f"{PACKAGE}.{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}"
    for pattern in (
        "hooks/*.py",
        "operators/*.py",
        "sensors/*.py",
        "triggers/*.py",
        "transfers/*_to_*.py",
        "transfers/windows.py",
        "retry_policy.py",
    )
    for path in ROOT.glob(pattern)
    if path.stem not in ({"__init__"} if AIRFLOW_V_3_3_PLUS else {"__init__", "retry_policy"})
)
# The rest of this package that they may load: neither contract nor client nor bookkeeping.
BESIDE_THEM = {
    PACKAGE,
    *(f"{PACKAGE}.{part}" for part in ("hooks", "operators", "sensors", "triggers", "transfers")),
    *(f"{PACKAGE}.{module}" for module in ("exceptions", "get_provider_info", "dates", "per_process", "templates")),
    # The common base of the transfers and the value object of their parameters.
    *(f"{PACKAGE}.transfers.{module}" for module in ("collection_transfer", "reading", "reading.read_parameters")),
}
# Modules of anybody else, all of ours together; one is Airflow's base of the retry policy.
MOST_OTHERS = 3
HEAVY = {"requests", "urllib3", "tenacity", "pydantic", "sqlalchemy", "msgspec", "pyarrow", "starlette", "uvicorn"}
# What the DAG files of anybody load, whatever the operators in them.
AIRFLOW = """
from airflow.providers.common.compat.sdk import BaseHook, BaseOperator, BaseSensorOperator, PokeReturnValue, conf
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSensorTimeout, AirflowSkipException
from airflow.providers.common.compat.sdk import TaskDeferred
from airflow.triggers.base import BaseTrigger, TriggerEvent
"""
# Without what only the triggerer needs.
POKING = "from airflow.providers.common.compat.sdk import BaseHook, BaseSensorOperator, PokeReturnValue, conf\n"
SHOW = "\nimport json, sys; print('MODULES', json.dumps(sorted(sys.modules)))\n"


def modules_after(*programs: str) -> list[frozenset[str]]:
    """Return the modules that a fresh interpreter has loaded after each of several programs, one after the other."""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "".join(program + SHOW for program in programs)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = (line.removeprefix("MODULES ") for line in ended.stdout.splitlines() if line.startswith("MODULES "))
    return [frozenset(json.loads(line)) for line in lines]


def packages(modules: frozenset[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_parsing_loads_nothing_heavy_beyond_airflow():
    before, after = modules_after(AIRFLOW, "\n".join(f"import {module}" for module in PARSED))
    added = after - before

    assert set(PARSED) <= added
    ours = {module for module in added if packages(frozenset([module])) == {PACKAGE}}
    assert ours - BESIDE_THEM == set(PARSED)
    assert not packages(added) & HEAVY, sorted(added)
    assert len(added - ours) <= MOST_OTHERS, sorted(added - ours)


def test_a_sensor_that_does_not_defer_loads_no_trigger():
    before, after = modules_after(POKING, f"import {PACKAGE}.sensors.invoices")
    added = after - before

    assert f"{PACKAGE}.sensors.invoices" in added
    assert not {f"{PACKAGE}.triggers.status", "airflow.triggers.base"} & added


def test_every_module_that_a_dag_imports_is_looked_at():
    assert {f"{PACKAGE}.{name}" for name in ("operators.invoices", "sensors.invoices", "triggers.record_status")} < set(
        PARSED
    )
    assert {f"{PACKAGE}.hooks.seventime", f"{PACKAGE}.transfers.invoices_to_sie"} < set(PARSED)


def test_the_comparison_would_see_a_heavy_import():
    before, after = modules_after("import typing", f"import {PACKAGE}.api.http.transport")

    assert packages(after - before) & HEAVY


def test_the_providers_description_loads_nothing_at_all():
    before, after = modules_after(
        "import typing", f"from {PACKAGE}.get_provider_info import get_provider_info; get_provider_info()"
    )
    added = after - before

    assert {module for module in added if module.startswith(PACKAGE)} == {PACKAGE, f"{PACKAGE}.get_provider_info"}
    assert packages(added) <= {PACKAGE, *sys.stdlib_module_names}


def test_what_works_without_airflow_loads_no_airflow():
    layers = ["contract.checking", "api.client", "accounting.sie", "warehouse.copy", "sandbox.server"]

    for layer, modules in zip(layers, modules_after(*(f"import {PACKAGE}.{layer}" for layer in layers)), strict=True):
        assert "airflow" not in packages(modules), layer
