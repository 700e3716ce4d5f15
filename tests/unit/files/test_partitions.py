"""Partitions: a record belongs to the day or month of its instant in the account's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.contract.collections.customers import CUSTOMERS
from airflow_provider_seventime.contract.collections.invoicing import INVOICES
from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.dates import local_midnight
from airflow_provider_seventime.exceptions import ConfigError, MisfitError
from airflow_provider_seventime.files.partitions import WITHOUT_DATE, partitioning_of
from airflow_provider_seventime.warehouse.schema.columns import column_name

SWEDEN = ZoneInfo("Europe/Stockholm")
DAYS = partitioning_of(TIME_LOGS, "day", SWEDEN)
MONTHS = partitioning_of(TIME_LOGS, "month", SWEDEN)


def midnight(year, month, day):
    return local_midnight(date(year, month, day), SWEDEN)


@pytest.mark.parametrize(
    ("instant", "day", "month"),
    [
        ("2026-08-31T22:00:00.000Z", "2026-09-01", "2026-09"),
        ("2026-08-31T21:59:59.999Z", "2026-08-31", "2026-08"),
        ("2026-12-31T23:00:00.000Z", "2027-01-01", "2027-01"),
        ("2026-12-31T22:59:59.999Z", "2026-12-31", "2026-12"),
        ("0202-09-01T12:00:00.000Z", "0202-09-01", "0202-09"),
        (None, WITHOUT_DATE, WITHOUT_DATE),
        ("", WITHOUT_DATE, WITHOUT_DATE),
    ],
)
def test_the_partition_of_a_record(instant, day, month):
    record = {"_id": "a", "timestamp": instant}

    assert (DAYS.of(record), MONTHS.of(record)) == (day, month)


def test_the_partition_of_an_invoice_is_that_of_its_date():
    partitioning = partitioning_of(INVOICES, "month", SWEDEN)

    assert partitioning.of({"_id": "a", "invoiceDate": "2026-09-29T22:00:00.000Z"}) == "2026-09"
    assert partitioning.of({"_id": "a"}) == WITHOUT_DATE


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        ("soon", "timestamp holds a text of 4 characters, which is no instant"),
        ("9999-12-31T23:30:00.000Z", "timestamp lies beyond the calendar"),
    ],
)
def test_an_instant_that_is_none(instant, said):
    with pytest.raises(MisfitError, match=f"^timeLogs 'a': {said}"):
        MONTHS.of({"_id": "a", "timestamp": instant})


def test_the_partitions_of_a_window():
    assert MONTHS.between(midnight(2025, 11, 1), midnight(2026, 3, 1)) == ["2025-11", "2025-12", "2026-01", "2026-02"]
    # Summer time ends on 25 October.
    assert DAYS.between(midnight(2026, 10, 24), midnight(2026, 10, 27)) == ["2026-10-24", "2026-10-25", "2026-10-26"]


def test_a_year_has_its_months_and_days():
    year = midnight(2025, 1, 1), midnight(2026, 1, 1)

    assert len(MONTHS.between(*year)) == 12
    assert len(DAYS.between(*year)) == len(set(DAYS.between(*year))) == 365


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        (datetime(2026, 9, 1, tzinfo=UTC), midnight(2026, 10, 1), "start"),
        (midnight(2026, 9, 1), datetime(2026, 10, 1, tzinfo=UTC), "end"),
        (midnight(2026, 9, 2), midnight(2026, 10, 1), "start"),
        (midnight(2026, 9, 1), midnight(2026, 9, 30), "end"),
    ],
)
def test_a_window_that_cuts_a_month(start, end, wrong):
    with pytest.raises(ConfigError, match=rf"(?s)^{wrong}: .* lies within a month of .*\(Europe/Stockholm\).*\| ds"):
        MONTHS.between(start, end)


def test_a_window_that_cuts_a_day():
    with pytest.raises(ConfigError, match=r"^end: 2026-09-02T00:00:00.00:00 lies within a day"):
        DAYS.between(midnight(2026, 9, 1), datetime(2026, 9, 2, tzinfo=UTC))


def test_a_mistyped_year_does_not_make_a_million_partitions():
    with pytest.raises(ConfigError, match="0202-09-01 to 2026-10-01 are more than 40000 partitions"):
        DAYS.between(midnight(202, 9, 1), midnight(2026, 10, 1))


def test_the_last_day_of_the_calendar():
    assert DAYS.between(midnight(9999, 12, 30), midnight(9999, 12, 31)) == ["9999-12-30"]
    assert MONTHS.between(midnight(9999, 11, 1), midnight(9999, 12, 1)) == ["9999-11"]


def test_names():
    assert (DAYS.folder("2026-09-01"), MONTHS.folder(WITHOUT_DATE)) == (
        "day=2026-09-01",
        "month=__HIVE_DEFAULT_PARTITION__",
    )
    assert [MONTHS.is_value(text) for text in ("2026-09", WITHOUT_DATE, "2026-09-01", "202609", "all")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_no_column_has_the_name_of_a_partition():
    for resource in COLLECTIONS.values():
        assert not {"day", "month"} & set(map(column_name, resource.fields))


def test_a_collection_without_a_date():
    with pytest.raises(ConfigError, match=r"^partition_by: customers has no date"):
        partitioning_of(CUSTOMERS, "month", SWEDEN)


def test_an_unknown_period():
    with pytest.raises(ConfigError, match=r"^partition_by: 'week' is unknown"):
        partitioning_of(TIME_LOGS, "week", SWEDEN)
