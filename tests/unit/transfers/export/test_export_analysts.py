"""DuckDB reads a year of monthly files as one table, with the hours and amounts of Seven Time's own analysis."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import CONN_ENV, connection_json
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator
from airflow_provider_seventime.transfers.windows import windows

DOCUMENT = Path(__file__).parents[4] / "docs" / "object-storage.md"
YEAR: dict[str, Any] = {"start": date(2025, 10, 1), "end": date(2026, 10, 1)}
MONTHS = [f"2025-{month}" for month in (10, 11, 12)] + [f"2026-0{month}" for month in range(1, 10)]
NUMBERS = {"time": "time", "invoiceableTime": "invoiceable_time", "price": "price", "cost": "cost"}


@pytest.fixture(scope="module")
def company():
    """A company that has reported time for more than a year."""
    with SandboxServer(today=date(2026, 10, 1), rate_limit=0, time_logs=6_000) as server:
        yield server


@pytest.fixture
def export(company, clock, context, monkeypatch):
    monkeypatch.setenv(CONN_ENV, connection_json(company))

    def exported(resource, **parameters):
        operator = SevenTimeToObjectStorageOperator(task_id="export", resource=resource, **parameters)
        return operator.execute(context())

    return exported


@pytest.fixture
def analyse(export):
    """Ask Seven Time for its own sums by month: month to metric to number."""

    def asked(resource, metrics, **query):
        with SevenTimeHook().get_conn() as client:
            rows = client.analyse(resource, {"groupBy": ["month"], "metrics": ["count", *metrics], **query})
            return {row["month"]: {name: Decimal(row[name]) for name in ("count", *metrics)} for row in rows}

    return asked


def table(lake, resource):
    return f"read_parquet('{lake}/*/{resource}.parquet', hive_partitioning = true)"


def sums(lake, resource, columns):
    added = ", ".join(f'sum("{column}")' for column in columns)
    found = duckdb.sql(f"select month, count(*), {added} from {table(lake, resource)} group by month").fetchall()
    return {month: dict(zip(("count", *columns), map(Decimal, numbers), strict=True)) for month, *numbers in found}


def test_a_year_of_time_logs_sums_to_what_seven_time_counts(export, analyse, lake):
    export("timeLogs", path=str(lake), partition_by="month", **YEAR)

    said = analyse("timeLogs", NUMBERS, fromDate="2025-10-01", toDate="2026-09-30")
    found = sums(lake, "timeLogs", NUMBERS.values())

    assert sorted(said) == sorted(found) == MONTHS
    for month, numbers in said.items():
        assert found[month] == {NUMBERS.get(name, name): number for name, number in numbers.items()}, month
    assert sum(numbers["count"] for numbers in found.values()) > 4_000


def test_invoices_sum_to_what_seven_time_counts_drafts_without_a_date_included(export, analyse, company, lake):
    like = company.records("invoices")[0]
    company.load({"invoices": [{**like, "_id": "d1", "invoiceDate": None}, {**like, "_id": "d2", "invoiceDate": ""}]})
    metrics = {"totalAmount": "total_amount", "totalTaxAmount": "total_tax_amount"}

    export("invoices", path=str(lake), partition_by="month")

    said = analyse("invoices", metrics, dateField="invoiceDate")
    found = sums(lake, "invoices", metrics.values())
    assert said[None]["count"] == 2
    assert found == {
        month: {metrics.get(name, name): number for name, number in numbers.items()} for month, numbers in said.items()
    }


def test_a_year_written_a_month_at_a_time_is_the_same(export, lake):
    export("timeLogs", path=f"{lake}/at_once", partition_by="month", **YEAR)

    for window in windows(**YEAR, every="month"):
        export("timeLogs", path=f"{lake}/by_month", partition_by="month", **window)

    for month in MONTHS:
        name = f"month={month}/timeLogs.parquet"
        assert (lake / "by_month" / name).read_bytes() == (lake / "at_once" / name).read_bytes()


def test_an_empty_month_among_full_ones(export, lake):
    export("timeLogs", path=str(lake), partition_by="month", start="2025-10-01", end="2026-12-01")

    described = duckdb.sql(f"describe select * from {table(lake, 'timeLogs')}").fetchall()
    types = {name: kind for name, kind, *_ in described}

    assert len(list(lake.glob("*/timeLogs.parquet"))) == 14
    assert types["timestamp"] == "TIMESTAMP WITH TIME ZONE"
    assert types["price"] == "DECIMAL(38,18)"
    assert (types["id"], types["record"], types["month"]) == ("VARCHAR", "VARCHAR", "VARCHAR")
    assert pq.ParquetFile(lake / "month=2026-11" / "timeLogs.parquet").metadata.num_rows == 0


def test_days_are_dates(export, lake):
    export("timeLogs", path=str(lake), partition_by="day", start="2026-09-01", end="2026-09-15")

    found = duckdb.sql(f"select day, count(*) from {table(lake, 'timeLogs')} group by day order by day").fetchall()

    assert {type(day) for day, _ in found} == {date}
    assert found[0][0] == date(2026, 9, 1)


def test_json_lines_are_a_table_too(export, lake):
    export("timeLogs", path=str(lake), partition_by="month", format="jsonl.gz", start="2025-10-01", end="2026-12-01")

    found = duckdb.sql(
        f"select month, count(*) from read_json('{lake}/*/timeLogs.jsonl.gz', hive_partitioning = true) group by month"
    ).fetchall()

    assert sorted(month for month, _ in found) == MONTHS


def test_pyarrow_reads_the_folder(export, lake):
    manifest = export("timeLogs", path=str(lake), partition_by="month", **YEAR)

    whole = ds.dataset(lake, partitioning="hive").to_table(columns=["month", "time"])

    assert whole.num_rows == manifest["rows_written"]
    assert sorted(set(whole["month"].to_pylist())) == MONTHS


def test_the_duckdb_query_of_the_documentation(export, analyse, lake):
    export("timeLogs", path=f"{lake}/time_logs", partition_by="month", **YEAR)
    query = DOCUMENT.read_text(encoding="utf-8").split("```sql\n", 1)[1].split("```", 1)[0]

    rows = duckdb.sql(query.replace("/tmp/lake", str(lake))).fetchall()

    said = analyse("timeLogs", ["invoiceableTime", "price"], fromDate="2026-01-01", toDate="2026-09-30")
    assert {month: (hours, amount) for month, hours, amount in rows} == {
        month: (numbers["invoiceableTime"], numbers["price"]) for month, numbers in said.items()
    }
