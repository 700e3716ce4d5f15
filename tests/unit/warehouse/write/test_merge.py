"""Merge into SQLite, and equality of JSON values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.warehouse.write.merge import same_json
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)


def test_values_as_plain_sql_reads_them(copy, query, time_log):
    copy.merge_records([time_log(time=Decimal("41.18577972222222"))], NOW)

    assert query(
        "select id, user_name, time, typeof(time), timestamp, is_invoiced, customer, description, synced_at "
        "from seventime_time_logs"
    ) == [
        (
            "514959f8733259db7591000c",
            "Tommy Hellström",
            41.18577972222222,
            "real",
            "2026-09-01 06:00:00.000000",
            0,
            None,
            "",
            "2026-09-02 03:00:00.000000",
        )
    ]


def test_the_record_has_every_digit_and_every_field(copy, query, time_log):
    record = time_log(cost=Decimal("12345678901234.123456789"), price=Decimal("1.10"), startLocation={"type": "Point"})
    copy.merge_records([record], NOW)

    (text,) = query("select record from seventime_time_logs")[0]

    assert exact_json.decode(text) == record
    assert '"cost":12345678901234.123456789' in text
    assert '"price":1.10' in text


def test_an_invalid_stored_record_is_overwritten(copy, query, time_log):
    copy.merge_records([time_log("a")], NOW)
    query("update seventime_time_logs set record = '{cut'")

    assert copy.merge_records([time_log("a")], LATER) == 1
    assert copy.merge_records([time_log("a")], LATER) == 0


@pytest.mark.filterwarnings("ignore:Dialect .* does .not. support Decimal objects natively")
def test_another_database_is_written_by_update_and_insert(engine, query, time_log):
    """SQLite under another name stands for a database without a bulk write."""
    engine.dialect.name = "other"
    copy = RecordCopy(engine, "hours", TIME_LOGS, marks_deletions=True)
    copy.check()
    copy.prepare()
    copy.check()
    copy.prepare()

    assert copy.merge_records([time_log("a"), time_log("b"), time_log("c")], NOW) == 3
    assert copy.mark_deleted(["c"], NOW) == 1
    assert copy.merge_records([time_log("a"), time_log("b", time=6), time_log("c"), time_log("d")], LATER) == 3
    assert copy.delete(["a"]) == 1
    assert query("select id, time, timestamp, synced_at, deleted_at from hours order by id") == [
        ("b", 6, "2026-09-01 06:00:00.000000", "2026-09-03 03:00:00.000000", None),
        ("c", 8, "2026-09-01 06:00:00.000000", "2026-09-03 03:00:00.000000", None),
        ("d", 8, "2026-09-01 06:00:00.000000", "2026-09-03 03:00:00.000000", None),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(Decimal("1.10"), Decimal("1.1"), True, id="trailing-zero"),
        pytest.param(8, Decimal("8.0"), True, id="integer-and-decimal"),
        pytest.param(Decimal("0.1"), Decimal("0.10000000000000001"), False, id="beyond-a-float"),
        pytest.param(True, 1, False, id="flag-and-number"),
        pytest.param(False, None, False, id="flag-and-nothing"),
        pytest.param("8", 8, False, id="text-and-number"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="order-of-keys"),
        pytest.param({"a": None}, {}, False, id="missing-key"),
        pytest.param([1, 2], [2, 1], False, id="order-of-a-list"),
        pytest.param([1], [1, 2], False, id="longer-list"),
        pytest.param({"a": [{"b": True}]}, {"a": [{"b": 1}]}, False, id="deep-inside"),
        pytest.param([], {}, False, id="list-and-object"),
    ],
)
def test_equality_of_json_values(one, other, same):
    assert same_json(one, other) is same
    assert same_json(other, one) is same
