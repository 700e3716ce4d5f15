"""The tracer of scripts/: order of the folders, and what it prints of a way through the package."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.scripts_loader import ROOT, loaded_script

SCRIPT = ROOT / "scripts" / "trace_record.py"
PACKAGE = "airflow_provider_seventime"


@pytest.fixture(scope="module")
def tracer() -> Iterator[ModuleType]:
    with loaded_script("trace_record") as module:
        yield module


@pytest.mark.parametrize(
    ("caller", "callee", "upward"),
    [
        pytest.param("operators.invoices", "api.client", False, id="down"),
        pytest.param("api.client", "operators.invoices", True, id="up"),
        pytest.param("operators.time_logs", "transfers.seventime_to_sql", False, id="beside, allowed"),
        pytest.param("warehouse.copy", "api.client", True, id="beside, not allowed"),
        pytest.param("api.client", "api.listing.lists", False, id="down within a folder"),
        pytest.param("api.listing.lists", "api.client", True, id="up within a folder"),
        pytest.param("api.http.retry", "api.http.transport", False, id="within a room"),
        pytest.param("get_provider_info", "exceptions", False, id="without a layer"),
    ],
)
def test_order_of_the_folders(tracer: ModuleType, caller: str, callee: str, upward: bool) -> None:
    layers = tracer.read_layers(ROOT)
    assert layers.is_upward(f"{PACKAGE}.{caller}", f"{PACKAGE}.{callee}") is upward


def test_trace_finds_a_callback_from_a_lower_folder(tracer: ModuleType) -> None:
    """``dates.now`` calls a clock that the client passed down."""
    low: dict[str, Any] = {"__name__": f"{PACKAGE}.dates"}
    high: dict[str, Any] = {"__name__": f"{PACKAGE}.api.client"}
    exec("def now(clock):\n    return clock()", low)
    exec("def clock():\n    return 1\n\ndef start(now):\n    return now(clock)", high)

    with tracer.traced() as trace:
        high["start"](low["now"])

    ((caller, callee),) = tracer.upward(trace.calls, tracer.read_layers(ROOT))
    assert (str(caller), str(callee)) == ("dates.now", "api.client.clock")


@pytest.mark.parametrize(
    ("way", "edge"),
    [
        pytest.param("connection", "  hooks -> api: ", id="connection"),
        pytest.param("record", "  transfers/sync -> warehouse: ", id="record"),
        pytest.param("invoice", "  api/writing -> api: ", id="invoice"),
    ],
)
def test_way_reaches_the_api_and_goes_down_only(way: str, edge: str) -> None:
    outcome = subprocess.run(
        [sys.executable, str(SCRIPT), way, "--edges"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    first, *lines = outcome.stdout.splitlines() or [""]
    figures = re.fullmatch(rf"{way}: (\d+) modules, (\d+) functions", first)
    assert figures, outcome.stdout + outcome.stderr
    assert 10 < int(figures[1]) < int(figures[2])
    assert any(line.startswith(edge) for line in lines), outcome.stdout
    assert outcome.returncode == 0, outcome.stdout
