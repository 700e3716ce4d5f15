"""Dates and times in records, given in every form and sent as Swedish local time without a zone."""

# ruff: noqa: DTZ001 - times without a zone are among what is tested

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.contract.checking import check_record
from airflow_provider_seventime.contract.registry import COLLECTIONS

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-01-31", "2026-01-31"),
        (" 2026-01-31 ", "2026-01-31"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 23, 30), "2026-01-31"),
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), "2026-01-31"),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), "2026-02-01"),
        ("2026-01-31T22:59:59Z", "2026-01-31"),
        ("2026-01-31T23:00:00.000Z", "2026-02-01"),
        ("2026-06-30T22:00:00+00:00", "2026-07-01"),
        ("2020-11-04T23:00:00.000Z", "2020-11-05"),
        ("2026-01-31 08:00", "2026-01-31"),
        ("2026-1-7", "2026-01-07"),
        ("2026-1-31 08:00", "2026-01-31"),
    ],
    ids=str,
)
def test_a_calendar_date_is_sent_as_the_swedish_date(complete, check, given, sent):
    assert check("invoices", complete("invoices") | {"invoiceDate": given})["invoiceDate"] == sent


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-01-05 08:00", "2026-01-05 08:00"),
        ("2026-01-05T08:00:30", "2026-01-05 08:00:30"),
        (datetime(2026, 1, 5, 8, 0), "2026-01-05 08:00"),
        (datetime(2026, 1, 5, 7, 0, tzinfo=UTC), "2026-01-05 08:00"),
        (datetime(2026, 7, 5, 6, 0, tzinfo=UTC), "2026-07-05 08:00"),
        (datetime(2026, 1, 5, 2, 0, tzinfo=timezone(timedelta(hours=-5))), "2026-01-05 08:00"),
        ("2026-01-05T07:00:00.000Z", "2026-01-05 08:00"),
        (date(2026, 1, 5), "2026-01-05 00:00"),
        ("2026-01-05", "2026-01-05 00:00"),
        ("2026-1-5 08:00", "2026-01-05 08:00"),
        ("2026-10-7T08:00", "2026-10-07 08:00"),
        (datetime(2026, 1, 5, 8, 0, 0, 999_999), "2026-01-05 08:00"),
    ],
    ids=str,
)
def test_a_time_is_sent_as_swedish_time(complete, check, given, sent):
    assert check("timeLogs", complete("timeLogs") | {"timestamp": given})["timestamp"] == sent


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-03-29T00:59:00Z", "2026-03-29 01:59"),
        ("2026-03-29T01:00:00Z", "2026-03-29 03:00"),
        ("2026-10-25T00:59:00Z", "2026-10-25 02:59"),
        ("2026-10-25T01:00:00Z", "2026-10-25 02:00"),
        ("2026-10-25 02:30", "2026-10-25 02:30"),
        ("2026-03-29 02:30", "2026-03-29 03:30"),
    ],
    ids=["before spring", "after spring", "before autumn", "after autumn", "twice there", "never there"],
)
def test_summer_time(complete, check, given, sent):
    assert check("timeLogs", complete("timeLogs") | {"timestamp": given})["timestamp"] == sent


def test_the_accounts_time_zone_is_used(complete):
    record = complete("timeLogs") | {"timestamp": "2026-01-05T07:00:00Z"}
    assert check_record(COLLECTIONS["timeLogs"], "create", record, ZoneInfo("Europe/Helsinki"))["timestamp"] == (
        "2026-01-05 09:00"
    )


NO_DATES = [
    "31/1 2026",
    "2026-13-01",
    "2026-02-30",
    "tomorrow",
    "",
    "None",
    "{{ ds }}",
    20260131,
    1.5,
    True,
    [],
    {"a": 1},
]


def test_a_value_that_is_not_a_date_is_refused(complete, problems, subtests):
    forms = [("invoices", "invoiceDate", "YYYY-MM-DD"), ("timeLogs", "timestamp", "YYYY-MM-DD HH:MM")]
    for (collection, field, form), given in itertools.product(forms, NO_DATES):
        with subtests.test(f"{collection}.{field}={given!r}"):
            found = problems(collection, complete(collection) | {field: given})
            assert any(problem.startswith(f"{field}: ") for problem in found)
            if given != "":
                assert found == (f"{field}: must be a date ({form}), not {given!r:.60}",)


@pytest.mark.parametrize(
    ("collection", "field", "given"),
    [
        ("timeLogs", "timestamp", date.min),
        ("invoices", "dueDate", "9999-12-31T23:59:59-05:00"),
        ("invoices", "dueDate", datetime.max.replace(tzinfo=UTC)),
    ],
    ids=["first day", "past the last, as text", "past the last"],
)
def test_a_time_beyond_the_calendar_is_refused(complete, problems, collection, field, given):
    (problem,) = problems(collection, complete(collection) | {field: given})
    assert problem.startswith(f"{field}: must be a date (")


def test_the_last_day_of_the_calendar_is_accepted(complete, check):
    assert check("invoices", complete("invoices") | {"dueDate": "9999-12-31"})["dueDate"] == "9999-12-31"
