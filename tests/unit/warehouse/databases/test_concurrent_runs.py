"""Concurrent runs on the same table: locks, timeouts and deadlocks."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import WarehouseError
from airflow_provider_seventime.warehouse.transactions import ATTEMPTS
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
RUNS = 4
EARLIER = replace(TIME_LOGS, fields={n: kind for n, kind in TIME_LOGS.fields.items() if n not in ("cost", "user")})
WITHOUT_WAITING: dict[str, dict[str, Any]] = {
    "sqlite": {"timeout": 0},
    "psycopg": {"lock_timeout": "20ms"},
    "psycopg2": {"lock_timeout": "20ms"},
    "mysqlconnector": {"init_command": "SET SESSION innodb_lock_wait_timeout = 0"},
}


@pytest.fixture
def at_once(database):
    """Run a function in several threads at once, each with its own engine; return the results."""

    def run(work, name="hours", collection=TIME_LOGS):
        begin = threading.Barrier(RUNS)

        def one(number):
            engine = database.engine()
            try:
                copy = RecordCopy(engine, name, collection)
                begin.wait(timeout=30)
                return work(copy, number)
            finally:
                engine.dispose()

        with ThreadPoolExecutor(RUNS) as runs:
            return list(runs.map(one, range(RUNS)))

    return run


def test_concurrent_runs_create_a_table_once(at_once, stored, time_log):
    def first_run(copy, number):
        copy.check()
        copy.prepare()
        return copy.merge_records([time_log(f"{number}"), time_log("shared")], NOW)

    written = at_once(first_run)

    assert set(stored("hours")) == {"0", "1", "2", "3", "shared"}
    assert RUNS + 1 <= sum(written) <= 2 * RUNS


def test_concurrent_runs_add_columns_once(engine, at_once, stored, time_log):
    earlier = RecordCopy(engine, "hours", EARLIER)
    earlier.prepare()
    earlier.merge_records([time_log(f"{number:04}", cost=number) for number in range(300)], NOW)

    at_once(lambda copy, number: copy.prepare())

    assert sorted(row["cost"] for row in stored("hours").values()) == list(range(300))


def test_concurrent_runs_write_the_same_rows_in_another_order(engine, at_once, stored, time_log):
    RecordCopy(engine, "hours", TIME_LOGS).prepare()

    def writing(copy, number):
        for hours in range(4):
            records = [time_log(f"{i:04}", time=10 * number + hours) for i in range(200)]
            copy.merge_records(records[:: -1 if number % 2 else 1], NOW)
            copy.delete([f"{i:04}" for i in range(number, 40, RUNS)])
            copy.merge_records(records, NOW)
        return True

    assert all(at_once(writing))
    rows = stored("hours")
    assert len(rows) >= 160
    assert {row["time"] - row["record"]["time"] for row in rows.values()} == {0}


@pytest.fixture
def lock_holder(other_engine, copy, time_log):
    """Another session, in a transaction that has updated row ``b`` several times and holds its lock."""
    copy.merge_records([time_log("a"), time_log("b")], NOW)
    with other_engine.connect() as connection:
        connection.begin()
        for number in range(20):
            connection.exec_driver_sql(f"update seventime_time_logs set task = 'other {number}' where id = 'b'")
        yield connection


@pytest.fixture
def copy_without_waiting(database, driver):
    """A copy that does not wait for locks, and the waits between its attempts."""
    waits = []
    engine = database.engine(**WITHOUT_WAITING[driver])
    yield RecordCopy(engine, "seventime_time_logs", TIME_LOGS, sleep=waits.append), waits
    engine.dispose()


def test_a_locked_row_is_retried(database, driver, lock_holder, stored, time_log):
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            lock_holder.get_transaction().commit()

    engine = database.engine(**WITHOUT_WAITING[driver])
    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, sleep=wait)

    assert copy.merge_records([time_log("b", time=6), time_log("a", time=6)], LATER) == 2
    assert len(waits) == 2
    assert all(0 <= seconds <= 5 for seconds in waits)
    assert {row["synced_at"] for row in stored().values()} == {LATER}
    engine.dispose()


@pytest.mark.parametrize(
    ("work", "participle"),
    [
        pytest.param(
            lambda copy, record: copy.merge_records([record("a", time=6), record("b", time=6)], LATER), "written"
        ),
        pytest.param(lambda copy, record: copy.delete(["a", "b"]), "deleted"),
    ],
    ids=["merge", "delete"],
)
def test_a_row_that_stays_locked_fails_after_all_attempts(
    copy_without_waiting, lock_holder, stored, time_log, work, participle
):
    copy, waits = copy_without_waiting

    with pytest.raises(WarehouseError, match=r"other transactions blocked every attempt while .* Run again") as failed:
        work(copy, time_log)

    assert failed.value.transient
    assert f"was {participle}" in str(failed.value)
    assert len(waits) == ATTEMPTS - 1
    lock_holder.get_transaction().rollback()
    assert {row["synced_at"] for row in stored().values()} == {NOW}
    assert work(copy, time_log) == 2


@pytest.fixture
def lock_second_row(lock_holder):
    """Return a function with which the lock holder locks ``a`` too, and commits."""

    def lock():
        lock_holder.exec_driver_sql("update seventime_time_logs set task = 'other' where id = 'a'")
        lock_holder.get_transaction().commit()

    return lock


@pytest.mark.parametrize("driver", ["psycopg2"])
def test_a_deadlock_of_postgresql_is_retried(database, engine, lock_holder, lock_second_row, stored, session_of):
    waits, crossing = [], []
    own = database.engine(deadlock_timeout="10ms")  # the session that checks first is the victim
    copy = RecordCopy(own, "seventime_time_logs", TIME_LOGS, sleep=waits.append)
    waiting = f"select count(*) from pg_locks where not granted and pid = {session_of(lock_holder)}"

    def cross(*seen):
        """Cross the locks just before the copy, which holds ``a``, deletes ``b``."""
        if seen[2].startswith("DELETE") and "b" in seen[3].values() and not crossing:
            crossing.append(runs.submit(lock_second_row))
            with engine.connect() as looking:
                until(lambda: looking.exec_driver_sql(waiting).scalar())

    event.listen(own, "before_cursor_execute", cross)
    with ThreadPoolExecutor(1) as runs:
        assert copy.delete(["a", *(f"a{number:03}" for number in range(499)), "b"]) == 2
        crossing[0].result(timeout=30)

    assert len(waits) == 1
    assert stored() == {}
    own.dispose()


@pytest.mark.parametrize("driver", ["mysqlconnector"])
def test_a_deadlock_of_mariadb_is_retried(engine, other_engine, lock_holder, lock_second_row, stored, time_log):
    waits = []
    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, sleep=waits.append)
    waiting = (
        "select count(*) from information_schema.innodb_trx join information_schema.processlist "
        "on id = trx_mysql_thread_id where db = database() and trx_state = 'LOCK WAIT'"
    )

    def cross():
        """Cross the locks once the copy holds ``a`` and waits for ``b``. It has written less, so it is the victim."""
        with other_engine.connect() as looking:
            until(lambda: looking.exec_driver_sql(waiting).scalar())
        lock_second_row()

    with ThreadPoolExecutor(1) as runs:
        crossing = runs.submit(cross)
        assert copy.merge_records([time_log("a", time=6), time_log("b", time=6)], LATER) == 2
        crossing.result(timeout=30)

    assert len(waits) == 1
    assert {row["task"] for row in stored().values()} == {None}


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.12)  # MariaDB does not refresh its list of transactions while it is queried more often
