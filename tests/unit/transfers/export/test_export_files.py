"""A single file a run: its content and the manifest."""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.files.parquet import schema_of

SEPTEMBER = {"start": date(2026, 9, 1), "end": date(2026, 10, 1)}


def in_september(record):
    return "2026-08-31T22:00:00.000Z" <= record["timestamp"] < "2026-09-30T22:00:00.000Z"


def by_id(records):
    return sorted(records, key=lambda record: record["_id"])


def lines_of(content):
    return [exact_json.decode(line) for line in content.splitlines()]


def as_answered(records):
    """Return the records of the sandbox as the API sends them."""
    return [exact_json.decode(exact_json.encode(record)) for record in records]


@pytest.mark.parametrize("name", ["time_logs.jsonl", "time_logs.ndjson", "time_logs.jsonl.gz"])
def test_everything_as_json_lines(export, sandbox, lake, name):
    manifest = export(path=str(lake / name))

    content = (lake / name).read_bytes()
    records = lines_of(gzip.decompress(content) if name.endswith(".gz") else content)
    assert records == as_answered(by_id(sandbox.records("timeLogs")))
    assert manifest["rows_written"] == len(records) > 100
    assert manifest["bytes_written"] == len(content)


def test_undecoded_records_keep_their_text(export, sandbox, lake):
    sandbox.load({"customers": [{"_id": "zzz", "name": "Åsa", "pricePerHour": Decimal("1.500")}]})

    export("customers", path=str(lake / "customers.jsonl"))

    last = (lake / "customers.jsonl").read_bytes().splitlines()[-1]
    assert '"Åsa"'.encode() in last
    assert b"1.500" in last


def test_everything_as_parquet(export, sandbox, lake):
    manifest = export(path=f"file://{lake}/time_logs.parquet")

    table = pq.read_table(lake / "time_logs.parquet")
    expected = as_answered(by_id(sandbox.records("timeLogs")))
    assert table.schema == schema_of(TIME_LOGS)
    assert [exact_json.decode(text) for text in table["record"].to_pylist()] == expected
    assert sum(table["time"].to_pylist()) == sum(record["time"] for record in expected)
    assert (manifest["format"], manifest["rows_read"]) == ("parquet", len(expected))


@pytest.mark.parametrize("file_format", ["jsonl", "parquet"])
def test_the_instants_of_the_records_decide_on_the_window(export, sandbox, lake, time_log, file_format):
    edges = {
        "a1": "2026-08-31T21:59:59.999Z",
        "a2": "2026-08-31T22:00:00.000Z",
        "a3": "2026-09-30T21:59:59.999Z",
        "a4": "2026-09-30T22:00:00.000Z",
        "a5": None,
    }
    sandbox.load({"timeLogs": [time_log(record_id, instant) for record_id, instant in edges.items()]})
    path = lake / f"september.{file_format}"

    manifest = export(path=str(path), **SEPTEMBER)

    expected = by_id(filter(in_september, (r for r in sandbox.records("timeLogs") if r["timestamp"])))
    ids = (
        pq.read_table(path)["id"].to_pylist()
        if file_format == "parquet"
        else [r["_id"] for r in lines_of(path.read_bytes())]
    )
    assert ids == [record["_id"] for record in expected]
    assert {"a2", "a3"} == set(ids) & set(edges)
    assert (manifest["mode"], manifest["start"], manifest["end"]) == (
        "window",
        "2026-08-31T22:00:00.000Z",
        "2026-09-30T22:00:00.000Z",
    )


def test_changed_records(export, sandbox, lake):
    like = sandbox.records("customers")[0]
    edited = {"c1": "2026-10-01T09:30:00.000Z", "c2": "2026-10-01T08:30:00.000Z"}
    sandbox.load({"customers": [{**like, "_id": name, "modifiedDate": at} for name, at in edited.items()]})

    manifest = export("customers", path=str(lake / "changes.jsonl"), modified_since="2026-10-01T11:00:00")

    assert [record["_id"] for record in lines_of((lake / "changes.jsonl").read_bytes())] == ["c1"]
    assert manifest["mode"] == "incremental"
    assert manifest["modified_since"] == "2026-10-01T09:00:00.000Z"


