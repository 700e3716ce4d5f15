"""The DAG of docs/tutorial.md, run by Airflow's own command against the sandbox."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from sqlite3 import connect

from airflow_provider_seventime.api.writing.references import references_in
from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.testing import running_sandbox

AIRFLOW = Path(sys.executable).parent / "airflow"
PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")


def match(pattern: str) -> str:
    found = re.search(pattern, PAGE, re.DOTALL)
    assert found is not None, f"docs/tutorial.md has no {pattern!r}"
    return found[1]


def test_dag_of_the_tutorial_leaves_what_the_page_says(airflow_database: str, tmp_path: Path) -> None:
    dags, warehouse = tmp_path / "dags", tmp_path / "warehouse.db"
    dags.mkdir()
    (dags / "first_steps.py").write_text(match(r"```python\n(.*?)```"), encoding="utf-8")
    connection = {"conn_type": "sqlite", "host": str(warehouse)}
    with running_sandbox(today=date.fromisoformat(match(r"--today (\S+)")), pay_after_seconds=1) as sandbox:
        ended = subprocess.run(
            [str(AIRFLOW), *match(r"airflow (dags test first_steps \S+)").split()],
            env={
                **os.environ,
                "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
                "AIRFLOW_CONN_WAREHOUSE": json.dumps(connection),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        invoices = [invoice for invoice in sandbox.records("invoices") if references_in(invoice["notes"])]

    assert ended.returncode == 0, (ended.stdout + ended.stderr)[-4000:]
    assert [invoice["invoiceStatus"] for invoice in invoices] == [InvoiceStatus.PAID]
    assert list(references_in(invoices[0]["notes"])) == ["first-steps"]
    with closing(connect(warehouse)) as database:
        rows, hours = database.execute("SELECT count(*), sum(time) FROM seventime_time_logs").fetchone()
    assert f"{rows} and {hours:.2f}" == match(r"their hours: (\d+ and [\d.]+\d)\.")
