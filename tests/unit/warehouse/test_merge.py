"""Rows into the table, and what is left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ProtocolError
from airflow_provider_seventime.warehouse.copy import CollectionCopy
from airflow_provider_seventime.warehouse.merge import same_json, update_and_insert
from airflow_provider_seventime.warehouse.rows import row_of
from airflow_provider_seventime.warehouse.tables import table_of

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
EVERYTHING = "select * from seventime_time_logs order by id"


def test_what_an_analyst_reads(copy, query, time_log):
    copy.merge([time_log(time=Decimal("41.18577972222222"))], NOW)

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


def test_the_record_keeps_every_digit_and_every_field(copy, query, time_log):
    record = time_log(cost=Decimal("12345678901234.123456789"), price=Decimal("1.10"), startLocation={"type": "Point"})
    copy.merge([record], NOW)

    (text,) = query("select record from seventime_time_logs")[0]

    assert exact_json.decode(text) == record
    assert '"cost":12345678901234.123456789' in text
    assert '"price":1.10' in text


def test_a_second_merge_of_the_same_touches_nothing(copy, query, time_log):
    records = [time_log("a"), time_log("b")]
    assert copy.merge(records, NOW) == 2
    before = query(EVERYTHING)

    assert copy.merge(records, LATER) == 0
    assert query(EVERYTHING) == before


def test_the_order_of_fields_is_no_change(copy, query, time_log):
    copy.merge([time_log("a")], NOW)

    assert copy.merge([dict(reversed(time_log("a").items()))], LATER) == 0


def test_only_what_changed_is_written(copy, query, time_log):
    copy.merge([time_log("a"), time_log("b")], NOW)

    assert copy.merge([time_log("a"), time_log("b", time=6), time_log("c")], LATER) == 2
    assert query("select id, time, synced_at from seventime_time_logs order by id") == [
        ("a", 8, "2026-09-02 03:00:00.000000"),
        ("b", 6, "2026-09-03 03:00:00.000000"),
        ("c", 8, "2026-09-03 03:00:00.000000"),
    ]


def test_a_field_that_went_away_is_null_again(copy, query, time_log):
    copy.merge([time_log("a", project="p1")], NOW)
    assert copy.merge([time_log("a")], LATER) == 1

    assert query("select project from seventime_time_logs") == [(None,)]


def test_a_change_that_no_column_shows_is_written_to_the_record(copy, query, time_log):
    copy.merge([time_log("a", customFields=[])], NOW)

    assert copy.merge([time_log("a", customFields=[{"name": "Bil"}])], LATER) == 1
    assert '"Bil"' in query("select record from seventime_time_logs")[0][0]


def test_a_stored_record_that_cannot_be_read_is_written_anew(copy, query, time_log):
    copy.merge([time_log("a")], NOW)
    query("update seventime_time_logs set record = '{cut'")

    assert copy.merge([time_log("a")], LATER) == 1
    assert copy.merge([time_log("a")], LATER) == 0


def test_ids_that_differ_in_case_are_two_records(copy, query, time_log):
    assert copy.merge([time_log("a"), time_log("A")], NOW) == 2
    assert len(query(EVERYTHING)) == 2


def test_an_empty_batch(copy, query):
    assert copy.merge([], NOW) == 0
    assert query(EVERYTHING) == []


def test_a_batch_larger_than_one_statement_takes(copy, query, time_log):
    records = [time_log(f"{number:04}") for number in range(1_200)]

    assert copy.merge(records, NOW) == 1_200
    assert copy.merge(records, LATER) == 0
    assert query("select count(*) from seventime_time_logs") == [(1_200,)]


def test_a_batch_with_a_bad_record_writes_none_of_it(copy, query, time_log):
    with pytest.raises(ProtocolError):
        copy.merge([time_log("a"), time_log("b", time="eight")], NOW)

    assert query(EVERYTHING) == []


def test_a_batch_that_the_database_refuses_is_undone_whole(copy, query, time_log):
    query("create unique index one_per_task on seventime_time_logs (task)")
    copy.merge([time_log("a", task="t1")], NOW)
    before = query(EVERYTHING)

    with pytest.raises(IntegrityError) as refused:
        copy.merge([time_log("b"), time_log("c", task="t1")], LATER)

    assert query(EVERYTHING) == before
    assert "Tommy" not in str(refused.value)


def test_update_and_insert_end_in_the_same_rows_as_the_upsert(engine, query, time_log):
    old, new = [time_log("a"), time_log("b")], [time_log("b", time=6), time_log("c")]
    for name in ("one", "other"):
        copy = CollectionCopy(engine, name, TIME_LOGS)
        copy.prepare()
        copy.merge(old, NOW)
    copy = CollectionCopy(engine, "one", TIME_LOGS)
    copy.merge(new, LATER)

    rows = [{**row_of(TIME_LOGS, record), "synced_at": LATER} for record in new]
    with engine.begin() as connection:
        update_and_insert(connection, table_of(TIME_LOGS, "other"), rows, {"a", "b"})

    assert query("select * from other order by id") == query("select * from one order by id")
    assert query("select id, time from other order by id") == [("a", 8), ("b", 6), ("c", 8)]


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
def test_two_values_that_say_the_same(one, other, same):
    assert same_json(one, other) is same
    assert same_json(other, one) is same
