"""Instants, Swedish calendar dates, and what the API takes for them."""

# ruff: noqa: DTZ001 - times without a zone are among what is tested

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.dates import (
    calendar_date,
    days_around,
    format_instant,
    format_local_time,
    load_zone,
    local_midnight,
    parse_instant,
    read_date,
    read_instant,
)
from airflow_provider_seventime.exceptions import ConfigError

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WINTER_MIDNIGHT = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)


class TestZones:
    def test_are_known_by_their_iana_name(self):
        assert load_zone("Europe/Stockholm").key == "Europe/Stockholm"

    @pytest.mark.parametrize("name", ["Sweden", "", "Europe", "../etc/passwd", "/etc/localtime", "a\0b"], ids=repr)
    def test_an_unknown_one_is_a_wrong_connection(self, name):
        with pytest.raises(ConfigError) as caught:
            load_zone(name)
        assert str(caught.value) == f"timezone: {name!r} is not a known time zone. Write one like 'Europe/Stockholm'"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2020-11-04T23:00:00.000Z", datetime(2020, 11, 4, 23, 0, tzinfo=UTC)),
        ("2018-10-01T18:12:06.025Z", datetime(2018, 10, 1, 18, 12, 6, 25_000, tzinfo=UTC)),
        ("2020-11-05T00:00:00+01:00", datetime(2020, 11, 4, 23, 0, tzinfo=UTC)),
        ("2020-11-04T23:00:00", datetime(2020, 11, 4, 23, 0, tzinfo=UTC)),
    ],
)
def test_an_instant_of_an_answer_is_read_in_utc(text, instant):
    assert parse_instant(text) == instant
    assert parse_instant(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", "2020-10-07T014:00:00.000Z", '2020-12-09T22":59', "soon"], ids=repr)
def test_a_text_that_is_no_instant_is_refused(text):
    with pytest.raises(ValueError, match="isoformat"):
        parse_instant(text)


@pytest.mark.parametrize("text", ["2020-11-04T23:00:00.000Z", "2018-10-01T18:12:06.025Z", "0999-01-01T00:00:00.001Z"])
def test_an_instant_is_written_as_it_was_read(text):
    assert format_instant(parse_instant(text)) == text


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2020-11-04T23:00:00Z", date(2020, 11, 5)),
        ("2026-01-31T22:59:59.999Z", date(2026, 1, 31)),
        ("2026-01-31T23:00:00Z", date(2026, 2, 1)),
        ("2026-06-30T21:59:59Z", date(2026, 6, 30)),
        ("2026-06-30T22:00:00Z", date(2026, 7, 1)),
    ],
)
def test_a_calendar_date_is_that_of_the_zone(instant, day):
    assert calendar_date(parse_instant(instant), STOCKHOLM) == day


@pytest.mark.parametrize(
    "day",
    [date(2026, 1, 1), date(2026, 3, 29), date(2026, 3, 30), date(2026, 7, 1), date(2026, 10, 25), date(2026, 10, 26)],
    ids=str,
)
def test_a_day_begins_at_its_local_midnight_all_year_round(day):
    begin = local_midnight(day, STOCKHOLM)
    assert begin.tzinfo is UTC
    assert calendar_date(begin, STOCKHOLM) == day
    assert calendar_date(begin - timedelta(microseconds=1), STOCKHOLM) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (date(2026, 1, 31), date(2026, 1, 31)),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31\n", date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 59), date(2026, 1, 31)),
        (WINTER_MIDNIGHT, date(2026, 2, 1)),
        (WINTER_MIDNIGHT.astimezone(timezone(timedelta(hours=-8))), date(2026, 2, 1)),
        ("2026-01-31T23:00:00+00:00", date(2026, 2, 1)),
        ("2026-01-31 23:00:00", date(2026, 1, 31)),
    ],
    ids=str,
)
def test_a_date_is_read_from_what_a_person_or_a_template_gives(value, day):
    assert read_date(value, STOCKHOLM) == day
    assert type(read_date(value, STOCKHOLM)) is date


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (date(2026, 2, 1), WINTER_MIDNIGHT),
        ("2026-02-01", WINTER_MIDNIGHT),
        (datetime(2026, 2, 1), WINTER_MIDNIGHT),
        (WINTER_MIDNIGHT, WINTER_MIDNIGHT),
        (" 2026-01-31T23:00:00Z ", WINTER_MIDNIGHT),
        ("2026-02-01T00:00", WINTER_MIDNIGHT),
    ],
    ids=str,
)
def test_an_instant_is_read_from_what_a_person_or_a_template_gives(value, instant):
    assert read_instant(value, STOCKHOLM) == instant
    assert read_instant(value, STOCKHOLM).utcoffset() == timedelta(0)


@pytest.mark.parametrize("read", [read_date, read_instant, format_local_time])
@pytest.mark.parametrize("text", ["", "None", "2026-02-30", "31/1 2026", "2026-01-31T25:00", "{{ ds }}"], ids=repr)
def test_nonsense_is_refused(read, text):
    with pytest.raises(ValueError, match=r"isoformat|day is out of range|hour must be"):
        read(text, STOCKHOLM)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read_instant, date.min),
        (format_local_time, date.min),
        (read_date, datetime.max.replace(tzinfo=UTC)),
        (read_instant, datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))),
    ],
)
def test_what_leaves_the_calendar_is_refused(read, value):
    with pytest.raises(ValueError, match=r"is out of range: its date in .* is before year 1 or after year 9999"):
        read(value, STOCKHOLM)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 1, 5, 7, 0, tzinfo=UTC), "2026-01-05 08:00"),
        (datetime(2026, 7, 5, 6, 0, tzinfo=UTC), "2026-07-05 08:00"),
        (datetime(2026, 1, 5, 8, 0, 7), "2026-01-05 08:00:07"),
        (datetime(2026, 1, 5, 8, 0, 0, 999), "2026-01-05 08:00"),
        ("2026-03-29T00:59:59Z", "2026-03-29 01:59:59"),
        ("2026-03-29T01:00:00Z", "2026-03-29 03:00"),
        ("0026-01-05 08:00", "0026-01-05 08:00"),
    ],
    ids=str,
)
def test_a_time_is_written_as_the_api_takes_it(value, text):
    assert format_local_time(value, STOCKHOLM) == text


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 2)),
        (date(2024, 3, 1), date(2024, 2, 29), date(2024, 3, 2)),
        (date.max, date(9999, 12, 30), date.max),
        (date.min, date.min, date(1, 1, 2)),
    ],
    ids=str,
)
def test_a_span_reaches_to_both_sides_as_far_as_there_are_days(day, first, last):
    assert days_around(day, timedelta(days=1)) == (first, last)
