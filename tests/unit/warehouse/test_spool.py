"""Records on disk."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.warehouse.spool import Spool


def test_records_come_back_whole_in_order_and_in_batches():
    records = [{"_id": str(number), "time": Decimal("1.10"), "text": "rad 1\nrad 2 åäö"} for number in range(5)]

    with Spool() as spool:
        for record in records:
            spool.add(record)
        batches = list(spool.batches(2))

    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [record for batch in batches for record in batch] == records
    assert str(batches[0][0]["time"]) == "1.10"


def test_an_empty_spool_has_no_batches():
    with Spool() as spool:
        assert list(spool.batches(1_000)) == []


def test_the_file_is_closed_at_the_end():
    with Spool() as spool:
        spool.add({"_id": "a"})

    with pytest.raises(ValueError, match="closed"):
        spool.add({"_id": "b"})
