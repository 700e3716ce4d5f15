"""Import rules of pyproject.toml: the package follows them, and each rule finds a violation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

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


# Module, what it is made to import, and the rule that forbids it.
FORBIDDEN = [
    ("exceptions.py", "airflow_provider_seventime.dates", "Layers"),
    ("contract/__init__.py", "airflow_provider_seventime.api.client", "Layers"),
    ("api/client.py", "airflow_provider_seventime.hooks.seventime", "Layers"),
    ("hooks/seventime.py", "airflow_provider_seventime.triggers.record_status", "Layers"),
    ("triggers/record_status.py", "airflow_provider_seventime.sensors.invoices", "Layers"),
    ("sandbox/__init__.py", "airflow_provider_seventime.api.client", "Layers"),
    ("sandbox/rules/context.py", "airflow_provider_seventime.sandbox.rules.records", "Folders of sandbox/rules/"),
    ("api/http/retry.py", "airflow_provider_seventime.api.listing.lists", "Folders of api/"),
    ("warehouse/values.py", "airflow_provider_seventime.warehouse.copy", "Folders of warehouse/"),
    ("contract/__init__.py", "airflow", "Only hooks and above import Airflow"),
    ("sandbox/state/store.py", "airflow.models", "Only hooks and above import Airflow"),
    ("accounting/__init__.py", "airflow_provider_seventime.contract.codes", "Accounting does not import the contract"),
    ("files/partitions.py", "airflow_provider_seventime.api.client", "Files do not import the API"),
    (
        "operators/invoices.py",
        "airflow_provider_seventime.sandbox.server",
        "Only the testing module imports the sandbox",
    ),
    ("api/client.py", "requests", "Only api/http/ imports an HTTP library"),
    (
        "get_provider_info.py",
        "airflow_provider_seventime.exceptions",
        "The metadata for Airflow imports no other module",
    ),
]
NEW_MODULES = [
    ("helpers.py", "Layers"),
    ("api/helpers.py", "Folders of api/"),
]


def report_of(outcome: subprocess.CompletedProcess[str]) -> str:
    """Return the report without the colours that older versions of import-linter write even into a file."""
    return re.sub(r"\x1b\[\d+m", "", outcome.stdout)


def test_each_violation_is_reported_under_its_rule(copied_project: Path, subtests: Any) -> None:
    for module, target, _ in FORBIDDEN:
        with (copied_project / PACKAGE / module).open("a", encoding="utf-8") as file:
            file.write(f"\nimport {target}\n")

    report = report_of(lint_imports(copied_project))
    sections = dict(re.findall(r"^([^\n]+)\n-+\n\n(.*?)(?=^[^\n]+\n-+\n\n|\Z)", report, re.DOTALL | re.MULTILINE))

    for module, target, rule in FORBIDDEN:
        importer = f"{PACKAGE}/{module}".removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        # External packages are reported as a whole.
        imported = target if target.startswith(PACKAGE) else target.partition(".")[0]
        with subtests.test(module=module, target=target):
            assert f"{rule} BROKEN" in report
            assert re.search(rf"- +{re.escape(importer)} -> {re.escape(imported)} \(l", sections[rule]), sections[rule]


@pytest.mark.parametrize(("module", "rule"), NEW_MODULES)
def test_a_module_without_a_layer_is_reported(copied_project: Path, module: str, rule: str) -> None:
    (copied_project / PACKAGE / module).write_text("import json\n", encoding="utf-8")

    outcome = lint_imports(copied_project)

    assert outcome.returncode != 0
    assert f"{rule} BROKEN" in report_of(outcome)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_page_shows_the_layers_of_the_rules(page: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (contract["layers"] for contract in contracts if contract["name"] == "Layers")
    (shown,) = re.findall(r"```\n(__main__ \| testing\n.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [re.sub(r" +\(.*\)$", "", line) for line in shown.splitlines()]
    assert lines == [layer.replace(" :", ",") for layer in layers]
