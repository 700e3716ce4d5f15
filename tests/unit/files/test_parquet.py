"""Parquet files: the contract's columns, exact values, and the same schema in every file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import FieldKind
from airflow_provider_seventime.exceptions import MisfitError, ProtocolError
from airflow_provider_seventime.files import parquet
from airflow_provider_seventime.files.parquet import ParquetFile, schema_of
from airflow_provider_seventime.warehouse.schema.columns import column_name


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.parquet"


@pytest.fixture
def write(path):
    def written(*records, resource=TIME_LOGS):
        with ParquetFile(path, resource) as file:
            assert file.add_all(exact_json.encode(record) for record in records) == len(records)
        return pq.read_table(path)

    return written


def test_a_record_in_its_columns(write, time_log):
    record = time_log(
        price=Decimal("1e2"), workOrderNumber=24, status="100", allDay="true", modifiedDate="2026-09-01T06:00:00.123Z"
    )

    (row,) = write(record).to_pylist()

    assert row["id"] == record["_id"]
    assert row["user_name"] == "Tommy Hellström"
    assert row["timestamp"] == datetime(2026, 9, 1, 6, tzinfo=UTC)
    assert row["modified_date"] == datetime(2026, 9, 1, 6, 0, 0, 123000, tzinfo=UTC)
    assert (row["time"], row["invoiceable_time"], row["cost"]) == (8, Decimal("7.50"), Decimal("10690.5824"))
    assert (row["price"], row["work_order_number"], row["status"], row["all_day"]) == (100, "24", 100, True)
    assert (row["customer"], row["description"], row["end_timestamp"] is None) == (None, "", False)
    assert exact_json.decode(row["record"]) == record


def test_every_collection_has_its_columns(write, subtests):
    for resource in COLLECTIONS.values():
        with subtests.test(resource.name):
            empty = write(resource=resource)

            full = write({resource.id_field: 7 if resource.name == "userRoles" else "a"}, resource=resource)

            assert empty.schema == full.schema == schema_of(resource)
            assert empty.column_names == ["id", *map(column_name, resource.fields), "record"]
            assert (empty.num_rows, full.num_rows) == (0, 1)


def test_the_types():
    types = {field.name: field.type for field in schema_of(TIME_LOGS)}
    kinds = {kind: types[column_name(field)] for field, kind in TIME_LOGS.fields.items()}

    assert kinds == {
        FieldKind.ID: pa.string(),
        FieldKind.TEXT: pa.string(),
        FieldKind.NUMBER: pa.decimal128(38, 18),
        FieldKind.INTEGER: pa.int64(),
        FieldKind.BOOLEAN: pa.bool_(),
        FieldKind.INSTANT: pa.timestamp("us", tz="UTC"),
    }
    assert [field.name for field in schema_of(TIME_LOGS) if not field.nullable] == ["id", "record"]


def test_compression(write, path, time_log):
    write(time_log())

    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"


@pytest.mark.parametrize(
    ("number", "held"),
    [
        ("99999999999999999999", "99999999999999999999"),
        ("-12345678901234567890.123456789012345678", "-12345678901234567890.123456789012345678"),
        ("0.1", "0.1"),
        ("10.5261325", "10.5261325"),
        ("1E+3", "1000"),
        # A second as hours, and what is left of 0.1 + 0.2 - 0.3, as JavaScript writes them: rounded half to even.
        ("0.0002777777777777778", "0.000277777777777778"),
        ("5.551115123125783e-17", "0.000000000000000056"),
        ("0.0000000000000000005", "0"),
        ("0.0000000000000000015", "0.000000000000000002"),
    ],
)
def test_numbers(write, time_log, number, held):
    (row,) = write(time_log(cost=Decimal(number))).to_pylist()

    assert row["cost"] == Decimal(held)
    assert json.loads(row["record"], parse_float=Decimal, parse_int=Decimal)["cost"] == Decimal(number)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cost", Decimal("1E+20"), "cost holds a number of another size or form, which is no number"),
        ("cost", Decimal("99999999999999999999.9999999999999999999"), "cost holds a number too large"),
        ("cost", "a lot", "cost holds a text of 5 characters, which is no number"),
        ("timestamp", "yesterday", "timestamp holds a text of 9 characters, which is no instant"),
        ("status", 2**63, "status holds a number of another size or form, which is no integer"),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_named(write, time_log, field, value, said):
    with pytest.raises(MisfitError, match=rf"^timeLogs '514959f8733259db7591000c': {said}"):
        write(time_log(**{field: value}))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"time": 1}', "a record has the _id None"),
        (b'{"cost": 99999999999999999999.9999999999999999999}', "a record has the _id None"),
        (
            b'{"_id": "a", "time": 1e99999999999999999999}',
            "timeLogs: a record cannot be decoded: a number has too large",
        ),
    ],
)
def test_a_record_that_cannot_be_decoded(path, line, said):
    with pytest.raises(ProtocolError, match=said), ParquetFile(path, TIME_LOGS) as file:
        file.add_all([line])


def test_records_in_groups(write, path, time_log, monkeypatch):
    monkeypatch.setattr(parquet, "BATCH_ROWS", 3)
    monkeypatch.setattr(parquet, "GROUP_ROWS", 6)
    ids = [f"m{number:02}" for number in range(20)]

    table = write(*map(time_log, ids))

    metadata = pq.ParquetFile(path).metadata
    assert table.column("id").to_pylist() == ids
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [6, 6, 6, 2]


def test_large_records_make_small_groups(write, path, time_log, monkeypatch):
    monkeypatch.setattr(parquet, "BATCH_BYTES", 10_000)
    monkeypatch.setattr(parquet, "GROUP_BYTES", 20_000)

    table = write(*(time_log(f"m{number:02}", description="x" * 4_000) for number in range(20)))

    metadata = pq.ParquetFile(path).metadata
    assert table.num_rows == 20
    assert {metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)} <= {2, 3, 4, 5, 6}


def test_the_same_records_make_the_same_file(write, path, time_log):
    write(time_log())
    once = path.read_bytes()

    write(time_log())

    assert path.read_bytes() == once


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full, the disk that is always full")
def test_a_full_disk(time_log):
    with pytest.raises(OSError, match="No space left on device"), ParquetFile(Path("/dev/full"), TIME_LOGS) as file:
        file.add_all([exact_json.encode(time_log())])
