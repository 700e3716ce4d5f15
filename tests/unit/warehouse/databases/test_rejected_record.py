"""Rows that the database refuses for what they hold: the record is named, and nothing of it is told."""

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
def refused(copy, stored, logs):
    """Merge a batch that is refused whole; what is said."""

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
def test_a_record_that_a_unique_index_of_the_user_forbids(copy, query, refused, driver, time_log):
    query("create unique index one_per_description on seventime_time_logs (description)")
    copy.merge_records([time_log("a", description="Hemligt O'Brien")], NOW)
    others = [time_log(f"b{number:03}", description=f"{number}") for number in range(300)]

    said = refused([*others, time_log("c", description="Hemligt O'Brien")])

    assert "the database rejected timeLogs 'c': " in said
    assert ("seventime_time_logs.description" if driver == "sqlite" else "one_per_description") in said


@NOT_MARIADB
def test_records_that_are_refused_together_only(copy, query, refused, driver, time_log):
    query("create unique index one_per_description on seventime_time_logs (description)")

    said = refused([time_log(row_id, description="Hemligt") for row_id in ("a", "b")])

    assert "the database rejected a row: " in said


@MARIADB
def test_an_id_that_is_too_long_for_a_key(refused, time_log):
    assert "the database rejected timeLogs 'xxx" in (said := refused([time_log("a"), time_log("x" * 256)]))
    assert "error 1406, id" in said


@MARIADB
def test_a_record_larger_than_the_server_takes(copy, refused, time_log):
    said = refused([time_log("a"), time_log("b", description="Hemligt" * 2**21)])

    assert "the database rejected timeLogs 'b': it is larger than max_allowed_packet, which is " in said
    assert copy.merge_records([time_log("a")], LATER) == 1


@MARIADB
def test_a_record_almost_as_large_as_the_server_takes(copy, stored, query, time_log):
    ((largest,),) = query("select @@max_allowed_packet")
    long = "x" * (largest // 2 - 16 * 1024)

    assert copy.merge_records([time_log("a", description=long), time_log("b", description=long)], NOW) == 2
    assert stored()["b"]["description"] == long


@POSTGRESQL
def test_a_number_that_no_jsonb_holds(refused, time_log):
    records = [time_log("a"), time_log("b", factor=Decimal("1E+200000")), time_log("c")]

    assert "the database rejected timeLogs 'b': NumericValueOutOfRange" in refused(records)


@POSTGRESQL
def test_what_a_trigger_of_the_user_raises(query, refused, time_log):
    query(
        "create function forbid() returns trigger language plpgsql as "
        "$$ begin if new.id = 'b' then raise using message = new.user_name; end if; return new; end $$"
    )
    query("create trigger forbid before insert on seventime_time_logs for each row execute function forbid()")

    assert "the database rejected timeLogs 'b': RaiseException;" in refused([time_log("a"), time_log("b")])


@SERVERS
def test_a_check_of_the_user(query, refused, time_log):
    query("alter table seventime_time_logs add constraint a_day_at_most check (time <= 24)")

    said = refused([time_log("a"), time_log("b", time=25), time_log("c")])

    assert "the database rejected timeLogs 'b': " in said
    assert "Correct the record in Seven Time, or the column or constraint that rejects it" in said
