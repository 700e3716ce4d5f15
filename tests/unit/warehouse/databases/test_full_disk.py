"""Databases without room."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import WarehouseError
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)


@pytest.fixture
def small_disk(driver):
    """Mount a disk of four megabytes for PostgreSQL; only root can."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    folder = f"/var/tmp/warehouse_{os.getpid()}_{driver}"
    os.makedirs(folder)
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700,uid=postgres,gid=postgres", "tmpfs", folder], check=False
        )
        if mounted.returncode:
            pytest.skip("no small disk can be mounted here")
        yield folder
        subprocess.run(["umount", folder], check=True)
    finally:
        os.rmdir(folder)


@pytest.fixture
def records(time_log):
    """Return records of eight megabytes that cannot be compressed."""
    return [time_log(f"{number:04}", description=os.urandom(4_096).hex()) for number in range(1_000)]


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_postgresql(engine, database, small_disk, query, stored, time_log, records):
    space = f"space_{os.path.basename(small_disk)}"
    run_outside_transaction(database, f"create tablespace {space} location '{small_disk}'")
    try:
        copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS)
        copy.prepare()
        query(f"alter table seventime_time_logs set tablespace {space}")
        copy.merge_records([time_log("a")], NOW)

        assert_full(copy, records, stored, "could not extend file")

        query("drop table seventime_time_logs")
    finally:
        run_outside_transaction(database, f"drop tablespace {space}")


@pytest.mark.parametrize("driver", ["mysqlconnector"])
def test_mariadb(copy, query, stored, time_log, records):
    """A trigger raises the error of a full table: on a full disk, MariaDB itself would end."""
    copy.merge_records([time_log("a")], NOW)
    query(
        "create trigger full before insert on seventime_time_logs for each row if new.id = '0900' then "
        "signal sqlstate 'HY000' set mysql_errno = 1114, message_text = 'The table is full'; end if"
    )

    assert_full(copy, records, stored, "The table is full")


@pytest.mark.parametrize("driver", ["sqlite"])
def test_sqlite(engine, stored, time_log, records):
    copy = RecordCopy(engine, "seventime_time_logs", TIME_LOGS)
    copy.prepare()
    copy.merge_records([time_log("a")], NOW)
    engine.dispose()
    event.listen(engine, "connect", lambda driver, _: driver.execute("pragma max_page_count = 100"))

    assert_full(copy, records, stored, "database or disk is full")


def assert_full(copy, records, stored, reason):
    before = stored()

    with pytest.raises(WarehouseError, match=f"no room left while writing a batch: .*{reason}") as failed:
        copy.merge_records(records, NOW)

    assert failed.value.transient
    assert "nothing of the batch was written. Make room and run again" in str(failed.value)
    assert stored() == before
    assert copy.merge_records([{**records[0], "description": "less"}], NOW) == 1


def run_outside_transaction(database, statement):
    """Run a statement that a transaction cannot contain."""
    server = database.at().execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(statement)
    server.dispose()
