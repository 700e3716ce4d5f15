"""S3 over HTTP: objects appear complete, and refusals of the store have clear messages."""

from __future__ import annotations

import io
import os

import pyarrow.parquet as pq
import pytest

from airflow_provider_seventime.exceptions import ConfigError, WarehouseError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.transfers.export.atomic_write import publish, target_path

SUMMER = {"start": "2026-07-01", "end": "2026-10-01"}
MONTHS = [f"time_logs/month=2026-0{month}/timeLogs.parquet" for month in (7, 8, 9)]
OLD = b"the object of an earlier run"


@pytest.mark.parametrize("name", ["time_logs.jsonl", "time_logs.jsonl.gz", "time_logs.parquet"])
def test_one_object(export, bucket, lake, name):
    export(path=str(lake / name))

    manifest = export(path=f"{bucket.url}/exports/{name}")

    assert bucket.keys() == [f"exports/{name}"]
    assert bucket.read(f"exports/{name}") == (lake / name).read_bytes()
    assert manifest["path"] == f"{bucket.url}/exports/{name}"


@pytest.mark.parametrize("window", [{}, SUMMER], ids=["everything", "window"])
def test_partitions(export, bucket, window):
    bucket.put("time_logs/notes.txt", OLD)

    manifest = export(path=f"{bucket.url}/time_logs", partition_by="month", **window)

    assert bucket.keys() == [*MONTHS, "time_logs/notes.txt"]
    tables = [pq.ParquetFile(io.BytesIO(bucket.read(key))).read() for key in MONTHS]
    assert sum(table.num_rows for table in tables) == manifest["rows_written"] > 100
    assert len({table.schema for table in tables}) == 1


def test_partitions_in_the_bucket_itself(export, bucket):
    export(path=bucket.url, partition_by="month", **SUMMER)

    assert bucket.keys() == [key.removeprefix("time_logs/") for key in MONTHS]


def test_a_month_that_has_become_empty_is_written_empty(export, bucket):
    key = "time_logs/month=2020-01/timeLogs.parquet"
    bucket.put(key, OLD)

    export(path=f"{bucket.url}/time_logs/", partition_by="month")

    assert pq.ParquetFile(io.BytesIO(bucket.read(key))).metadata.num_rows == 0


@pytest.mark.parametrize(
    "parameters",
    [
        {"path": "{bucket}-that-is-not-there/time_logs.parquet"},
        {"path": "{bucket}-that-is-not-there/time_logs", "partition_by": "month"},
        {"path": "{bucket}-that-is-not-there/time_logs", "partition_by": "month", **SUMMER},
        {"path": "{bucket}-that-is-not-there", "partition_by": "month", **SUMMER},
    ],
)
def test_a_missing_bucket_is_refused_before_the_first_request(export, bucket, requests_made, parameters):
    with pytest.raises(PermanentTaskError, match=r"^path: the bucket 'lake-that-is-not-there' of ") as refused:
        export(**{**parameters, "path": parameters["path"].format(bucket=bucket.url)})

    assert isinstance(refused.value.__cause__, ConfigError)
    assert requests_made() == []


def test_a_bucket_is_not_a_file(export, bucket, requests_made):
    with pytest.raises(PermanentTaskError, match="is a bucket"):
        export(path=bucket.url, format="parquet")
    assert requests_made() == []


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"path": "/time_logs.parquet"}, "time_logs.parquet"),
        ({"path": "/time_logs", "partition_by": "month"}, MONTHS[0]),
    ],
)
def test_a_connection_that_may_not_write(export, bucket, parameters, key):
    bucket.put(key, OLD)
    bucket.deny("s3:PutObject")

    with pytest.raises(
        PermanentTaskError, match=r"(?is)^path: s3://.*cannot be written: .*lacks the privilege: grant it"
    ) as refused:
        export(**{**parameters, "path": bucket.url + parameters["path"]})

    assert isinstance(refused.value.__cause__, ConfigError)
    assert isinstance(refused.value.__cause__.__cause__, PermissionError)
    assert bucket.keys() == [key]
    assert bucket.read(key) == OLD


def test_a_connection_that_may_write_but_not_list(export, bucket):
    bucket.store.refuses = lambda method, query: method in ("GET", "HEAD")

    export(path=f"{bucket.url}/time_logs", partition_by="month", **SUMMER)

    bucket.store.refuses = lambda method, query: False
    assert bucket.keys() == MONTHS


def test_a_full_read_must_know_which_partitions_there_are(export, bucket, requests_made):
    bucket.store.refuses = lambda method, query: method in ("GET", "HEAD")

    with pytest.raises(PermanentTaskError, match="cannot be listed, which a full read requires"):
        export(path=f"{bucket.url}/time_logs", partition_by="month")
    assert requests_made() == []


def test_no_half_object_after_an_upload_that_was_interrupted(bucket, tmp_path):
    """Large files go up in parts; the object appears with the last of them."""
    large = tmp_path / "large.parquet"
    large.write_bytes(os.urandom(33 * 1024**2))
    bucket.put("large.parquet", OLD)
    bucket.store.refuses = lambda method, query: "partNumber=3" in query

    with pytest.raises(PermissionError):
        publish(target_path(f"{bucket.url}/large.parquet"), large)
    assert bucket.read("large.parquet") == OLD
    assert bucket.uploads() == []
    assert any("partNumber=2" in query for _, _, query in bucket.store.seen)

    bucket.store.refuses = lambda method, query: False
    publish(target_path(f"{bucket.url}/large.parquet"), large)
    assert bucket.read("large.parquet") == large.read_bytes()


def test_after_a_failure_between_two_partitions_each_is_unchanged_or_complete(export, bucket):
    for key in MONTHS:
        bucket.put(key, OLD)
    puts = []

    def refuse_the_second(method, query):
        puts.extend([method] * (method == "PUT"))
        return len(puts) == 2

    bucket.store.refuses = refuse_the_second
    with pytest.raises(PermanentTaskError, match=r"path: .*month=2026-08/timeLogs.parquet cannot be written"):
        export(path=f"{bucket.url}/time_logs", partition_by="month", **SUMMER)
    bucket.store.refuses = lambda method, query: False

    assert [bucket.read(key) == OLD for key in MONTHS] == [False, True, True]
    export(path=f"{bucket.url}/time_logs", partition_by="month", **SUMMER)
    assert [bucket.read(key) == OLD for key in MONTHS] == [False, False, False]


def test_a_store_that_does_not_answer(export, bucket, monkeypatch, requests_made):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv(
        "AIRFLOW_CONN_S3_THAT_IS_DOWN", bucket.store.connection().replace(bucket.store.url, "http://127.0.0.1:9")
    )

    with pytest.raises(
        WarehouseError, match=r"(?s)cannot be reached: .*127\.0\.0\.1:9.*The next try writes the file again"
    ) as lost:
        export(path="s3://s3_that_is_down@lake/time_logs.jsonl")
    assert lost.value.transient


def test_the_secret_of_the_storage_is_nowhere(export, bucket, logs):
    bucket.deny("s3:PutObject")

    with pytest.raises(PermanentTaskError) as refused:
        export(path=f"{bucket.url}/time_logs.jsonl")

    assert "testing-secret" not in str(refused.value)
    assert "testing-secret" not in logs
