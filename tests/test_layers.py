"""Who may import whom: the rules stand in pyproject.toml, and each of them is shown here to catch its breach."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "airflow_provider_seventime"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the rules on the package in that folder, in a process that finds the package there."""
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copied_project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_package_keeps_its_import_rules() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("module", "statement", "rule"),
    [
        pytest.param("exceptions.py", f"from {PACKAGE} import dates", "Layers", id="exceptions-import-dates"),
        pytest.param("contract/__init__.py", f"import {PACKAGE}.api.client", "Layers", id="contract-imports-api"),
        pytest.param("api/client.py", f"import {PACKAGE}.hooks.seventime", "Layers", id="api-imports-hook"),
        pytest.param("hooks/seventime.py", f"import {PACKAGE}.triggers.status", "Layers", id="hook-imports-trigger"),
        pytest.param(
            "triggers/record_status.py", f"import {PACKAGE}.sensors.invoices", "Layers", id="trigger-imports-sensor"
        ),
        pytest.param("sandbox/__init__.py", f"import {PACKAGE}.api.client", "Layers", id="sandbox-imports-api"),
        pytest.param(
            "sandbox/rules/context.py",
            f"import {PACKAGE}.sandbox.rules.records",
            "The rooms of sandbox/rules/",
            id="context-of-rules-imports-records",
        ),
        pytest.param("helpers.py", "import json", "Layers", id="module-without-a-place"),
        pytest.param(
            "contract/__init__.py", "import airflow", "Airflow begins at the hook", id="contract-imports-airflow"
        ),
        pytest.param(
            "sandbox/state/store.py",
            "import airflow.models",
            "Airflow begins at the hook",
            id="sandbox-imports-airflow",
        ),
        pytest.param(
            "accounting/__init__.py",
            f"import {PACKAGE}.contract.codes",
            "Accounting knows nothing of Seven Time's API",
            id="accounting-imports-contract",
        ),
        pytest.param(
            "operators/invoices.py",
            f"import {PACKAGE}.sandbox.store",
            "Only the testing module needs the sandbox",
            id="operator-imports-sandbox",
        ),
        pytest.param(
            "api/client.py", "import requests", "Only the transport speaks HTTP", id="client-imports-requests"
        ),
        pytest.param(
            "get_provider_info.py",
            f"from {PACKAGE}.exceptions import ConfigError",
            "The provider's description is pure data",
            id="description-imports-the-package",
        ),
    ],
)
def test_a_breach_is_reported_under_its_rule(copied_project: Path, module: str, statement: str, rule: str) -> None:
    with (copied_project / PACKAGE / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{statement}\n")

    outcome = lint_imports(copied_project)

    assert outcome.returncode != 0
    report = re.sub(r"\x1b\[\d+m", "", outcome.stdout)  # older import-linters colour even what goes to a file
    assert f"{rule} BROKEN" in report
