"""Temporary files of partitions: lines in their order, few of them in memory, few files open."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.files import partition_spool
from airflow_provider_seventime.files.partition_spool import PartitionSpool

LINES = [(f"2026-{number % 7 + 1:02}", f'{{"_id":"m{number}"}}'.encode()) for number in range(500)]


@pytest.mark.parametrize("max_bytes", [1, 1_000, 8 * 1024**2])
def test_lines_are_returned_by_partition_in_their_order(tmp_path, monkeypatch, max_bytes):
    monkeypatch.setattr(partition_spool, "MAX_BYTES_IN_MEMORY", max_bytes)
    spool = PartitionSpool(tmp_path)

    for partition, line in LINES:
        spool.add(partition, line)

    months = sorted(spool.rows)
    assert months == [f"2026-{month:02}" for month in range(1, 8)]
    taken = {month: list(spool.take(month)) for month in months}
    assert taken == {month: [line for partition, line in LINES if partition == month] for month in months}
    assert {month: len(lines) for month, lines in taken.items()} == spool.rows


def test_a_partition_without_lines(tmp_path):
    assert list(PartitionSpool(tmp_path).take("2026-09")) == []


def test_a_taken_partition_is_deleted_from_the_disk(tmp_path):
    spool = PartitionSpool(tmp_path)
    for partition, line in LINES:
        spool.add(partition, line)

    assert list(spool.take("2026-01"))
    assert "2026-01" not in {path.stem for path in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) == 6
