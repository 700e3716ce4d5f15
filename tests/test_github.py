"""The files for GitHub and pre-commit: they name the versions and the checks of the rest of the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CLASSIFIERS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
PINNED_ACTION = re.compile(r"[\w-]+/[\w-]+@(v\d+|release/v\d+)|\./\.github/workflows/\w+\.yml")


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def supported_airflow() -> list[str]:
    lines = (ROOT / "scripts" / "airflow_versions.txt").read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def test_check_workflow_runs_on_every_python_of_the_classifiers() -> None:
    tested = read(".github/workflows/check.yml")["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert tested == [name.rpartition(" ")[2] for name in CLASSIFIERS if re.search(r":: 3\.\d+$", name)]


def test_matrix_workflow_runs_every_supported_airflow() -> None:
    assert read(".github/workflows/matrix.yml")["jobs"]["test"]["strategy"]["matrix"]["airflow"] == supported_airflow()


def test_matrix_workflow_has_the_servers_of_the_check_workflow() -> None:
    check, matrix = read(".github/workflows/check.yml")["jobs"], read(".github/workflows/matrix.yml")["jobs"]
    assert matrix["test"]["services"] == check["check"]["services"]
    assert set(matrix["test"]["services"]) == {"postgres", "mariadb", "redis"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_may_only_read_and_pins_its_actions(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    assert read(str(workflow))["permissions"] == {"contents": "read"}
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert [action for action in used if not PINNED_ACTION.fullmatch(action)] == []


def test_release_publishes_on_a_tag_without_a_token() -> None:
    workflow = read(".github/workflows/release.yml")
    publish = workflow["jobs"]["publish"]
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key `on` as true
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["needs"] == "build"
    assert workflow["jobs"]["build"]["needs"] == "check"
    assert "secrets" not in (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def test_pre_commit_has_every_check_of_make_check() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    checks = {line.strip().lstrip("@").replace(" --check .", "").replace(" .", "") for line in recipe[1].splitlines()}
    (local,) = read(".pre-commit-config.yaml")["repos"]
    hooks = {re.sub(r" --(force-exclude|fix)\b", "", hook["entry"]) for hook in local["hooks"]}
    assert local["repo"] == "local"
    assert hooks == checks
