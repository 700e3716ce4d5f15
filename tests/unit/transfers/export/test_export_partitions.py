"""One file for each day or month: each replaced whole, none stale, no record lost."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.invoicing import INVOICES
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.files.parquet import schema_of
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator

SUMMER = {"start": date(2026, 7, 1), "end": date(2026, 10, 1)}
NULL = "__HIVE_DEFAULT_PARTITION__"


def ids_in(folder, name="timeLogs.parquet", period="month"):
    """Return the ids in each partition; the folders hold nothing else."""
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {name}
    return {
        path.parent.name.removeprefix(f"{period}="): pq.ParquetFile(path).read(["id"])["id"].to_pylist()
        for path in sorted(folder.glob(f"*/{name}"))
    }


def test_a_file_a_month(export, sandbox, lake):
    manifest = export(path=f"{lake}/", partition_by="month", **SUMMER)

    found = ids_in(lake)
    assert list(found) == ["2026-07", "2026-08", "2026-09"]
    assert sorted(chain.from_iterable(found.values())) == sorted(
        record["_id"] for record in sandbox.records("timeLogs")
    )
    assert all(ids == sorted(ids) for ids in found.values())
    assert manifest["path"] == str(lake)
    assert (manifest["partitions"], manifest["first_partition"], manifest["last_partition"]) == (
        3,
        "2026-07",
        "2026-09",
    )
    assert manifest["rows_written"] == sum(map(len, found.values()))
    assert manifest["bytes_written"] == sum(path.stat().st_size for path in lake.rglob("*.parquet"))
    assert json.loads(json.dumps(manifest)) == manifest


@pytest.mark.parametrize(
    ("zone", "template"), [("UTC", "{{ data_interval_%s | ds }}"), ("Europe/Stockholm", "{{ data_interval_%s }}")]
)
def test_the_interval_of_a_monthly_dag(sandbox, context, lake, zone, template):
    """Airflow hands out intervals in UTC, whatever zone they were scheduled in."""
    borders = (datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) for month in (9, 10))
    interval = {f"data_interval_{name}": border for name, border in zip(("start", "end"), borders, strict=True)}
    operator = SevenTimeToObjectStorageOperator(
        task_id="export",
        resource="timeLogs",
        path=str(lake),
        partition_by="month",
        start=template % "start",
        end=template % "end",
    )

    rendering: Any = {**context(), **interval}
    operator.render_template_fields(rendering)
    operator.execute(context())

    assert list(ids_in(lake)) == ["2026-09"]


def test_a_file_a_day(export, sandbox, lake):
    manifest = export(path=str(lake), partition_by="day", format="jsonl", start="2026-09-01", end="2026-09-08")

    found = {path.parent.name: path.read_bytes().splitlines() for path in sorted(lake.glob("*/timeLogs.jsonl"))}
    assert list(found) == [f"day=2026-09-0{day}" for day in range(1, 8)]
    assert found["day=2026-09-05"] == found["day=2026-09-06"] == []  # a Saturday and a Sunday
    assert all(found[f"day=2026-09-0{day}"] for day in (1, 2, 3, 4, 7))
    assert manifest["rows_written"] == sum(map(len, found.values()))


def test_the_account_and_not_utc_decides_on_the_month(export, sandbox, lake, time_log):
    sandbox.load({"timeLogs": [time_log("n1", "2026-08-31T21:59:59.999Z"), time_log("n2", "2026-08-31T22:00:00.000Z")]})

    export(path=str(lake), partition_by="month", **SUMMER)

    found = ids_in(lake)
    assert "n1" in found["2026-08"]
    assert "n2" in found["2026-09"]


def test_an_empty_month_has_the_schema_of_a_full_one(export, lake):
    export(path=str(lake), partition_by="month", start="2026-06-01", end="2026-08-01")

    schemas = [pq.ParquetFile(path).schema_arrow for path in sorted(lake.glob("*/timeLogs.parquet"))]
    assert schemas == [schema_of(TIME_LOGS)] * 2
    assert ids_in(lake)["2026-06"] == []
    assert ids_in(lake)["2026-07"]


def test_running_it_again_makes_the_same_files(export, lake, files_in):
    export(path=str(lake), partition_by="month", **SUMMER)
    once = files_in(lake)

    export(path=str(lake), partition_by="month", **SUMMER)

    assert files_in(lake) == once


def test_a_month_replaces_its_own_file_and_no_other(export, sandbox, lake, files_in, time_log):
    export(path=str(lake), partition_by="month", **SUMMER)
    before = files_in(lake)
    sandbox.load({"timeLogs": [time_log("n1", "2026-08-10T06:00:00.000Z"), time_log("n2", "2026-09-10T06:00:00.000Z")]})

    export(path=str(lake), partition_by="month", start="2026-08-01", end="2026-09-01")

    assert {name for name, content in files_in(lake).items() if content != before[name]} == {
        "month=2026-08/timeLogs.parquet"
    }
    assert "n1" in ids_in(lake)["2026-08"]


def test_a_month_that_has_become_empty_is_written_empty(export, sandbox, lake, time_log):
    sandbox.load({"timeLogs": [time_log("n1", "2026-03-10T06:00:00.000Z")]})
    export(path=str(lake), partition_by="month", **{**SUMMER, "start": "2026-03-01"})
    assert ids_in(lake)["2026-03"] == ["n1"]
    sandbox.load({"timeLogs": [time_log("n1", "2026-07-10T06:00:00.000Z")]})

    export(path=str(lake), partition_by="month", **{**SUMMER, "start": "2026-03-01"})

    assert ids_in(lake)["2026-03"] == []
    assert "n1" in ids_in(lake)["2026-07"]


class TestEverything:
    """A full read."""

    def test_no_record_is_lost(self, export, sandbox, lake):
        like = sandbox.records("invoices")[0]
        drafts = ["d1", "d2", "d3"]
        blank: Any = zip(drafts, ({"invoiceDate": None}, {"invoiceDate": ""}, {}), strict=True)
        undated = {name: value for name, value in like.items() if name != "invoiceDate"}
        sandbox.load({"invoices": [{**undated, **date, "_id": draft} for draft, date in blank]})

        manifest = export("invoices", path=str(lake), partition_by="month")

        found = ids_in(lake, "invoices.parquet")
        assert sorted(chain.from_iterable(found.values())) == sorted(
            record["_id"] for record in sandbox.records("invoices")
        )
        assert found[NULL] == drafts
        assert manifest["rows_without_date"] == 3
        assert manifest["partitions"] == len(found)
        assert NULL not in (manifest["first_partition"], manifest["last_partition"])
        assert pq.ParquetFile(lake / f"month={NULL}" / "invoices.parquet").schema_arrow == schema_of(INVOICES)

    def test_a_month_that_has_become_empty_is_written_empty(self, export, sandbox, lake, time_log):
        sandbox.load({"timeLogs": [time_log("n1", "2026-03-10T06:00:00.000Z"), time_log("n2", None)]})
        export(path=str(lake), partition_by="month")
        assert (ids_in(lake)["2026-03"], ids_in(lake)[NULL]) == (["n1"], ["n2"])
        sandbox.load({"timeLogs": [time_log(name, "2026-07-10T06:00:00.000Z") for name in ("n1", "n2")]})

        manifest = export(path=str(lake), partition_by="month")

        assert (ids_in(lake)["2026-03"], ids_in(lake)[NULL]) == ([], [])
        assert manifest["rows_without_date"] == 0
        assert {"n1", "n2"} <= set(ids_in(lake)["2026-07"])

    def test_other_files_in_the_folder_are_left_alone(self, export, lake, files_in):
        others = {"month=2026-03/expenses.parquet": b"1", "month=spring/timeLogs.parquet": b"2", "notes.txt": b"3"}
        for name, content in others.items():
            (lake / name).parent.mkdir(parents=True, exist_ok=True)
            (lake / name).write_bytes(content)

        export(path=str(lake), partition_by="month")

        after = files_in(lake)
        assert {name: after[name] for name in others} == others
        assert "month=2026-03/timeLogs.parquet" not in after

    def test_an_empty_read_that_replaces_partitions_is_logged(self, export, sandbox, lake, logs):
        export(path=str(lake), partition_by="month")
        users = [record["_id"] for record in sandbox.records("users")]
        user_without_records = next(
            user for user in users if user not in {r["user"] for r in sandbox.records("timeLogs")}
        )

        export(path=str(lake), partition_by="month", filters={"user": user_without_records})

        assert "no record was read, so the 3 existing partitions are replaced by empty ones" in logs
        assert not any(ids_in(lake).values())


class TestRefused:
    """Nothing is sent and nothing written."""

    @pytest.fixture
    def refused(self, export, requests_made, lake):
        def run(match, resource="timeLogs", **parameters):
            with pytest.raises(PermanentTaskError, match=match) as error:
                export(resource, **{"path": str(lake), "partition_by": "month", **parameters})
            assert isinstance(error.value.__cause__, ConfigError)
            assert requests_made() == []
            assert not lake.exists()

        return run

    def test_a_window_that_cuts_a_partition(self, refused):
        refused("start: .* lies within a month", start="2026-09-02", end="2026-10-01")
        refused("end: .* lies within a month", start="2026-09-01", end="2026-10-01T00:00:00Z")
        refused("lies within a day", partition_by="day", start="2026-09-01T06:00:00", end="2026-10-01")

    def test_changes(self, refused):
        refused("modified_since cannot be combined with partition_by", modified_since="2026-09-01")

    def test_a_collection_without_a_date(self, refused):
        refused("partition_by: customers has no date", "customers")

    def test_an_unknown_period(self, refused):
        refused("partition_by: 'week' is unknown", partition_by="week")
        refused("partition_by is empty, perhaps because a template rendered to nothing", partition_by="None")

    def test_a_folder_that_is_named_like_a_file(self, refused, lake):
        refused("is a file, but with partition_by", path=f"{lake}/time_logs.parquet")


def test_lines_of_a_partition_are_whole_records(export, sandbox, lake):
    export(path=str(lake), partition_by="month", format="jsonl.gz", **SUMMER)

    read = [
        exact_json.decode(line)
        for path in lake.glob("*/timeLogs.jsonl.gz")
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    held = {record["_id"]: exact_json.decode(exact_json.encode(record)) for record in sandbox.records("timeLogs")}
    assert {record["_id"]: record for record in read} == held
