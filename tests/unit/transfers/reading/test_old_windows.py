"""A window of long ago: what is asked for, and that no record of it is lost whatever the others are like."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.contract.protection import Protection
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.transfers.reading.old_windows import COUNT_REQUESTS, WindowCounts
from airflow_provider_seventime.transfers.reading.plan import plan_read
from airflow_provider_seventime.transfers.reading.read_records import read_records
from tests.sizes import examples

PAGE_SIZE = 2
LATER = COUNT_REQUESTS * PAGE_SIZE + 5
START, END = datetime(2026, 8, 31, 22, tzinfo=UTC), datetime(2026, 9, 1, 22, tzinfo=UTC)
BORDER, LAST_END = END + timedelta(days=1), END + timedelta(days=2)
TO_THE_PRESENT = "the window is read up to the present"


class Meddled:
    """A client, between whose requests others go to work.

    :param client: the real one.
    :param deeds: what is done just before the count or record of that number, from 0.
    """

    def __init__(self, client, deeds):
        self._client = client
        self._deeds = deeds
        self._asked = 0

    def __getattr__(self, name):
        return getattr(self._client, name)

    def count(self, *arguments):
        self._do()
        return self._client.count(*arguments)

    def list_json(self, *arguments):
        for record in self._client.list_json(*arguments):
            self._do()
            yield record

    def _do(self):
        for deed in self._deeds.get(self._asked, ()):
            deed()
        self._asked += 1


class OtherReading:
    """A client of an API that reads the borders of time logs in another way.

    :param client: the real one, whose API reads them to the second and with what lies on them.
    :param first: from the first instant as it is sent to that as it is meant.
    :param last: likewise for the filter by the end.
    """

    def __init__(self, client, first, last):
        self._client = client
        self._readings = {"timestamp": first, "endTimestamp": last}

    def __getattr__(self, name):
        return getattr(self._client, name)

    def count(self, query, filters):
        return self._client.count(query, self._read(filters))

    def list_json(self, query, filters):
        return self._client.list_json(query, self._read(filters))

    def _read(self, filters):
        return {name: self._readings[name](value) for name, value in filters.items()}


SECOND = timedelta(seconds=1)


def as_it_is(instant):
    return instant


def to_the_minute(instant):
    return instant.replace(second=0)


READINGS = [
    pytest.param(as_it_is, as_it_is, id="inclusive"),
    pytest.param(lambda first: first + SECOND, as_it_is, id="exclusive-start"),
    pytest.param(as_it_is, lambda last: last - SECOND, id="exclusive-end"),
    pytest.param(lambda first: first + SECOND, lambda last: last - SECOND, id="exclusive"),
    pytest.param(to_the_minute, to_the_minute, id="to-the-minute"),
    pytest.param(lambda first: first + 2 * 3600 * SECOND, lambda last: last + 2 * 3600 * SECOND, id="in-utc"),
    pytest.param(lambda first: first - 6 * 3600 * SECOND, lambda last: last - 6 * 3600 * SECOND, id="farther-east"),
]


@pytest.fixture
def small_pages(account):
    # A connection that idles for long between two examples is closed.
    return account.client(page_size=PAGE_SIZE, attempts=3)


@pytest.fixture
def load(account, time_log):
    """Load time logs as id, begin and end; beside them there are so many later ones that narrowing pays."""
    dates = [END + timedelta(days=10, hours=number) for number in range(LATER)]

    def loaded(*logs):
        later = [(f"later{number:03}", begin, begin + timedelta(hours=1)) for number, begin in enumerate(dates)]
        account.load(
            *(
                time_log(record_id, format_instant(begin), endTimestamp=end and format_instant(end))
                for record_id, begin, end in [*logs, *later]
            )
        )

    return loaded


def read(client):
    plan = plan_read(client.list_query("timeLogs"), client.zone, start=START, end=END)
    return [record.fields["_id"] for record in read_records(client, plan, Protection())]


def day(number, hours=1.0, *, begin=START + timedelta(hours=8)):
    """A time log of the window."""
    return f"day{number:03}", begin, begin + timedelta(hours=hours)


def test_an_old_window_costs_its_own_pages_and_some_counts(account, small_pages, load):
    load(*(day(number) for number in range(9)))

    assert read(small_pages) == [f"day{number:03}" for number in range(9)]

    asked = [query for _, query in account.asked(counts=True)]
    pages = [query for query in asked if query["limit"] == str(PAGE_SIZE)]
    assert len(asked) - len(pages) == COUNT_REQUESTS
    assert len(pages) == 6  # the first again, since these ids do not tell when they were made
    assert {query["endTimestamp"] for query in pages} == {"2026-09-04 00:00"}
    assert {query["timestamp"] for query in pages} == {"2026-08-31 00:00"}


def test_a_window_with_little_after_it_costs_one_count(account, load):
    load(day(0))

    assert read(account.client(page_size=500)) == ["day000"]

    count, page = (query for _, query in account.asked(counts=True))
    assert (count["limit"], count["timestamp"]) == ("1", "2026-09-03 00:00")
    assert page["timestamp"] == "2026-08-31 00:00"
    assert "endTimestamp" not in page


def test_filters_go_along_with_every_count(account, small_pages, load, time_log):
    load(day(0))
    account.load(time_log("other", format_instant(START), user="u2"))
    plan = plan_read(small_pages.list_query("timeLogs", {"user": "u1"}), small_pages.zone, start=START, end=END)
    account.asked()

    assert [record.fields["_id"] for record in read_records(small_pages, plan, Protection())] == ["day000"]
    assert {query["user"] for _, query in account.asked(counts=True)} == {"u1"}


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(("odd", START, None), id="has-no-end"),
        pytest.param(("odd", END - SECOND, LAST_END + SECOND), id="ends-long-after-the-window"),
        pytest.param(("odd", START, datetime(2027, 1, 1, tzinfo=UTC)), id="goes-on-to-the-present"),
    ],
)
def test_a_record_that_the_filter_by_the_end_leaves_out_is_read_all_the_same(account, small_pages, load, caplog, log):
    load(day(0), log, day(1))

    with caplog.at_level(logging.INFO):
        assert sorted(read(small_pages)) == ["day000", "day001", "odd"]

    assert TO_THE_PRESENT in caplog.text
    assert all("endTimestamp" not in query for _, query in account.asked())


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(("odd", END - SECOND, LAST_END), id="ends-at-the-very-last-moment"),
        pytest.param(("odd", BORDER, BORDER), id="lies-on-the-border"),
        pytest.param(("odd", BORDER - SECOND, BORDER + timedelta(hours=8)), id="lies-across-the-border"),
        pytest.param(("odd", BORDER + SECOND, START), id="ends-before-it-begins"),
        pytest.param(("odd", BORDER + SECOND, None), id="begins-beyond-and-has-no-end"),
    ],
)
def test_what_may_well_end_beyond_the_window_makes_the_read_no_longer(account, small_pages, load, caplog, log):
    load(day(0), log)

    with caplog.at_level(logging.INFO):
        assert set(read(small_pages)) - {"odd"} == {"day000"}

    assert TO_THE_PRESENT not in caplog.text


def test_a_timer_that_is_stopped_during_the_read_is_read(account, small_pages, load, time_log, caplog):
    """It begins as ended, is open when its page is read, and ended again when the counts are taken."""
    load(*(day(number) for number in range(6)))
    began = format_instant(START)

    def end_with(end):
        return lambda: account.load(time_log("day004", began, endTimestamp=end))

    with caplog.at_level(logging.INFO):
        client = Meddled(small_pages, {4: [end_with(None)]})
        assert sorted(read(client)) == [f"day{number:03}" for number in range(6)]

    assert TO_THE_PRESENT in caplog.text


def test_records_made_today_while_it_is_read_make_the_read_no_longer(account, small_pages, load, time_log, caplog):
    load(*(day(number) for number in range(4)))
    now = datetime(2026, 10, 1, 9, tzinfo=UTC)
    made = iter(range(100))

    def log_time():
        account.load(time_log(f"now{next(made):03}", format_instant(now), endTimestamp=format_instant(now)))

    with caplog.at_level(logging.INFO):
        client = Meddled(small_pages, {number: [log_time] for number in range(4, 8)})
        assert sorted(read(client)) == [f"day{number:03}" for number in range(4)]

    assert TO_THE_PRESENT not in caplog.text


def test_deletions_in_the_very_second_of_both_takes_hide_nothing_from_a_third(account, small_pages, load):
    load(day(0), ("odd", START, None), day(1))
    narrowed, counts = 2, 4
    deeds = {
        counts - 1: [lambda: account.remove("later001")],
        counts + narrowed + counts - 1: [lambda: account.remove("later002")],
    }

    assert sorted(read(Meddled(small_pages, deeds))) == ["day000", "day001", "odd"]


def test_a_deletion_and_a_new_record_do_not_make_up_for_one_left_out(account, small_pages, load, time_log):
    """The narrowed list holds as many as begin in the window, but not the same ones."""
    load(day(0), ("odd", START, None), day(1), day(2))

    def swap():
        account.remove("day000")
        account.load(time_log("swapped", format_instant(START), endTimestamp=format_instant(START)))

    for moment in range(12):
        found = set(read(Meddled(small_pages, {moment: [swap]})))
        assert {"odd", "day001", "day002"} <= found
        account.remove("swapped")
        load(day(0))


@pytest.mark.parametrize(
    ("take", "left_out"),
    [
        pytest.param(WindowCounts(after=5, ended_after=0, ended=7, all=12), 0, id="none"),
        pytest.param(WindowCounts(after=5, ended_after=2, ended=9, all=12), 0, id="some-end-soon-beyond"),
        pytest.param(WindowCounts(after=5, ended_after=0, ended=6, all=12), 1, id="one"),
        pytest.param(
            WindowCounts(after=5, ended_after=1, ended=7, all=12), 1, id="one-that-ends-beyond-makes-up-for-it"
        ),
    ],
)
def test_what_four_counts_say(take, left_out):
    assert take.left_out == left_out


instants = st.one_of(
    st.sampled_from([START, END, BORDER, LAST_END]).flatmap(
        lambda edge: st.sampled_from([-60, -1, 0, 1, 59]).map(lambda seconds: edge + seconds * SECOND)
    ),
    st.integers(-48, 120).map(lambda hours: START + timedelta(hours=hours)),
)
logs = st.lists(
    st.tuples(
        instants,
        st.one_of(st.none(), instants, st.integers(0, 30).map(lambda hours: timedelta(hours=hours))),
    ),
    max_size=8,
)


def named(drawn):
    """Give drawn logs an id, and an end where a length was drawn."""
    return [
        (f"log{number:03}", begin, begin + end if isinstance(end, timedelta) else end)
        for number, (begin, end) in enumerate(drawn)
    ]


def belonging(logs):
    return {record_id for record_id, begin, _ in logs if START <= begin < END}


@pytest.mark.parametrize(("first", "last"), READINGS)
@settings(max_examples=examples(5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=logs)
def test_the_window_is_whole_however_the_api_reads_its_borders(account, small_pages, load, first, last, drawn):
    account.sandbox.reset()
    load(*named(drawn))

    found = read(OtherReading(small_pages, first, last))

    assert len(found) == len(set(found))
    assert set(found) == belonging(named(drawn))


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_there_all_the_time_is_read_whatever_is_made_and_deleted_meanwhile(
    account, small_pages, load, time_log, data
):
    account.sandbox.reset()
    there = named(data.draw(logs, label="logs"))
    load(*there)
    doomed = data.draw(st.permutations([record_id for record_id, _, _ in there] + ["later001", "later002", "later003"]))
    made = iter(range(100))
    deeds = {}
    gone = set()

    def make(begin, end):
        # Before and after those that are there, in the order of ids.
        number = next(made)
        record_id = f"{'az'[number % 2]}{number:03}"
        account.load(
            time_log(record_id, format_instant(begin), endTimestamp=end and format_instant(end)),
        )

    for moment in data.draw(st.lists(st.integers(0, 20), max_size=3), label="moments"):
        if data.draw(st.booleans(), label="deletion"):
            one = doomed.pop()
            gone.add(one)
            deed = partial(account.remove, one)
        else:
            ((_, begin, end),) = named([data.draw(logs.filter(bool), label="made")[0]])
            deed = partial(make, begin, end)
        deeds.setdefault(moment, []).append(deed)

    found = read(Meddled(small_pages, deeds))

    assert len(found) == len(set(found))
    assert belonging(there) - gone <= set(found)
