"""With the ready list of personal data set, a whole run leaves no name and no number of a person behind."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime

import pytest
from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_seventime.testing import running_sandbox
from tests.integration.keep_warehouse.airflow_runs import Airflow
from tests.integration.keep_warehouse.warehouses import CONNECTION, CONNECTION_ENV, rows, warehouse
from tests.integration.key_search import contents, forms

DUE = datetime(2026, 10, 1, 10, tzinfo=UTC)
NAMED = ("customers", "contactPersons", "distributors")
NUMBERS = ("personalNumber", "workPhone", "cellPhone", "phone", "email", "organizationNumber")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def left(request, airflow_database, tmp_path_factory):
    """Run the DAG over everything; return the folder that all of it landed in, and what must not be found there."""
    folder = tmp_path_factory.mktemp("left")
    with (
        warehouse(request.param, folder) as connection,
        running_sandbox(today=date(2026, 10, 1)) as sandbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(CONNECTION_ENV, connection)
        airflow = Airflow(folder, airflow_database, connection, {"seventime_personal_data": "leave out"})
        assert airflow.run(DUE) == 0, airflow.output[-1][-4000:]
        if request.param == "postgresql":
            dump(folder)
        yield folder, secrets_of(sandbox)


def dump(folder):
    """Write every table of PostgreSQL to files, where the search looks."""
    hook = BaseHook.get_connection(CONNECTION).get_hook()
    tables = [row["name"] for row in rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")]
    assert "seventime_users" in tables
    for table in tables:
        (folder / f"{table}.copy").write_text(
            "\n".join(text for (text,) in hook.get_records(f"SELECT t::text FROM {table} t"))
        )


def secrets_of(sandbox):
    """Return names, personal numbers, phone numbers and addresses of everybody whom the company knows."""
    records = [record for resource in ("users", *NAMED) for record in sandbox.records(resource)]
    names = {f"{user['firstName']} {user['lastName']}" for user in sandbox.records("users")}
    names |= {user["lastName"] for user in sandbox.records("users")} - {"Integration"}
    names |= {record["name"] for resource in NAMED for record in sandbox.records(resource)}
    numbers = {record[field] for record in records for field in NUMBERS if record.get(field)}
    numbers |= {number.replace("-", "") for number in numbers}
    return sorted(names | numbers)


def found(folder, secrets):
    """Return what of the secrets is where, in whatever form a program may have given it on the way."""
    pieces = defaultdict(list)
    for name, data in contents(folder):
        pieces[name].append(data)
    texts = {name: b"\n".join(parts) for name, parts in pieces.items()}
    return [
        (name, secret)
        for secret in secrets
        for name, text in texts.items()
        if any(form in text for form in forms(secret))
    ]


def test_there_is_something_to_look_for(left):
    _, secrets = left

    assert {"Maria Norrby", "Norrby", "781005-9928", "070-174 06 05", "Åsa Lindqvist", "Berit Kvarnström"} <= set(
        secrets
    )
    assert len(secrets) > 80


def test_no_name_and_no_number_is_anywhere(left):
    folder, secrets = left

    assert found(folder, secrets) == []


def test_the_run_left_tables_logs_and_xcoms(left):
    folder, _ = left
    output = (folder / "run1.output").read_text()

    assert "1066 records of timeLogs read (full), 1066 rows new or changed" in output
    assert (folder / "airflow.db").exists()
    assert (folder / "warehouse.db").exists() or (folder / "seventime_time_logs.copy").stat().st_size > 100_000


def test_the_search_would_find_a_name_in_a_table(left, tmp_path):
    _, secrets = left
    (tmp_path / "seventime_users.copy").write_text(json.dumps({"lastName": "Hällgren"}))

    assert found(tmp_path, secrets) == [("seventime_users.copy", "Hällgren")]
