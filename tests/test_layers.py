"""Import rules of pyproject.toml: the package follows them, and each rule finds a violation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "airflow_provider_seventime"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the rules for the package in a folder, in a process that imports it from there."""
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


def test_package_follows_its_import_rules() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("module", "statement", "rule"),
    [
        pytest.param("exceptions.py", f"from {PACKAGE} import dates", "Layers", id="exceptions-import-dates"),
        pytest.param("contract/__init__.py", f"import {PACKAGE}.api.client", "Layers", id="contract-imports-api"),
        pytest.param("api/client.py", f"import {PACKAGE}.hooks.seventime", "Layers", id="api-imports-hook"),
        pytest.param(
            "hooks/seventime.py", f"import {PACKAGE}.triggers.record_status", "Layers", id="hook-imports-trigger"
        ),
        pytest.param(
            "triggers/record_status.py", f"import {PACKAGE}.sensors.invoices", "Layers", id="trigger-imports-sensor"
        ),
        pytest.param("sandbox/__init__.py", f"import {PACKAGE}.api.client", "Layers", id="sandbox-imports-api"),
        pytest.param(
            "sandbox/rules/context.py",
            f"import {PACKAGE}.sandbox.rules.records",
            "Folders of sandbox/rules/",
            id="context-of-rules-imports-records",
        ),
        pytest.param("helpers.py", "import json", "Layers", id="module-without-a-layer"),
        pytest.param("api/helpers.py", "import json", "Folders of api/", id="module-of-api-without-a-layer"),
        pytest.param(
            "api/http/retry.py", f"import {PACKAGE}.api.listing.lists", "Folders of api/", id="http-imports-listing"
        ),
        pytest.param(
            "warehouse/values.py", f"import {PACKAGE}.warehouse.copy", "Folders of warehouse/", id="values-import-copy"
        ),
        pytest.param(
            "contract/__init__.py",
            "import airflow",
            "Only hooks and above import Airflow",
            id="contract-imports-airflow",
        ),
        pytest.param(
            "sandbox/state/store.py",
            "import airflow.models",
            "Only hooks and above import Airflow",
            id="sandbox-imports-airflow",
        ),
        pytest.param(
            "accounting/__init__.py",
            f"import {PACKAGE}.contract.codes",
            "Accounting does not import the contract",
            id="accounting-imports-contract",
        ),
        pytest.param(
            "files/partitions.py",
            f"import {PACKAGE}.api.client",
            "Files do not import the API",
            id="files-import-api",
        ),
        pytest.param(
            "operators/invoices.py",
            f"import {PACKAGE}.sandbox.server",
            "Only the testing module imports the sandbox",
            id="operator-imports-sandbox",
        ),
        pytest.param(
            "api/client.py",
            "import requests",
            "Only api/http/ imports an HTTP library",
            id="client-imports-requests",
        ),
        pytest.param(
            "get_provider_info.py",
            f"from {PACKAGE}.exceptions import ConfigError",
            "The metadata for Airflow imports no other module",
            id="metadata-imports-the-package",
        ),
    ],
)
def test_violation_is_reported_under_its_rule(copied_project: Path, module: str, statement: str, rule: str) -> None:
    with (copied_project / PACKAGE / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{statement}\n")

    outcome = lint_imports(copied_project)

    assert outcome.returncode != 0
    report = re.sub(
        r"\x1b\[\d+m", "", outcome.stdout
    )  # older versions of import-linter colour the output even in a file
    assert f"{rule} BROKEN" in report


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_page_shows_the_layers_of_the_rules(page: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (contract["layers"] for contract in contracts if contract["name"] == "Layers")
    (shown,) = re.findall(r"```\n(testing\n.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [re.sub(r" +\(.*\)$", "", line) for line in shown.splitlines()]
    assert lines == [layer.replace(" :", ",") for layer in layers]
