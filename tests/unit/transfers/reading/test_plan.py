"""Plan of a read, from its parameters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.listing.list_query import ListQuery
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.contract.checking import check_filters
from airflow_provider_seventime.contract.collections.expenses import DRIVER_JOURNALS, EXPENSES
from airflow_provider_seventime.contract.collections.invoicing import INVOICES
from airflow_provider_seventime.contract.collections.purchasing import SUPPLIER_INVOICES
from airflow_provider_seventime.contract.collections.quotes import QUOTES
from airflow_provider_seventime.contract.collections.time import MACHINE_TIME_LOGS, TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError
from airflow_provider_seventime.transfers.reading.plan import before_ambiguity, plan_read
from airflow_provider_seventime.transfers.reading.user_filters import check_user_filters, conditions_of

SWEDEN = ZoneInfo("Europe/Stockholm")


CLIENT = SevenTimeClient(Settings("http://127.0.0.1:9", "key"))  # sends nothing


def plan(collection=TIME_LOGS, filters=None, **parameters):
    return plan_read(check_user_filters(CLIENT, collection.name, filters), SWEDEN, **parameters)


def test_without_parameters_all_records_are_read():
    planned = plan()

    assert (planned.mode, planned.period_filters, planned.query.filters) == ("full", {}, {})
    assert planned.covers(None)
    assert planned.covers(datetime(1990, 1, 1, tzinfo=UTC))


def test_changes_are_read_with_an_overlap_of_five_minutes():
    planned = plan(modified_since="2026-09-01T12:00:00Z")

    assert planned.mode == "incremental"
    assert planned.period_filters == {"lastModified": datetime(2026, 9, 1, 11, 55, tzinfo=UTC)}
    assert planned.modified_since == datetime(2026, 9, 1, 12, tzinfo=UTC)
    assert planned.covers(None)


def test_another_overlap():
    planned = plan(modified_since="2026-09-01T12:00:00Z", overlap_seconds=0)

    assert planned.period_filters == {"lastModified": datetime(2026, 9, 1, 12, tzinfo=UTC)}


@pytest.mark.parametrize("overlap", [float("inf"), 1e300, 10**12], ids=repr)
def test_an_overlap_longer_than_the_calendar_is_limited_to_it(overlap):
    planned = plan(modified_since="2026-09-01T12:00:00Z", overlap_seconds=overlap)

    assert check_filters(TIME_LOGS, planned.period_filters, SWEDEN) == {"lastModified": "0001-01-04 01:12:12"}


@pytest.mark.parametrize("overlap", [-1, "300", True, None, float("nan")], ids=repr)
def test_a_wrong_overlap_is_refused(overlap):
    with pytest.raises(ConfigError, match="overlap_seconds"):
        plan(modified_since="2026-09-01", overlap_seconds=overlap)


def test_a_window_is_narrowed_by_its_start_with_a_margin_and_never_by_the_end():
    planned = plan(start=date(2026, 9, 1), end=date(2026, 10, 1), filters={"project": "p1"})

    assert planned.mode == "window"
    assert planned.query.filters == {"project": "p1"}
    assert planned.period_filters == {"timestamp": datetime(2026, 8, 30, 22, tzinfo=UTC)}
    assert planned.equal == {"project": "p1"}


@pytest.mark.parametrize(
    ("collection", "query"),
    [
        pytest.param(INVOICES, {"fromInvoiceDate": "2026-08-31", "toInvoiceDate": "2026-10-02"}, id="invoices"),
        pytest.param(QUOTES, {"fromQuoteDate": "2026-08-31", "toQuoteDate": "2026-10-02"}, id="quotes"),
        pytest.param(EXPENSES, {"fromDate": "2026-08-31", "toDate": "2026-10-02"}, id="expenses"),
        pytest.param(
            SUPPLIER_INVOICES, {"fromInvoiceDate": "2026-08-31", "toInvoiceDate": "2026-10-02"}, id="supplierInvoices"
        ),
        pytest.param(DRIVER_JOURNALS, {"fromDate": "2026-08-31", "toDate": "2026-10-02"}, id="driverJournals"),
        pytest.param(MACHINE_TIME_LOGS, {"fromDate": "2026-08-31", "toDate": "2026-10-02"}, id="machineTimeLogs"),
        pytest.param(TIME_LOGS, {"timestamp": "2026-08-31 00:00"}, id="timeLogs"),
    ],
)
def test_margins_of_a_window(collection, query):
    planned = plan(collection, start=date(2026, 9, 1), end=date(2026, 10, 1))

    assert check_filters(collection, planned.period_filters, SWEDEN) == query
    assert planned.window == (collection.window.field, planned.start, planned.end)


@pytest.mark.parametrize("collection", [INVOICES, TIME_LOGS], ids=lambda collection: collection.name)
def test_a_window_may_reach_to_the_ends_of_the_calendar(collection):
    planned = plan(collection, start="0001-01-02", end="9999-12-31")

    sent = check_filters(collection, planned.period_filters, SWEDEN)
    assert set(sent.values()) <= {"0001-01-04", "0001-01-04 01:12:12", "9999-12-29", "9999-12-30"}
    assert planned.covers(datetime(2026, 9, 1, tzinfo=UTC))
    assert planned.covers(datetime(1, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("parameters", "mode"),
    [
        pytest.param({}, "full", id="full"),
        pytest.param({"modified_since": "2026-09-01"}, "incremental", id="incremental"),
        pytest.param({"start": "2026-09-01", "end": "2026-10-01"}, "window", id="window"),
    ],
)
@pytest.mark.parametrize("given", [None, "full", "incremental", "window"])
def test_a_given_mode_must_fit_the_other_parameters(parameters, mode, given):
    if given in (None, mode):
        assert plan(mode=given, **parameters).mode == mode
        return
    with pytest.raises(ConfigError, match=f"mode='{given}' reads"):
        plan(mode=given, **parameters)


@pytest.mark.parametrize(
    ("instant", "covered"),
    [
        pytest.param(datetime(2026, 8, 31, 21, 59, 59, tzinfo=UTC), False, id="before"),
        pytest.param(datetime(2026, 8, 31, 22, tzinfo=UTC), True, id="first-instant"),
        pytest.param(datetime(2026, 9, 30, 21, 59, 59, tzinfo=UTC), True, id="last-instant"),
        pytest.param(datetime(2026, 9, 30, 22, tzinfo=UTC), False, id="first-instant-after"),
        pytest.param(None, False, id="no-instant"),
    ],
)
def test_a_window_of_swedish_dates_is_half_open(instant, covered):
    assert plan(start=date(2026, 9, 1), end=date(2026, 10, 1)).covers(instant) is covered


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(date(2026, 9, 1), id="date"),
        pytest.param(datetime(2026, 9, 1), id="datetime-without-zone"),  # noqa: DTZ001 - the account's time
        pytest.param(datetime(2026, 8, 31, 22, tzinfo=UTC), id="datetime-in-utc"),
        pytest.param(datetime(2026, 8, 31, 18, tzinfo=timezone(timedelta(hours=-4))), id="datetime-elsewhere"),
        pytest.param("2026-09-01", id="date-as-text"),
        pytest.param(" 2026-09-01 00:00 ", id="local-time-as-text"),
        pytest.param("2026-08-31T22:00:00+00:00", id="instant-as-text"),
        pytest.param("2026-08-31T22:00:00.000Z", id="instant-as-the-api-returns-it"),
    ],
)
def test_forms_of_an_instant(start):
    assert plan(start=start, end="2026-10-01").start == datetime(2026, 8, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        pytest.param({"modified_since": "2026-09-01", "start": "2026-09-01"}, "not both", id="changes-and-start"),
        pytest.param({"modified_since": "2026-09-01", "end": "2026-09-01"}, "not both", id="changes-and-end"),
        pytest.param({"start": "2026-09-01"}, "end is missing", id="no-end"),
        pytest.param({"end": "2026-09-01"}, "start is missing", id="no-start"),
        pytest.param(
            {"start": "2026-09-01", "end": "2026-09-01"},
            r"the window is empty\.\n.*schedule=CronDataIntervalTimetable\('0 6 1 \* \*'",
            id="empty-window",
        ),
        pytest.param(
            {"start": "2026-09-02", "end": "2026-09-01"},
            r"the window is empty\.\nGive the earlier time as start",
            id="window-backwards",
        ),
        pytest.param({"modified_since": ""}, "modified_since is empty.* rendered to nothing", id="blank"),
        pytest.param({"start": "None", "end": "2026-09-01"}, "start is empty.* rendered to nothing", id="none"),
        pytest.param({"start": "2026-09-01", "end": " "}, "end is empty.* rendered to nothing", id="blanks"),
        pytest.param({"modified_since": "yesterday"}, "modified_since must be a date", id="word"),
        pytest.param({"modified_since": 1756706400}, "modified_since must be a date", id="epoch"),
        pytest.param({"modified_since": "2026-02-30"}, "modified_since must be a date", id="no-such-day"),
        pytest.param({"filters": {"timestamp": "2026-09-01"}}, "give start instead", id="filter-start"),
        pytest.param({"filters": {"endTimestamp": "2026-09-01"}}, "give end instead", id="filter-end"),
        pytest.param({"filters": {"lastModified": "2026-09-01"}}, "give modified_since instead", id="filter-changes"),
        pytest.param({"filters": {"lastModified": None}}, "give modified_since instead", id="filter-changes-none"),
        pytest.param({"filters": {"project": "None"}}, "filters: project is empty", id="filter-of-nothing"),
        pytest.param({"filters": ["project"]}, "must be a mapping", id="filters-as-list"),
    ],
)
def test_parameters_that_do_not_fit_one_mode_are_refused(parameters, problem):
    with pytest.raises(ConfigError, match=problem):
        plan(**parameters)


def test_a_connection_that_is_not_strict_sends_unknown_filters():
    client = SevenTimeClient(Settings("http://127.0.0.1:9", "key", strict=False))

    planned = plan_read(check_user_filters(client, "timeLogs", {"projekt": "p1"}), SWEDEN)

    assert (planned.query.filters, planned.equal, planned.inexpressible) == ({"projekt": "p1"}, {}, ("projekt",))


@pytest.mark.parametrize(
    ("filters", "problem"),
    [
        pytest.param({"projekt": "p1"}, "did you mean 'project'", id="unknown"),
        pytest.param({"project": None}, "is empty", id="none"),
        pytest.param({"isAbsence": "perhaps"}, "must be true or false", id="no-flag"),
    ],
)
def test_filters_are_checked_like_those_of_any_list(filters, problem):
    with pytest.raises(InvalidRecordError, match=problem):
        plan(filters=filters)


@pytest.mark.parametrize(
    ("filters", "equal"),
    [
        pytest.param({"user": "u1", "customer": "c1"}, {"user": "u1", "customer": "c1"}, id="ids"),
        pytest.param({"category": "k1"}, {"timeCategory": "k1"}, id="id-under-another-name"),
        pytest.param({"isAbsence": "True"}, {"isAbsence": True}, id="flag"),
        pytest.param({"isAbsence": False}, {"isAbsence": False}, id="flag-false"),
        pytest.param({"workOrderNumber": "0012"}, {"workOrderNumber": "12"}, id="number"),
    ],
)
def test_filters_that_require_the_value_of_a_column(filters, equal):
    planned = plan(start="2026-09-01", end="2026-10-01", filters=filters)

    assert dict(planned.equal) == equal
    assert planned.inexpressible == ()


def test_a_filter_that_requires_the_value_of_no_column():
    planned = plan(start="2026-09-01", end="2026-10-01", filters={"invoicedDate": "2026-09-30", "project": "p1"})

    assert planned.inexpressible == ("invoicedDate",)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"fromInvoiceDate": "2026-09-01"}, id="from"),
        pytest.param({"supplierInvoiceStatus": "5"}, id="code"),
        pytest.param({"attestFlag": "true"}, id="flag-that-is-no-field"),
        pytest.param({"workOrderNumber": "1.5"}, id="number-that-is-no-integer"),
    ],
)
def test_filters_that_match_several_values_of_a_column(query):
    assert conditions_of(ListQuery(SUPPLIER_INVOICES, query)) == ({}, tuple(query))


@pytest.mark.parametrize(
    ("instant", "sent"),
    [
        pytest.param(datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC), id="summer"),
        pytest.param(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 24, 23, 30, tzinfo=UTC), id="first"),
        pytest.param(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="second"),
        pytest.param(datetime(2026, 10, 25, 2, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC), id="winter"),
        pytest.param(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC), id="spring"),
    ],
)
def test_a_local_time_that_exists_twice_is_sent_as_the_earlier_one(instant, sent):
    assert before_ambiguity(instant, SWEDEN) == sent
