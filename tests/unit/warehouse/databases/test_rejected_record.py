"""Rows that the database rejects: the error names the record and quotes no value."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from airflow_provider_seventime.exceptions import WarehouseError

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
NOT_MARIADB = pytest.mark.parametrize("driver", ["sqlite", "psycopg", "psycopg2"])
SERVERS = pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "mysqlconnector"])
POSTGRESQL = pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
MARIADB = pytest.mark.parametrize("driver", ["mysqlconnector"])


@pytest.fixture
def rejected(copy, stored, logs):
    """Merge a batch that the database rejects, and return the message."""

    def merge(records):
        before = stored()
        with pytest.raises(WarehouseError, match="table seventime_time_logs: the database rejected") as failed:
            copy.merge_records(records, LATER)
        assert not failed.value.transient
        assert "nothing of the batch was written" in str(failed.value)
        assert stored() == before
        shown = "".join(traceback.format_exception(failed.value))
        assert "Hellström" not in shown + str(logs)
        assert "Hemligt" not in shown + str(logs)
        return str(failed.value)

    return merge


@NOT_MARIADB
def test_a_unique_index_of_the_user(copy, query, rejected, driver, time_log):
    query("create unique index one_per_description on seventime_time_logs (description)")
    copy.merge_records([time_log("a", description="Hemligt O'Brien")], NOW)
    others = [time_log(f"b{number:03}", description=f"{number}") for number in range(300)]

    message = rejected([*others, time_log("c", description="Hemligt O'Brien")])

    assert "the database rejected timeLogs 'c': " in message
    assert ("seventime_time_logs.description" if driver == "sqlite" else "one_per_description") in message


@NOT_MARIADB
def test_records_that_are_rejected_only_together(copy, query, rejected, driver, time_log):
    query("create unique index one_per_description on seventime_time_logs (description)")

    message = rejected([time_log(row_id, description="Hemligt") for row_id in ("a", "b")])

    assert "the database rejected a row: " in message


@MARIADB
def test_an_id_longer_than_the_key_column(rejected, time_log):
    assert "the database rejected timeLogs 'xxx" in (message := rejected([time_log("a"), time_log("x" * 256)]))
    assert "error 1406, id" in message


@MARIADB
def test_a_record_larger_than_a_packet(copy, rejected, time_log):
    message = rejected([time_log("a"), time_log("b", description="Hemligt" * 2**21)])

    assert "the database rejected timeLogs 'b': it is larger than max_allowed_packet, which is " in message
    assert copy.merge_records([time_log("a")], LATER) == 1


@MARIADB
def test_records_almost_as_large_as_a_packet(copy, stored, query, time_log):
    ((largest,),) = query("select @@max_allowed_packet")
    long = "x" * (largest // 2 - 16 * 1024)

    assert copy.merge_records([time_log("a", description=long), time_log("b", description=long)], NOW) == 2
    assert stored()["b"]["description"] == long


@POSTGRESQL
def test_a_number_out_of_range_for_jsonb(rejected, time_log):
    records = [time_log("a"), time_log("b", factor=Decimal("1E+200000")), time_log("c")]

    assert "the database rejected timeLogs 'b': NumericValueOutOfRange" in rejected(records)


@POSTGRESQL
def test_an_error_of_a_trigger_of_the_user(query, rejected, time_log):
    query(
        "create function reject_b() returns trigger language plpgsql as "
        "$$ begin if new.id = 'b' then raise using message = new.user_name; end if; return new; end $$"
    )
    query("create trigger reject_b before insert on seventime_time_logs for each row execute function reject_b()")

    assert "the database rejected timeLogs 'b': RaiseException;" in rejected([time_log("a"), time_log("b")])


@SERVERS
def test_a_check_constraint_of_the_user(query, rejected, time_log):
    query("alter table seventime_time_logs add constraint a_day_at_most check (time <= 24)")

    message = rejected([time_log("a"), time_log("b", time=25), time_log("c")])

    assert "the database rejected timeLogs 'b': " in message
    assert "Correct the record in Seven Time, or the column or constraint that rejects it" in message
