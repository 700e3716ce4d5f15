"""A run without personal data writes no name and no number of a person anywhere."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime

import pytest
from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_seventime.testing import running_sandbox
from tests.integration.keep_warehouse.airflow_runs import running_airflow
from tests.integration.keep_warehouse.warehouses import CONNECTION, CONNECTION_ENV, rows, warehouse
from tests.integration.key_search import contents, forms

DUE = datetime(2026, 10, 1, 10, tzinfo=UTC)
NAMED = ("customers", "contactPersons", "distributors")
NUMBERS = ("personalNumber", "workPhone", "cellPhone", "phone", "email", "organizationNumber")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def files_and_secrets(request, airflow_database, tmp_path_factory):
    """Run the DAG; return the folder with all of its files, and the texts that must not be in them."""
    folder = tmp_path_factory.mktemp("files")
    with (
        warehouse(request.param, folder) as connection,
        running_sandbox(today=date(2026, 10, 1)) as sandbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(CONNECTION_ENV, connection)
        with running_airflow(folder, airflow_database, connection, {"seventime_personal_data": "leave out"}) as airflow:
            assert airflow.run(DUE) == 0, airflow.output[-1][-4000:]
        if request.param == "postgresql":
            dump(folder)
        yield folder, secrets_of(sandbox)


def dump(folder):
    """Write every table of PostgreSQL to a file in the searched folder."""
    hook = BaseHook.get_connection(CONNECTION).get_hook()
    tables = [row["name"] for row in rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")]
    assert "seventime_users" in tables
    for table in tables:
        (folder / f"{table}.copy").write_text(
            "\n".join(text for (text,) in hook.get_records(f"SELECT t::text FROM {table} t"))
        )


def secrets_of(sandbox):
    """Return names, personal numbers, phone numbers and addresses of all persons in the company."""
    records = [record for resource in ("users", *NAMED) for record in sandbox.records(resource)]
    names = {f"{user['firstName']} {user['lastName']}" for user in sandbox.records("users")}
    names |= {user["lastName"] for user in sandbox.records("users")} - {"Integration"}
    names |= {record["name"] for resource in NAMED for record in sandbox.records(resource)}
    numbers = {record[field] for record in records for field in NUMBERS if record.get(field)}
    numbers |= {number.replace("-", "") for number in numbers}
    return sorted(names | numbers)


def found(folder, secrets):
    """Return the file and the secret for each secret that is found, in any encoding."""
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


def test_the_company_has_personal_data(files_and_secrets):
    _, secrets = files_and_secrets

    assert {"Maria Norrby", "Norrby", "781005-9928", "070-174 06 05", "Åsa Lindqvist", "Berit Kvarnström"} <= set(
        secrets
    )
    assert len(secrets) > 80


def test_no_file_has_personal_data(files_and_secrets):
    folder, secrets = files_and_secrets

    assert found(folder, secrets) == []


def test_the_run_wrote_tables_logs_and_xcoms(files_and_secrets):
    folder, _ = files_and_secrets
    output = (folder / "run1.output").read_text()

    assert "1066 records of timeLogs read (full), 1066 rows new or changed" in output
    assert (folder / "airflow.db").exists()
    assert (folder / "warehouse.db").exists() or (folder / "seventime_time_logs.copy").stat().st_size > 100_000


def test_the_search_finds_a_name_in_a_table(files_and_secrets, tmp_path):
    _, secrets = files_and_secrets
    (tmp_path / "seventime_users.copy").write_text(json.dumps({"lastName": "Hällgren"}))

    assert found(tmp_path, secrets) == [("seventime_users.copy", "Hällgren")]
