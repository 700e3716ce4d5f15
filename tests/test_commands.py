"""Commands of the Makefile that can be tested without creating an environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
THIS_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a PATH with the tools of the shell and without Python."""
    for tool in ("sh", "env"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    return tmp_path


def add_command(path: Path, name: str, body: str) -> None:
    file = path / name
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)


def find_python(path: Path, newest: str = THIS_VERSION, **environment: str) -> subprocess.CompletedProcess[str]:
    return run("scripts/find_python.sh", newest, **{"PATH": str(path), "PYTHON": "", **environment})


WORKS = f'exec "{sys.executable}" "$@"'
FAILS = 'echo "pyenv: command not found" >&2; exit 127'


class TestFindPython:
    def test_newest_working_python_is_chosen(self, path: Path) -> None:
        add_command(path, "python3.13", FAILS)
        add_command(path, "python3.12", WORKS)
        add_command(path, "python3.11", WORKS)
        assert find_python(path).stdout.strip() == str(path / "python3.12")

    def test_plain_python_is_the_last_choice(self, path: Path) -> None:
        add_command(path, "python", WORKS)
        assert find_python(path).stdout.strip() == str(path / "python")

    def test_named_python_is_chosen(self, path: Path) -> None:
        add_command(path, "python3.12", WORKS)
        add_command(path, "my-python", WORKS)
        assert find_python(path, PYTHON="my-python").stdout.strip() == str(path / "my-python")

    def test_named_python_that_does_not_work_is_refused(self, path: Path) -> None:
        add_command(path, "python3.12", WORKS)
        add_command(path, "my-python", FAILS)
        outcome = find_python(path, PYTHON="my-python")
        assert outcome.returncode == 1
        assert "No usable Python" in outcome.stderr
        assert "my-python" in outcome.stderr
        assert "pyenv" not in outcome.stderr

    def test_python_newer_than_airflow_allows_is_refused(self, path: Path) -> None:
        add_command(path, "python3", WORKS)
        outcome = find_python(path, newest="3.10")
        assert outcome.returncode == 1
        assert "No usable Python" in outcome.stderr

    def test_message_says_what_to_install(self, path: Path) -> None:
        outcome = find_python(path)
        assert outcome.returncode == 1
        assert "Install one" in outcome.stderr


def test_matrix_refuses_an_unsupported_airflow_before_any_test() -> None:
    outcome = run("scripts/matrix.sh", "2.11", "2.10")
    assert outcome.returncode == 1
    assert "Airflow 2.10 is not among the supported versions: 2.11 " in outcome.stderr
    assert outcome.stdout == ""


def test_help_lists_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (\S+)$", makefile, flags=re.MULTILINE))
    outcome = run("make", "--no-print-directory")
    assert set(re.findall(r"^make (\S+) +\S", outcome.stdout, flags=re.MULTILINE)) == targets
    assert "test" in targets


def test_what_ci_leaves_out_on_the_oldest_airflow_imports_no_airflow() -> None:
    left_out = re.findall(r"^    (tests/\S+)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    layers = "hooks|operators|retry_policy|sensors|testing|transfers|triggers"
    airflow = re.compile(rf"(from|import) (airflow|sqlalchemy)\b|airflow_provider_seventime\.({layers})\b")
    files = [file for path in left_out for file in [ROOT / path, *(ROOT / path).rglob("*.py")] if file.is_file()]
    assert len(files) > 50
    assert [file for file in files if airflow.search(file.read_text(encoding="utf-8"))] == []
