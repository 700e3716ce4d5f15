"""Memory of an export is bounded by a batch and a row group, not by the list."""

from __future__ import annotations

import tracemalloc
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.files import parquet, partition_spool
from airflow_provider_seventime.files.file_formats import FileFormat
from airflow_provider_seventime.files.partitions import partitioning_of
from airflow_provider_seventime.transfers.export.write_files import write_file, write_partitions
from airflow_provider_seventime.transfers.reading.list_reader import ReadRecord

FEW, MANY = 5_000, 25_000
MOST_TIMES_AS_MUCH = 1.5
DAYS = partitioning_of(TIME_LOGS, "day", ZoneInfo("Europe/Stockholm"))


@pytest.fixture
def small_bounds(monkeypatch):
    """Bounds that both lists reach: the larger list then costs no more than the smaller one."""
    monkeypatch.setattr(parquet, "GROUP_BYTES", 1024**2)
    monkeypatch.setattr(parquet, "BATCH_BYTES", 256 * 1024)
    monkeypatch.setattr(partition_spool, "MAX_BYTES_IN_MEMORY", 1024**2)


def records(number):
    for index in range(number):
        timestamp = f"2026-{index % 12 + 1:02}-{index % 28 + 1:02}T06:00:00.000Z"
        yield {"_id": f"m{index:06}", "timestamp": timestamp, "time": 8, "description": f"{index} " * 100}


def lines(number):
    return map(exact_json.encode, records(number))


def one_file(file_format):
    return lambda number, folder: write_file(lines(number), folder, file_format, TIME_LOGS)


def partitions(file_format):
    def read(number):
        return (ReadRecord(record, exact_json.encode(record)) for record in records(number))

    return lambda number, folder: write_partitions(read(number), folder, file_format, DAYS, ())


def peak_bytes(make, number, folder):
    """Return the most that Python's objects and Arrow's columns took together."""
    folder.mkdir()
    columns = pa.proxy_memory_pool(pa.default_memory_pool())
    before = pa.default_memory_pool()
    pa.set_memory_pool(columns)
    tracemalloc.start()
    try:
        made = make(number, folder)
        return tracemalloc.get_traced_memory()[1] + columns.max_memory(), made
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


@pytest.mark.parametrize(
    "make",
    [
        *(pytest.param(one_file(one), id=f"file-{one}") for one in FileFormat),
        *(pytest.param(partitions(one), id=f"partitions-{one}") for one in FileFormat),
    ],
)
def test_a_list_five_times_as_long_takes_no_more_memory(small_bounds, tmp_path, make):
    make(10, tmp_path)  # what is loaded with the first file counts for neither

    few, _ = peak_bytes(make, FEW, tmp_path / "few")
    many, made = peak_bytes(make, MANY, tmp_path / "many")

    assert sum(file.rows for file in made) == MANY
    assert many < MOST_TIMES_AS_MUCH * few
