"""Merge of records into a table, on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.warehouse.schema.columns import column_name
from tests.unit.warehouse.record_copy import RecordCopy, typed_row

NOW = datetime(2026, 9, 2, 3, 0, 0, 123456, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
EVERYTHING = "select * from seventime_time_logs order by id"
ODD_TEXTS = [
    "tab\tnew\nline\rreturn\r\n",
    "back\\slash \\n \\N \\. \\u0041",
    "\\N",
    "\\.",
    "quotes ' \" ` '' \"\"",
    "%s %(id)s %% :id ?",
    "Åsa Öberg 😀 日本 \u2028",
    "\x01\x1f\x7f",
    " blanks ",
    '[1, 2] {"a": null} null',
]


def rows_of(records, synced_at=NOW):
    return {record["_id"]: {**typed_row(TIME_LOGS, record), "synced_at": synced_at} for record in records}


def test_every_field_in_its_type(copy, stored, time_log):
    records = [
        time_log(
            "a",
            time=Decimal("41.18577972222222"),
            price=Decimal("-0.10"),
            cost=Decimal("99999999999999.5"),
            workOrderNumber=2**53,
            timestamp="2026-03-29T00:59:59.999Z",
            endTimestamp="1999-12-31T23:59:59.001+01:00",
            isAbsence=True,
        ),
        {"_id": "b"},
    ]

    assert copy.merge_records(records, NOW) == 2
    assert stored() == rows_of(records)


def test_texts_with_special_characters(copy, stored, time_log, subtests):
    for text in ODD_TEXTS:
        with subtests.test(repr(text)):
            records = [time_log("a", description=text, **{f"field {text}": [text]}), time_log("b", userName=text)]

            assert copy.merge_records(records, NOW) == 2
            assert stored() == rows_of(records)
            assert copy.merge_records(records, LATER) == 0


def test_a_long_text(copy, stored, time_log):
    records = [time_log("a", description="å" * 70_000)]

    assert copy.merge_records(records, NOW) == 1
    assert stored() == rows_of(records)


def test_records_larger_than_one_statement(copy, stored, time_log):
    records = [time_log(f"{number}", description=f"{number}" * 1_500_000) for number in range(8)]

    assert copy.merge_records(records, NOW) == 8
    assert copy.merge_records(records, LATER) == 0
    assert [len(row["description"]) for row in stored().values()] == [1_500_000] * 8


def test_a_second_merge_changes_nothing(copy, query, driver, time_log):
    # PostgreSQL: the row's place, and the transactions that wrote or locked it last.
    everything = EVERYTHING.replace("*", "*, ctid, xmin, xmax") if driver.startswith("psycopg") else EVERYTHING
    records = [time_log("a"), time_log("b")]
    assert copy.merge_records(records, NOW) == 2
    before = query(everything)

    assert copy.merge_records(records, LATER) == 0
    assert query(everything) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {}, id="order-of-fields"),
        pytest.param({"factor": Decimal("1.10")}, {"factor": Decimal("1.1")}, id="trailing-zero"),
        pytest.param({"factor": [8]}, {"factor": [Decimal("8.0")]}, id="integer-and-decimal"),
        pytest.param({"place": {"a": 1, "b": 2}}, {"place": {"b": 2, "a": 1}}, id="order-deep-inside"),
    ],
)
def test_equal_json_is_no_change(copy, time_log, before, after):
    copy.merge_records([time_log("a", **before)], NOW)

    assert copy.merge_records([dict(reversed(time_log("a", **after).items()))], LATER) == 0


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "field-removed": ({"project": "p1"}, {}),
    "null-removed": ({"project": None}, {}),
    "field-without-a-column": ({"customFields": []}, {"customFields": [{"name": "Bil"}]}),
    "beyond-a-float": ({"factor": Decimal("0.1")}, {"factor": Decimal("0.10000000000000001")}),
    "flag-and-number": ({"factor": True}, {"factor": 1}),
    "text-and-number": ({"factor": "8"}, {"factor": 8}),
    "order-of-a-list": ({"factor": [1, 2]}, {"factor": [2, 1]}),
    "upper-case": ({"description": "Möte"}, {"description": "MÖTE"}),
    "blank-at-the-end": ({"description": "Möte"}, {"description": "Möte "}),
}


def test_every_change_of_a_value_is_written(copy, stored, time_log, subtests):
    for record_id, (before, after) in CHANGES.items():
        with subtests.test(record_id):
            copy.merge_records([time_log(record_id, **before)], NOW)
            changed = time_log(record_id, **after)

            assert copy.merge_records([changed], LATER) == 1
            assert stored()[record_id] == rows_of([changed], LATER)[record_id]


def test_only_changed_rows_are_written(copy, stored, time_log):
    copy.merge_records([time_log("a"), time_log("b")], NOW)
    batch = [time_log("c"), time_log("b", time=6), time_log("a")]

    assert copy.merge_records(batch, LATER) == 2
    assert stored() == rows_of([time_log("a")]) | rows_of([time_log("b", time=6), time_log("c")], LATER)


def test_ids_that_differ_in_case_are_two_records(copy, stored, time_log):
    assert copy.merge_records([time_log("a"), time_log("A")], NOW) == 2
    assert set(stored()) == {"a", "A"}


def test_a_batch_larger_than_one_statement(copy, stored, time_log):
    records = [time_log(f"{number:04}") for number in range(1_200)]

    assert copy.merge_records(records, NOW) == 1_200
    assert copy.merge_records(records, LATER) == 0
    assert len(stored()) == 1_200


def test_an_empty_batch(copy, stored):
    assert copy.merge_records([], NOW) == 0
    assert stored() == {}


def test_a_row_that_was_edited_in_the_table_is_overwritten(copy, query, stored, time_log):
    copy.merge_records([time_log("a")], NOW)
    query('update seventime_time_logs set record = \'{"_id": "a"}\'')

    assert copy.merge_records([time_log("a")], LATER) == 1
    assert stored() == rows_of([time_log("a")], LATER)


def test_postgresql_stores_a_replacement_for_nul(copy, stored, driver, logs, time_log):
    record = time_log("a", description="a\0b", **{"x\0": [{"y": "\\u0000 \0"}]})
    expected = record
    if driver.startswith("psycopg"):
        expected = time_log("a", description="a\ufffdb", **{"x\ufffd": [{"y": "\\u0000 \ufffd"}]})

    assert copy.merge_records([record, time_log("b", description="\\u0000")], NOW) == 2
    assert stored() == rows_of([expected, time_log("b", description="\\u0000")])
    assert copy.merge_records([record], LATER) == 0
    assert ("timeLogs 'a': a text holds the character U+0000" in logs) is driver.startswith("psycopg")
    assert "timeLogs 'b'" not in logs


def test_names_that_need_quotes(engine, stored, time_log, subtests):
    for name in ["order", "Time_Logs", "user", "tidloggar_åäö", "with-dash", "a:b"]:
        with subtests.test(name):
            copy = RecordCopy(engine, name, TIME_LOGS, marks_deletions=True)
            copy.check()
            copy.prepare()
            copy.check()

            assert copy.merge_records([time_log("a"), time_log("b")], NOW) == 2
            assert copy.merge_records([time_log("a", time=1)], LATER) == 1
            assert copy.mark_deleted(["a"], LATER) == 1
            assert copy.delete(["b"]) == 1
            assert stored(name)["a"]["time"] == 1


def test_a_table_in_a_schema(engine, database, stored, time_log):
    copy = RecordCopy(engine, f"{database.schema or 'main'}.order", TIME_LOGS)
    copy.check()
    copy.prepare()
    copy.check()

    assert copy.merge_records([time_log("a")], NOW) == 1
    assert copy.merge_records([time_log("a")], NOW) == 0
    assert set(stored("order")) == {"a"}


def test_every_collection_has_a_table(engine, subtests):
    for collection in COLLECTIONS.values():
        with subtests.test(collection.name):
            copy = RecordCopy(engine, column_name(collection.name), collection, marks_deletions=True)
            copy.prepare()
            copy.check()

            record = {collection.id_field: 7 if collection.name == "userRoles" else "a"}
            assert copy.merge_records([record], NOW) == 1
            assert copy.merge_records([record], LATER) == 0


def test_an_empty_table(engine, time_log):
    copy = RecordCopy(engine, "hours", TIME_LOGS)
    assert copy.is_empty()

    copy.prepare()
    assert copy.is_empty()

    copy.merge_records([time_log("a")], NOW)
    assert not copy.is_empty()
