"""The key shows nowhere in what whole runs leave behind, with everything logged and much going wrong.

Both example DAGs run to success while requests fail, and a third DAG fails in every task. All that they print, log and
keep in files and databases lands below one folder, and the folder is searched.

Two things are arranged for, because they are Airflow's own doing:

* Airflow 3 asks its supervisor to mask the key. In ``dags test``, where task and supervisor are one process, it logs
  that request at debug level, the key included; a worker logs it without its content. These lines are not kept.
* Airflow encrypts what triggers are given. Without a Fernet key it keeps it as it is, so that it can be searched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_seventime.testing import TEST_EXTRA, connection_json, running_sandbox
from tests.integration.key_search import WINDOW, forms, places

AIRFLOW = Path(sys.executable).parent / "airflow"
TESTS = Path(__file__).parent
# As unmistakable as keys can be, and with characters that most ways of writing would escape.
KEY = 'k3y/Of+Seven=Time"never\\shown&Anywhere%7A'
WRONG_KEY = 'wr0ng/K3y+that=is"no\\less&secret%7Athan<it>'
MONTH = "2026-09"
MASKED_BY_AIRFLOW = re.compile(rb"^.*Sending request.*MaskSecret\(.*$", re.MULTILINE)

# Python's switch for printing every request, headers included.
SITECUSTOMIZE = """
import http.client
import sys

http.client.HTTPConnection.debuglevel = 1
print("every HTTP connection is to print what it sends", file=sys.stderr)
"""

FAULTS: list[dict[str, Any]] = [
    {"collection": "timeLogs", "kind": "status", "status": 500, "message": f"Fel vid {KEY}"},
    {"collection": "timeCategories", "kind": "html"},
    {"collection": "customers", "kind": "reset"},
    {"collection": "companyInformation", "kind": "status", "status": 429, "retry_after": 1, "message": KEY},
    {"collection": "invoices", "method": "POST", "kind": "reset", "when": "after"},
    {"collection": "invoices", "method": "PUT", "kind": "status", "status": 503, "message": f"Client-Secret: {KEY}"},
    {"collection": "invoices", "method": "GET", "kind": "cut_json", "when": "after"},
    {"collection": "invoices", "method": "GET", "kind": "redirect", "location": f"https://x.example/?key={KEY}"},
]
ECHOES: list[dict[str, Any]] = [
    {"collection": "projects", "kind": "status", "status": 400, "message": f"{KEY} may not", "times": None},
    {"collection": "invoices", "kind": "status", "status": 403, "message": f"{KEY} may not", "times": None},
]


@dataclass
class Left:
    """Files and results of the runs.

    :param folder: everything that was printed and written.
    :param output: what each DAG's run printed.
    :param codes: how each DAG's run ended.
    :param faults: the faults on order that no request met.
    """

    folder: Path
    output: dict[str, str]
    codes: dict[str, int]
    faults: list[dict[str, Any]]

    def table(self, name: str) -> str:
        """Return the text of a table of Airflow's database."""
        with closing(connect(self.folder / "airflow.db")) as database:
            return str(database.execute(f"SELECT * FROM {name}").fetchall())


@pytest.fixture(scope="module")
def left(airflow_database: str, tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("left")
    shutil.copy(airflow_database.removeprefix("sqlite:///"), folder / "airflow.db")
    (folder / "startup").mkdir()
    (folder / "startup" / "sitecustomize.py").write_text(SITECUSTOMIZE)
    codes = {}
    with (
        running_sandbox(today=date(2026, 10, 1), pay_after_seconds=2, api_key=KEY) as sandbox,
        port_that_refuses() as port,
    ):
        environment = environment_of(folder, connections_to(sandbox, port))
        sandbox.set_faults(FAULTS)
        for dag_id in ("seventime_bill_time_logs", "seventime_export_to_accounting"):
            codes[dag_id] = run(folder, environment, dag_id, "--conf", json.dumps({"month": MONTH}))
        never_met = sandbox.sandbox.faults.pending()
        sandbox.set_faults(ECHOES)
        failing = environment | {
            "AIRFLOW__CORE__DAGS_FOLDER": str(TESTS / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(TESTS / "failure_plugins"),
        }
        codes["failures_in_airflow"] = run(folder, failing, "failures_in_airflow")
    output = {dag_id: (folder / f"{dag_id}.output").read_text() for dag_id in codes}
    return Left(folder, output, codes, never_met)


def connections_to(sandbox: Any, port: int) -> dict[str, str]:
    default = json.loads(connection_json(sandbox))
    variants: dict[str, dict[str, Any]] = {
        "default": {},
        "wrong_key": {"password": WRONG_KEY},
        "refused": {"host": f"http://127.0.0.1:{port}"},
        "malformed": {"extra": TEST_EXTRA | {"page_size": 0}},
    }
    return {f"AIRFLOW_CONN_SEVENTIME_{name.upper()}": json.dumps(default | parts) for name, parts in variants.items()}


def environment_of(folder: Path, connections: dict[str, str]) -> dict[str, str]:
    warehouse = {"conn_type": "sqlite", "host": str(folder / "warehouse.db")}
    return (
        os.environ
        | connections
        | {
            "AIRFLOW_CONN_SEVENTIME_WAREHOUSE": json.dumps(warehouse),
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW_VAR_SEVENTIME_BOOKS": f"file://{folder}",
            "AIRFLOW__CORE__FERNET_KEY": "",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(folder / "startup"), os.environ.get("PYTHONPATH")])),
            "SEVENTIME_TEST_LEFT": str(folder),
            "TMPDIR": str(folder),
        }
    )


