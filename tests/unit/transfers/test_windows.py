"""Division of a period into windows at calendar boundaries, without gap or overlap."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest
from airflow.providers.common.compat.sdk import DAG
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.transfers.windows import windows
from tests.sizes import examples

# Summer time at two in the morning and at midnight, no summer time, a quarter of an hour, a skipped day.
ZONES = ("Europe/Stockholm", "America/Sao_Paulo", "Africa/Cairo", "UTC", "Asia/Kathmandu", "Pacific/Apia")
LONGEST_DAYS = {"day": 1_000, "week": 7_000, "month": 30_000, "quarter": 36_000, "year": 36_000}
UNIT_OF = {
    "day": lambda moment: moment.date(),
    "week": lambda moment: moment.isocalendar()[:2],
    "month": lambda moment: (moment.year, moment.month),
    "quarter": lambda moment: (moment.year, (moment.month + 2) // 3),
    "year": lambda moment: moment.year,
}


@st.composite
def periods(draw):
    """Return start and end in UTC, the unit, and the zone."""
    every = draw(st.sampled_from(sorted(LONGEST_DAYS)))
    start = draw(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    length = draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=LONGEST_DAYS[every])))
    return start, start + length, every, draw(st.sampled_from(ZONES))


def utc(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@settings(derandomize=True, deadline=None, max_examples=examples(100))
@given(periods())
@example((datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC), "day", "Europe/Stockholm"))
@example((datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC), "day", "Europe/Stockholm"))
@example((datetime(2018, 11, 2, tzinfo=UTC), datetime(2018, 11, 6, tzinfo=UTC), "day", "America/Sao_Paulo"))
@example((datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 2, tzinfo=UTC), "day", "Pacific/Apia"))
def test_windows_cover_a_period_and_each_lies_in_one_unit(period):
    start, end, every, zone = period

    cut = [(utc(window["start"]), utc(window["end"])) for window in windows(start, end, every, zone)]

    assert (cut[0][0], cut[-1][1]) == (start, end)
    assert all(before[1] == after[0] for before, after in pairwise(cut))
    assert all(begins < ends for begins, ends in cut)
    local = [(begins.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))) for begins, ends in cut]
    units = [UNIT_OF[every](begins) for begins, _ in local]
    last_instants = [(ends - timedelta.resolution).astimezone(ZoneInfo(zone)) for _, ends in cut]
    assert [UNIT_OF[every](instant) for instant in last_instants] == units
    assert len(set(units)) == len(units)


def test_a_month_begins_at_the_midnight_of_the_account():
    assert windows("2026-01-01", "2026-05-01") == [
        {"start": "2026-01-01T00:00:00+01:00", "end": "2026-02-01T00:00:00+01:00"},
        {"start": "2026-02-01T00:00:00+01:00", "end": "2026-03-01T00:00:00+01:00"},
        {"start": "2026-03-01T00:00:00+01:00", "end": "2026-04-01T00:00:00+02:00"},
        {"start": "2026-04-01T00:00:00+02:00", "end": "2026-05-01T00:00:00+02:00"},
    ]


def test_the_first_and_the_last_window_may_be_parts():
    assert windows("2026-01-15", "2026-02-03T12:30") == [
        {"start": "2026-01-15T00:00:00+01:00", "end": "2026-02-01T00:00:00+01:00"},
        {"start": "2026-02-01T00:00:00+01:00", "end": "2026-02-03T12:30:00+01:00"},
    ]


@pytest.mark.parametrize(
    ("every", "boundaries"),
    [
        ("day", ["2026-12-31", "2027-01-01", "2027-01-02"]),
        ("week", ["2027-01-04", "2027-01-11"]),
        ("month", ["2027-01-01", "2027-02-01"]),
        ("quarter", ["2027-01-01", "2027-04-01", "2027-07-01"]),
        ("year", ["2027-01-01", "2028-01-01", "2029-01-01"]),
    ],
)
def test_boundaries_of_each_unit(every, boundaries):
    start, end = "2026-12-30", (date.fromisoformat(boundaries[-1]) + timedelta(hours=24)).isoformat()

    cut = windows(start, end, every=every, timezone="UTC")

    assert [window["start"] for window in cut] == [f"{day}T00:00:00+00:00" for day in (start, *boundaries)]


def test_the_days_of_the_clock_changes_have_23_and_25_hours():
    hours = [
        (utc(window["end"]) - utc(window["start"])) / timedelta(hours=1)
        for window in windows("2026-03-28", "2026-03-31", "day") + windows("2026-10-24", "2026-10-27", "day")
    ]

    assert hours == [24, 23, 24, 24, 25, 24]


@pytest.mark.parametrize(
    "start",
    [
        date(2026, 1, 15),
        datetime(2026, 1, 15),  # noqa: DTZ001 - in the account's time
        datetime(2026, 1, 14, 23, tzinfo=UTC),
        pendulum.datetime(2026, 1, 14, 18, tz="America/New_York"),
        "2026-01-15",
        " 2026-01-15T00:00 ",
        "2026-01-14T23:00:00Z",
    ],
    ids=repr,
)
def test_forms_of_a_moment(start):
    expected = [{"start": "2026-01-15T00:00:00+01:00", "end": "2026-01-20T00:00:00+01:00"}]

    assert windows(start, datetime.combine(date(2026, 1, 20), time(), ZoneInfo("Europe/Stockholm"))) == expected


def test_windows_until_the_end_of_the_calendar():
    (*_, last) = windows("9990-01-01", "9999-12-31T23:00", every="year")

    assert last == {"start": "9999-01-01T00:00:00+01:00", "end": "9999-12-31T23:00:00+01:00"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"end": "2019-12-31"},
            "start (2020-01-01T00:00:00+01:00) is not before end (2019-12-31T00:00:00+01:00): the period is empty",
        ),
        (
            {"end": "2019-12-31T23:00Z"},
            "start (2020-01-01T00:00:00+01:00) is not before end (2020-01-01T00:00:00+01:00): the period is empty",
        ),
        ({"every": "monthly"}, "every: 'monthly' is unknown: did you mean 'month'?"),
        ({"every": "hour"}, "every: 'hour' is unknown: known are: day, month, quarter, week, year"),
        ({"every": None}, "every: None is unknown: known are: day, month, quarter, week, year"),
        ({"start": "2020"}, "start must be a date or a datetime, or one as ISO text, not '2020'"),
        ({"end": None}, "end must be a date or a datetime, or one as ISO text, not None"),
        ({"end": 2026}, "end must be a date or a datetime, or one as ISO text, not 2026"),
        ({"start": "0001-01-01"}, "start must be a date or a datetime, or one as ISO text, not '0001-01-01'"),
        (
            {"start": "{{ params.start }}"},
            "start must be a date or a datetime, or one as ISO text, not '{{ params.start }}'; templates are rendered "
            "in a task, so call windows() in a @task",
        ),
        ({"timezone": "Sweden"}, "timezone: 'Sweden' is not a known time zone. Write one like 'Europe/Stockholm'"),
        ({"timezone": None}, "timezone: 'None' is not a known time zone. Write one like 'Europe/Stockholm'"),
    ],
)
def test_wrong_parameters_are_refused(given, message):
    with pytest.raises(ConfigError) as caught:
        windows(**{"start": "2020-01-01", "end": "2026-01-01", **given})
    assert str(caught.value) == message


def test_more_windows_than_airflow_maps_are_refused():
    start = date(2020, 1, 1)
    most = windows(start, start + timedelta(days=1024), every="day")
    assert len(most) == 1024

    with pytest.raises(ConfigError) as caught:
        windows(start, datetime(2022, 10, 21, 0, 1), every="day")  # noqa: DTZ001 - in the account's time
    assert str(caught.value) == (
        "2020-01-01T00:00:00+01:00 to 2022-10-21T00:01:00+02:00 has 1025 windows of a day, and 1024 are the most that "
        "Airflow maps over when a task returns them ([core] max_map_length): choose longer windows, or call windows() "
        "for each part of the period"
    )


def test_a_dag_maps_an_operator_over_windows():
    with DAG("history", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
        mapped = SyncTimeLogsOperator.partial(task_id="sync", sql_conn_id="warehouse").expand_kwargs(
            windows("2026-01-01", "2026-03-01")
        )

    expanded: Any = mapped.expand_input.value
    assert [sorted(window) for window in expanded] == [["end", "start"]] * 2
