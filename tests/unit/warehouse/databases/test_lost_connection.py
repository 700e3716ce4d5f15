"""Lost connections at every moment of a transaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import WarehouseError
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)

SERVERS = pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "mysqlconnector"])


@pytest.fixture
def marking(engine, time_log):
    copy = RecordCopy(engine, "hours", TIME_LOGS, marks_deletions=True)
    copy.prepare()
    copy.merge_records([time_log("a"), time_log("b")], NOW)
    return copy


@SERVERS
@pytest.mark.parametrize(
    ("work", "before", "expected"),
    [
        pytest.param("merge", "INSERT", "while writing a batch: .*; nothing of the batch was written", id="merge"),
        pytest.param("delete", "DELETE", "while deleting rows: .*; none of them was deleted", id="delete"),
        pytest.param("mark", "UPDATE", "while marking rows as deleted: .*; none of them was marked", id="mark"),
        pytest.param("search", "SELECT", "while searching for rows: .*; nothing was written", id="search"),
    ],
)
def test_a_session_that_ends_before_a_statement(
    engine, driver, marking, stored, kill, time_log, logs, work, before, expected
):
    batch = [time_log("a", time=6, userName="Tommy Hellström"), time_log("c")]
    works = {
        "merge": lambda: marking.merge_records(batch, LATER),
        "delete": lambda: marking.delete(["a", "b"]),
        "mark": lambda: marking.mark_deleted(["a", "b"], LATER),
        "search": lambda: marking.rows_not_read(set(), window=None, equal={}),
    }
    rows = stored("hours", marks_deletions=True)
    if (driver, work) == ("mysqlconnector", "merge"):
        before = "max_allowed_packet"  # the INSERT itself is no statement of SQLAlchemy's

    with (
        kill(engine, before=before),
        pytest.raises(WarehouseError, match=f"connection .* was lost {expected}") as failed,
    ):
        works[work]()

    assert failed.value.transient
    assert stored("hours", marks_deletions=True) == rows
    assert works[work]()
    assert "Tommy" not in str(failed.value)
    assert "Traceback" not in logs


@pytest.mark.parametrize("driver", ["mysqlconnector"])
def test_a_session_that_ends_within_a_statement(marking, stored, query, time_log):
    query("create trigger ends before insert on hours for each row if new.id = 'c' then kill connection_id(); end if")
    rows = stored("hours", marks_deletions=True)

    with pytest.raises(WarehouseError, match=r"connection .* was lost while writing a batch") as failed:
        marking.merge_records([time_log("b", time=6), time_log("c", userName="Tommy Hellström")], LATER)

    assert failed.value.transient
    assert "Tommy" not in str(failed.value)
    query("drop trigger ends")
    assert stored("hours", marks_deletions=True) == rows
    assert marking.merge_records([time_log("b", time=6), time_log("c")], LATER) == 2


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.parametrize("before", ["jit", "CREATE TEMPORARY TABLE", "INSERT"])
def test_a_session_that_ends_near_copy(engine, marking, stored, kill, time_log, before):
    rows = stored("hours")

    with kill(engine, before=before), pytest.raises(WarehouseError, match="nothing of the batch was written"):
        marking.merge_records([time_log(f"{number:04}") for number in range(1_000)], LATER)

    assert stored("hours") == rows
    assert marking.merge_records([time_log(f"{number:04}") for number in range(1_000)], LATER) == 1_000


@SERVERS
def test_a_session_that_ends_during_the_commit(engine, other_engine, marking, stored, session_of, time_log):
    """The outcome is unknown, so the error does not say that nothing was written."""

    def end_session(connection):
        if ended:
            return
        ended.append(True)
        number = session_of(connection)
        end = f"kill {number}" if engine.dialect.name == "mysql" else f"select pg_terminate_backend({number})"
        with other_engine.connect() as other:
            other.exec_driver_sql(end)

    ended = []
    event.listen(engine, "commit", end_session)
    with pytest.raises(WarehouseError, match="it was done completely or not at all") as failed:
        marking.merge_records([time_log("c")], LATER)

    assert failed.value.transient
    assert marking.merge_records([time_log("c")], LATER) == 1
    assert set(stored("hours")) == {"a", "b", "c"}


@SERVERS
def test_a_session_that_ended_between_two_batches(engine, other_engine, marking, session_of, time_log):
    """An hour may pass between two uses of a connection, and a firewall drops it sooner."""
    with engine.connect() as connection:
        number = session_of(connection)
    end = f"kill {number}" if engine.dialect.name == "mysql" else f"select pg_terminate_backend({number})"
    with other_engine.connect() as other:
        other.exec_driver_sql(end)

    assert marking.merge_records([time_log("c")], LATER) == 1


@SERVERS
def test_an_unreachable_server(database):
    unreachable = database.at(host="127.0.0.1", port=1)

    with pytest.raises(WarehouseError, match="the connection to the database was lost") as failed:
        RecordCopy(unreachable, "hours", TIME_LOGS).check()

    assert failed.value.transient
    unreachable.dispose()