@contextmanager
def port_that_refuses() -> Iterator[int]:
    """Yield a port that is taken and has no listener."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def run(folder: Path, environment: dict[str, str], dag_id: str, *arguments: str) -> int:
    ended = subprocess.run(
        [str(AIRFLOW), "dags", "test", dag_id, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    (folder / f"{dag_id}.output").write_bytes(MASKED_BY_AIRFLOW.sub(b"", ended.stdout))
    return ended.returncode


def test_the_key_is_nowhere(left):
    assert places(left.folder, [KEY, WRONG_KEY]) == []


@pytest.mark.parametrize("dag_id", ["seventime_bill_time_logs", "seventime_export_to_accounting"])
def test_the_example_dags_came_through_the_faults(left, dag_id):
    assert left.codes[dag_id] == 0, left.output[dag_id][-4000:]
    assert left.faults == []


def test_everything_was_logged(left):
    for output in left.output.values():
        assert "every HTTP connection is to print what it sends" in output
        assert "Starting new HTTP connection" in output  # urllib3, at debug level
    billing = left.output["seventime_bill_time_logs"]
    assert "returned 500: Fel vid ***" in billing
    assert "returned 503: Client-Secret: ***" in billing


def test_every_task_of_the_failing_dag_left_its_error_with_its_variables(left):
    output, tracebacks = left.output["failures_in_airflow"], (left.folder / "tracebacks.txt").read_text()

    assert left.codes["failures_in_airflow"] != 0
    for text in (output, tracebacks):
        assert "returned 401" in text
        assert "returned 400: *** may not" in text
        assert "returned 403: *** may not" in text
        assert "refuses connections" in text
        assert "page_size" in text
    assert "    self = <airflow_provider_seventime.hooks.seventime.SevenTimeHook object" in tracebacks


def test_what_the_tasks_handed_on_was_kept(left):
    assert "seventime_bill_time_logs" in left.table("xcom")
    assert "seventime_bill_time_logs" in left.table("rendered_task_instance_fields")
    assert "seventime_conn_id" in (left.folder / "triggers.txt").read_text()
    if AIRFLOW_V_3_0_PLUS:  # before, "dags test" ran triggers without a row for them
        assert "seventime_conn_id" in left.table("trigger")
    assert (left.folder / f"FAKT-{MONTH}.SI").exists()
    assert (left.folder / "warehouse.db").exists()


@pytest.mark.parametrize("form", sorted(forms(KEY)))
def test_the_search_finds_a_key_in_a_log_of_such_a_run(left, tmp_path, form):
    log = left.output["seventime_export_to_accounting"].encode()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "task.log").write_bytes(log + form + log)

    (found,) = places(tmp_path, [KEY])

    assert found.startswith("logs/task.log: ")


@pytest.mark.parametrize("start", range(0, len(KEY) - WINDOW + 1, 5))
def test_the_search_finds_a_part_of_a_key(tmp_path, start):
    (tmp_path / "task.log").write_text(f"Client-Secret: {KEY[start : start + WINDOW]}...")

    assert len(places(tmp_path, [KEY])) == 1


@pytest.mark.parametrize("encode", [str.encode, lambda text: b64encode(text.encode())], ids=["plain", "base64"])
def test_the_search_finds_a_key_in_a_database(tmp_path, encode):
    with closing(connect(tmp_path / "airflow.db")) as database:
        database.execute("CREATE TABLE xcom (value)")
        # Longer than a page, so that the key is in no single piece of the file.
        for length in range(3900, 4100):
            database.execute("INSERT INTO xcom VALUES (?)", [encode("." * length + KEY)])
        database.commit()

    assert any(found.startswith("airflow.db: xcom: ") for found in places(tmp_path, [KEY]))


def test_the_search_finds_what_was_encoded_as_a_whole(tmp_path):
    for before in ("", "k", "ke", "key: "):
        (tmp_path / f"{len(before)}.log").write_bytes(b64encode(f"{before}{KEY} and more".encode()))

    assert len(places(tmp_path, [KEY])) == 4


def test_only_airflows_own_lines_are_left_out():
    asked = f"[debug] Sending request loc=supervisor.py msg=MaskSecret(value={KEY!r}, name=None)"
    others = f"[debug] GET Client-Secret: {KEY}\n[debug] Sending request {KEY}\n[info] MaskSecret(value={KEY!r})"

    assert MASKED_BY_AIRFLOW.sub(b"", f"{asked}\n{others}".encode()).decode().strip() == others