def test_filters(export, sandbox, lake):
    user = sandbox.records("timeLogs")[0]["user"]

    manifest = export(path=str(lake / "one.jsonl"), filters={"user": user})

    assert manifest["rows_read"] == sum(record["user"] == user for record in sandbox.records("timeLogs"))
    assert {record["user"] for record in lines_of((lake / "one.jsonl").read_bytes())} == {user}


@pytest.mark.parametrize("name", ["none.jsonl", "none.jsonl.gz", "none.parquet"])
def test_an_empty_list_is_an_empty_file(export, lake, name):
    manifest = export(path=str(lake / name), start="2020-01-01", end="2020-02-01")

    assert manifest["rows_written"] == 0
    if name.endswith(".parquet"):
        assert pq.read_table(lake / name).schema == schema_of(TIME_LOGS)
        assert pq.read_table(lake / name).num_rows == 0
    else:
        content = (lake / name).read_bytes()
        assert (gzip.decompress(content) if name.endswith(".gz") else content) == b""


def test_the_manifest(export, requests_made, lake, time_machine):
    time_machine.move_to("2026-10-01T10:00:00+02:00", tick=False)

    manifest = export(path=f" {lake}/september.jsonl ", **SEPTEMBER)

    assert manifest == {
        "resource": "timeLogs",
        "path": f"{lake}/september.jsonl",
        "format": "jsonl",
        "mode": "window",
        "start": "2026-08-31T22:00:00.000Z",
        "end": "2026-09-30T22:00:00.000Z",
        "modified_since": None,
        "rows_read": manifest["rows_read"],
        "rows_written": manifest["rows_read"],
        "bytes_written": (lake / "september.jsonl").stat().st_size,
        "partitions": None,
        "first_partition": None,
        "last_partition": None,
        "rows_without_date": None,
        "requests_made": len(requests_made()),
        "waited_seconds": manifest["waited_seconds"],
        "rejections": 0,
        "watermark": "2026-10-01T08:00:00.000Z",
    }
    assert json.loads(json.dumps(manifest)) == manifest


@pytest.mark.parametrize("file_format", ["jsonl", "parquet"])
def test_a_list_without_pages(export, sandbox, lake, file_format):
    manifest = export("timeCategories", path=str(lake / f"categories.{file_format}"))

    assert manifest["rows_written"] == len(sandbox.records("timeCategories")) > 0


def test_version_1_of_the_api(export, connect, lake):
    connect(extra={"requests_per_second": 1000, "pacing": "process", "api_version": 1})

    manifest = export("customers", path=str(lake / "customers.jsonl"))

    assert manifest["rows_written"] == len((lake / "customers.jsonl").read_bytes().splitlines()) > 0


@pytest.mark.parametrize("name", ["september.jsonl", "september.jsonl.gz", "september.parquet"])
def test_a_second_run_makes_the_same_file(export, lake, files_in, name):
    export(path=str(lake / name), **SEPTEMBER)
    once = files_in(lake)

    export(path=str(lake / name), **SEPTEMBER)

    assert files_in(lake) == once
    assert list(once) == [name]


@pytest.mark.parametrize("name", ["users.jsonl", "users.parquet"])
def test_protected_fields_are_in_no_file(export, sandbox, connect, lake, name):
    connect(extra={"requests_per_second": 1000, "pacing": "process", "hash_secret": "s" * 32})
    person = sandbox.records("users")[0]

    export("users", path=str(lake / name), exclude_fields=["email"], hash_fields=["userName"])

    content = (lake / name).read_bytes()
    if name.endswith(".parquet"):
        content = json.dumps(pq.read_table(lake / name).to_pylist(), default=str).encode()
    assert person["_id"].encode() in content
    assert person["email"]
    assert person["email"].encode() not in content
    assert json.dumps(person["userName"]).encode() not in content
