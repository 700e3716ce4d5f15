"""The newer of two readings of a record wins, row by row, whoever writes last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.copy import CollectionCopy
from airflow_provider_seventime.warehouse.write.newer import MergeResult, Times, is_older
from tests.unit.warehouse.record_copy import RecordCopy

NOON = datetime(2026, 9, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# Time of change and time of the stored reading, those of the new one, and whether the new one is written.
CASES = {
    "later-reading": ((None, NOON), (None, NOON + HOUR), True),
    "same-moment": ((None, NOON), (None, NOON), True),
    "earlier-reading": ((None, NOON), (None, NOON - HOUR), False),
    "changed-later-read-earlier": ((NOON, NOON), (NOON + HOUR, NOON - HOUR), True),
    "changed-earlier-read-later": ((NOON, NOON), (NOON - HOUR, NOON + HOUR), False),
    "same-change-read-earlier": ((NOON, NOON), (NOON, NOON - HOUR), False),
    "same-change-read-later": ((NOON, NOON), (NOON, NOON + HOUR), True),
    "change-set-back-long-ago": ((NOON, NOON), (NOON - HOUR, NOON + DAY), True),
    "change-lost-read-later": ((NOON, NOON), (None, NOON + HOUR), True),
    "change-lost-read-earlier": ((NOON, NOON), (None, NOON - HOUR), False),
    "change-new-read-earlier": ((None, NOON), (NOON, NOON - HOUR), False),
}


def record(record_id, modified, text):
    return {
        "_id": record_id,
        "description": text,
        "modifiedDate": None if modified is None else format_instant(modified),
    }


def merge(copy, record_id, reading, text):
    modified, read_at = reading
    return CollectionCopy.merge(copy, copy.rows_of([record(record_id, modified, text)]), read_at)


def test_the_newer_reading_wins(copy, stored, subtests):
    for name, (old, new, is_written) in CASES.items():
        with subtests.test(name):
            merge(copy, name, old, "old")

            result = merge(copy, name, new, "new")

            assert stored()[name]["description"] == ("new" if is_written else "old")
            assert result == (MergeResult(1, 0) if is_written else MergeResult(0, 1))
            assert is_older(Times(*new), Times(*old)) is not is_written


def test_an_older_reading_with_the_same_content_is_not_counted(copy):
    merge(copy, "a", (NOON, NOON), "same")

    assert merge(copy, "a", (NOON, NOON - HOUR), "same") == MergeResult(0, 0)


def test_a_reading_from_before_the_deletion_keeps_the_mark(engine, stored):
    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, marks_deletions=True)
    copy.prepare()
    merge(copy, "a", (NOON, NOON), "old")
    copy.mark_deleted(["a"], NOON + 2 * HOUR)

    assert merge(copy, "a", (NOON + HOUR, NOON + HOUR), "new") == MergeResult(0, 1)
    assert stored(marks_deletions=True)["a"]["deleted_at"] == NOON + 2 * HOUR
    assert merge(copy, "a", (NOON + HOUR, NOON + 3 * HOUR), "new") == MergeResult(1, 0)
    assert stored(marks_deletions=True)["a"]["deleted_at"] is None


def test_the_writing_statement_decides_where_another_run_wrote_since_the_comparison(engine, other_engine, stored):
    """The other run writes between the comparison and the statement of this run."""
    copy, other = (RecordCopy(one, "seventime_time_logs", TIME_LOGS) for one in (engine, other_engine))
    copy.prepare()
    merge(copy, "a", (None, NOON - DAY), "oldest")
    if engine.dialect.name == "sqlite":  # its transaction excludes other writers from the beginning
        return
    first_of_writing = {"postgresql": "INSERT INTO", "mysql": "max_allowed_packet"}[engine.dialect.name]
    done = []

    def write_first(connection, cursor, statement, *_):
        if not done and first_of_writing in statement:
            done.append(merge(other, "a", (None, NOON), "newest"))

    event.listen(engine, "before_cursor_execute", write_first)
    merge(copy, "a", (None, NOON - HOUR), "older")

    assert done == [MergeResult(1, 0)]
    assert stored()["a"]["description"] == "newest"


def test_a_name_that_the_database_does_not_take_is_refused(engine):
    if engine.dialect.name == "sqlite":  # it takes any name
        return
    with pytest.raises(ConfigError, match=r"the name x+ has 65 bytes, and the database takes 6[34]\nGive a shorter"):
        RecordCopy(engine, "x" * 65, TIME_LOGS).check()


def test_accounts_of_one_table_do_not_touch_each_others_rows(engine, query):
    norrby, soderby = (RecordCopy(engine, "hours", TIME_LOGS, account=name) for name in ("Norrby", "O'Söderby"))
    norrby.check()
    norrby.prepare()
    soderby.check()
    soderby.prepare()
    for copy in (norrby, soderby):
        merge(copy, "a", (NOON, NOON), "first")
        merge(copy, "b", (NOON, NOON), "first")

    assert merge(norrby, "a", (NOON + HOUR, NOON + HOUR), "second") == MergeResult(1, 0)
    assert norrby.rows_not_read({"a"}, window=None, equal={}) == ["b"]
    assert norrby.rows_among(["a", "b", "c"], equal={}) == ["a", "b"]
    assert norrby.delete(["b"]) == 1
    rows = query("select account, id, description from hours order by account, id")
    assert rows == [("Norrby", "a", "second"), ("O'Söderby", "a", "first"), ("O'Söderby", "b", "first")]
    assert norrby.delete(["a"]) == 1
    assert (norrby.is_empty(), soderby.is_empty()) == (True, False)
