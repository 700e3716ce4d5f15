"""Several runs at the same table at once, and what stands in each other's way."""

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
IMPATIENT: dict[str, dict[str, Any]] = {
    "sqlite": {"timeout": 0},
    "psycopg": {"lock_timeout": "20ms"},
    "psycopg2": {"lock_timeout": "20ms"},
    "mysqlconnector": {"init_command": "SET SESSION innodb_lock_wait_timeout = 0"},
}


@pytest.fixture
def at_once(database):
    """Let several runs, each with an engine of its own, do the same at the same moment; the results."""

    def run(work, name="hours", resource=TIME_LOGS):
        begin = threading.Barrier(RUNS)

        def one(number):
            engine = database.engine()
            try:
                copy = RecordCopy(engine, name, resource)
                begin.wait(timeout=30)
                return work(copy, number)
            finally:
                engine.dispose()

        with ThreadPoolExecutor(RUNS) as runs:
            return list(runs.map(one, range(RUNS)))

    return run


def test_runs_that_make_the_same_table(at_once, stored, time_log):
    def first_run(copy, number):
        copy.check()
        copy.prepare()
        return copy.merge_records([time_log(f"{number}"), time_log("shared")], NOW)

    written = at_once(first_run)

    assert set(stored("hours")) == {"0", "1", "2", "3", "shared"}
    assert RUNS + 1 <= sum(written) <= 2 * RUNS


def test_runs_that_widen_the_same_table(engine, at_once, stored, time_log):
    earlier = RecordCopy(engine, "hours", EARLIER)
    earlier.prepare()
    earlier.merge_records([time_log(f"{number:04}", cost=number) for number in range(300)], NOW)

    at_once(lambda copy, number: copy.prepare())

    assert sorted(row["cost"] for row in stored("hours").values()) == list(range(300))


def test_runs_that_write_the_same_rows_in_another_order(engine, at_once, stored, time_log):
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
def rival(other_engine, copy, time_log):
    """Another session, in a transaction that has written a row, more than once, which is about to be written."""
    copy.merge_records([time_log("a"), time_log("b")], NOW)
    with other_engine.connect() as connection:
        connection.begin()
        for number in range(20):
            connection.exec_driver_sql(f"update seventime_time_logs set task = 'theirs {number}' where id = 'b'")
        yield connection


@pytest.fixture
def impatient(database, driver):
    """A copy that does not wait for locks, and the waits between its tries."""
    waits = []
    engine = database.engine(**IMPATIENT[driver])
    yield RecordCopy(engine, "seventime_time_logs", TIME_LOGS, sleep=waits.append), waits
    engine.dispose()


def test_what_another_holds_is_tried_again(database, driver, rival, stored, time_log):
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            rival.get_transaction().commit()

    engine = database.engine(**IMPATIENT[driver])
    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, sleep=wait)

    assert copy.merge_records([time_log("b", time=6), time_log("a", time=6)], LATER) == 2
    assert len(waits) == 2
    assert all(0 <= seconds <= 5 for seconds in waits)
    assert {row["synced_at"] for row in stored().values()} == {LATER}
    engine.dispose()


@pytest.mark.parametrize(
    ("work", "done"),
    [
        pytest.param(
            lambda copy, record: copy.merge_records([record("a", time=6), record("b", time=6)], LATER), "written"
        ),
        pytest.param(lambda copy, record: copy.delete(["a", "b"]), "deleted"),
    ],
    ids=["merge", "delete"],
)
def test_what_another_holds_for_too_long(impatient, rival, stored, time_log, work, done):
    copy, waits = impatient

    with pytest.raises(WarehouseError, match=r"other transactions blocked every attempt while .* Run again") as failed:
        work(copy, time_log)

    assert failed.value.transient
    assert f"was {done}" in str(failed.value)
    assert len(waits) == ATTEMPTS - 1
    rival.get_transaction().rollback()
    assert {row["synced_at"] for row in stored().values()} == {NOW}
    assert work(copy, time_log) == 2


@pytest.fixture
def reach(rival):
    """Let the rival take 'a' too, in a thread of its own, and commit."""

    def take():
        rival.exec_driver_sql("update seventime_time_logs set task = 'theirs' where id = 'a'")
        rival.get_transaction().commit()

    return take


@pytest.mark.parametrize("driver", ["psycopg2"])
def test_a_deadlock_of_postgresql_is_tried_again(database, engine, rival, reach, stored, session_of):
    waits, reaching = [], []
    own = database.engine(deadlock_timeout="10ms")  # who looks first finds it, and is stopped
    copy = RecordCopy(own, "seventime_time_logs", TIME_LOGS, sleep=waits.append)
    waiting = f"select count(*) from pg_locks where not granted and pid = {session_of(rival)}"

    def cross(*seen):
        """Before the copy, which has 'a', reaches for 'b'."""
        if seen[2].startswith("DELETE") and "b" in seen[3].values() and not reaching:
            reaching.append(runs.submit(reach))
            with engine.connect() as looking:
                until(lambda: looking.exec_driver_sql(waiting).scalar())

    event.listen(own, "before_cursor_execute", cross)
    with ThreadPoolExecutor(1) as runs:
        assert copy.delete(["a", *(f"a{number:03}" for number in range(499)), "b"]) == 2
        reaching[0].result(timeout=30)

    assert len(waits) == 1
    assert stored() == {}
    own.dispose()


@pytest.mark.parametrize("driver", ["mysqlconnector"])
def test_a_deadlock_of_mariadb_is_tried_again(engine, other_engine, rival, reach, stored, time_log):
    waits = []
    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS, sleep=waits.append)
    waiting = (
        "select count(*) from information_schema.innodb_trx join information_schema.processlist "
        "on id = trx_mysql_thread_id where db = database() and trx_state = 'LOCK WAIT'"
    )

    def cross():
        """When the copy has 'a' and waits for 'b'; it has written less, and is stopped."""
        with other_engine.connect() as looking:
            until(lambda: looking.exec_driver_sql(waiting).scalar())
        reach()

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
        time.sleep(0.12)  # what MariaDB tells of transactions stays the same for as long as it is asked more often
