"""Every transfer over the irregular records of the sandbox: nothing is lost, changed or refused."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from decimal import Decimal
from sqlite3 import connect

import pyarrow.parquet as pq
import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.testing import CONN_ENV, connection_json, running_sandbox
from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from airflow_provider_seventime.transfers.sync.strategy import sync_strategies
from airflow_provider_seventime.warehouse.schema.columns import column_name
from airflow_provider_seventime.warehouse.values import record_id

RESOURCES = [one.resource for one in sync_strategies()]


@pytest.fixture(scope="module")
def irregular():
    """Run a sandbox with irregular records; return its connection, and the records of each collection."""
    with running_sandbox(today=date(2026, 10, 1), irregular=True) as sandbox:
        sandbox.freeze()
        hook = SevenTimeHook()
        records = {name: {record_id(COLLECTIONS[name], one): one for one in hook.list(name)} for name in RESOURCES}
        yield connection_json(sandbox), records


@pytest.fixture(autouse=True)
def source(irregular, monkeypatch):
    """Set the connection; return the records of each collection as the API lists them."""
    connection, records = irregular
    monkeypatch.setenv(CONN_ENV, connection)
    return records


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    file = tmp_path / "warehouse.db"
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    return file


def test_every_collection_is_copied_to_a_table(source, warehouse, subtests):
    for name in RESOURCES:
        with subtests.test(name):
            SevenTimeToSqlOperator(task_id="copy", resource=name, sql_conn_id="warehouse", mode="full").execute({})
            with closing(connect(warehouse)) as database:
                rows = database.execute(f"SELECT id, record FROM seventime_{column_name(name)}").fetchall()
            assert {key: exact_json.decode(record) for key, record in rows} == source[name]


def test_every_collection_is_written_to_files(source, tmp_path, subtests):
    for name in RESOURCES:
        for ending in ("jsonl", "parquet"):
            with subtests.test(f"{name}.{ending}"):
                path = tmp_path / f"{name}.{ending}"
                SevenTimeToObjectStorageOperator(task_id="write", resource=name, path=str(path)).execute({})
                if ending == "jsonl":
                    records = [exact_json.decode(line) for line in path.read_bytes().splitlines()]
                else:
                    records = [exact_json.decode(one) for one in pq.read_table(path)["record"].to_pylist()]
                assert {record_id(COLLECTIONS[name], one): one for one in records} == source[name]


def test_the_month_is_booked_with_an_invoice_in_euro_and_without_one_of_zero(tmp_path):
    path = tmp_path / "books.SI"
    result = InvoicesToSieOperator(
        task_id="books", path=str(path), from_date="2026-09-01", to_date="2026-09-30"
    ).execute({})

    books = read_sie(path.read_bytes())
    totals = {voucher.text.split()[1]: voucher.rows[0].amount for voucher in books.vouchers}
    assert totals["24106"] == Decimal(1543)
    assert totals["24107"] == Decimal(11250)
    assert result["zero_amounts"] == ["24108"]
