"""Values that do not fit their columns: all are named, or written as NULL and counted."""

from __future__ import annotations

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import ConfigError, MisfitError
from airflow_provider_seventime.warehouse.misfits import MOST_NAMED


def test_all_misfits_of_a_run_are_named_without_their_values(account, warehouse, time_log):
    account.load(
        time_log("a", time="Anna"), time_log("b", isInvoiced={"name": "Berit"}), time_log("c", user=["Cecilia", 5])
    )

    with pytest.raises(MisfitError) as caught:
        warehouse.sync()

    assert str(caught.value) == (
        "timeLogs: 3 values do not fit their fields, and nothing was written:\n"
        "  - 'a': time holds a text of 4 characters, which is no number\n"
        "  - 'b': isInvoiced holds an object, which is no boolean\n"
        "  - 'c': user holds a list, which is no id\n"
        "Correct the records in Seven Time, or give on_misfit='null' to write NULL for such values"
    )
    assert not caught.value.transient
    assert warehouse.query("select name from sqlite_master") == []


def test_the_error_names_so_many_misfits_at_most(account, warehouse, time_logs):
    account.load(*time_logs(MOST_NAMED + 30, time="x"))

    with pytest.raises(MisfitError, match="50 values do not fit") as caught:
        warehouse.sync()

    assert str(caught.value).count("time holds a text") == MOST_NAMED
    assert "and 30 others" in str(caught.value)


def test_misfits_are_null_on_request_and_record_keeps_them(account, warehouse, time_log, caplog):
    account.load(time_log("a", time="Anna"), time_log("b", time=6))

    manifest = warehouse.sync(on_misfit="null")

    assert (manifest["misfits"], manifest["rows_written"]) == (1, 2)
    rows = warehouse.query("select id, time, record from seventime_time_logs order by id")
    assert [(*row[:2], exact_json.decode(row[2])["time"]) for row in rows] == [("a", None, "Anna"), ("b", 6, 6)]
    assert warehouse.query("select misfits from seventime_copies") == [(1,)]
    assert "are kept in record: time 1" in caplog.text
    assert "Anna" not in caplog.text


def test_a_number_that_identifies_may_be_any_text(account, warehouse, time_log):
    account.load(time_log("a", workOrderNumber="A-100"), time_log("b", workOrderNumber=12))

    warehouse.sync()

    assert warehouse.query("select work_order_number from seventime_time_logs order by id") == [("A-100",), ("12",)]


def test_an_unknown_way_is_refused_before_a_request(account, warehouse):
    with pytest.raises(ConfigError, match="on_misfit is 'skip', and must be one of fail, null"):
        warehouse.sync(on_misfit="skip")

    assert account.requests(counts=True) == []
