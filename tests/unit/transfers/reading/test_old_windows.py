"""Read of an old window: its requests, and completeness whatever other records there are."""

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


class InterruptedClient:
    """Client between whose requests other users edit records.

    :param client: the real client.
    :param edits: functions to call just before a count or record, by its number from 0.
    """

    def __init__(self, client, edits):
        self._client = client
        self._edits = edits
        self._number = 0

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
        for edit in self._edits.get(self._number, ()):
            edit()
        self._number += 1


class OtherBounds:
    """Client of an API that interprets the bounds of time logs differently.

    :param client: the real client. Its API compares to the second, bounds included.
    :param first: converts the first instant as it is sent to the instant that the API uses.
    :param last: the same for the filter by the end.
    """

    def __init__(self, client, first, last):
        self._client = client
        self._conversions = {"timestamp": first, "endTimestamp": last}

    def __getattr__(self, name):
        return getattr(self._client, name)

    def count(self, query, filters):
        return self._client.count(query, self._read(filters))

    def list_json(self, query, filters):
        return self._client.list_json(query, self._read(filters))

    def _read(self, filters):
        return {name: self._conversions[name](value) for name, value in filters.items()}


SECOND = timedelta(seconds=1)


def unchanged(instant):
    return instant


def to_the_minute(instant):
    return instant.replace(second=0)


INTERPRETATIONS = [
    pytest.param(unchanged, unchanged, id="inclusive"),
    pytest.param(lambda first: first + SECOND, unchanged, id="exclusive-start"),
    pytest.param(unchanged, lambda last: last - SECOND, id="exclusive-end"),
    pytest.param(lambda first: first + SECOND, lambda last: last - SECOND, id="exclusive"),
    pytest.param(to_the_minute, to_the_minute, id="to-the-minute"),
    pytest.param(lambda first: first + 2 * 3600 * SECOND, lambda last: last + 2 * 3600 * SECOND, id="in-utc"),
    pytest.param(lambda first: first - 6 * 3600 * SECOND, lambda last: last - 6 * 3600 * SECOND, id="farther-east"),
]


@pytest.fixture
def small_pages(account):
    # The server closes a connection that is idle for long between two examples.
    return account.client(page_size=PAGE_SIZE, attempts=3)


@pytest.fixture
def load(account, time_log):
    """Load time logs, given as id, begin and end, and many later ones, so that narrowing saves requests."""
    dates = [END + timedelta(days=10, hours=number) for number in range(LATER)]

    def load_logs(*logs):
        later = [(f"later{number:03}", begin, begin + timedelta(hours=1)) for number, begin in enumerate(dates)]
        account.load(
            *(
                time_log(record_id, format_instant(begin), endTimestamp=end and format_instant(end))
                for record_id, begin, end in [*logs, *later]
            )
        )

    return load_logs


def read(client):
    plan = plan_read(client.list_query("timeLogs"), client.zone, start=START, end=END)
    return [record.fields["_id"] for record in read_records(client, plan, Protection())]


def day(number, hours=1.0, *, begin=START + timedelta(hours=8)):
    """Return a time log of the window."""
    return f"day{number:03}", begin, begin + timedelta(hours=hours)


def test_an_old_window_requests_its_own_pages_and_some_counts(account, small_pages, load):
    load(*(day(number) for number in range(9)))

    assert read(small_pages) == [f"day{number:03}" for number in range(9)]

    queries = [query for _, query in account.requests(counts=True)]
    pages = [query for query in queries if query["limit"] == str(PAGE_SIZE)]
    assert len(queries) - len(pages) == COUNT_REQUESTS
    assert len(pages) == 6  # the first again, since these ids have no creation time
    assert {query["endTimestamp"] for query in pages} == {"2026-09-04 00:00"}
    assert {query["timestamp"] for query in pages} == {"2026-08-31 00:00"}


def test_a_window_with_few_later_records_requests_one_count(account, load):
    load(day(0))

    assert read(account.client(page_size=500)) == ["day000"]

    count, page = (query for _, query in account.requests(counts=True))
    assert (count["limit"], count["timestamp"]) == ("1", "2026-09-03 00:00")
    assert page["timestamp"] == "2026-08-31 00:00"
    assert "endTimestamp" not in page


def test_every_count_has_the_filters(account, small_pages, load, time_log):
    load(day(0))
    account.load(time_log("other", format_instant(START), user="u2"))
    plan = plan_read(small_pages.list_query("timeLogs", {"user": "u1"}), small_pages.zone, start=START, end=END)
    account.requests()

    assert [record.fields["_id"] for record in read_records(small_pages, plan, Protection())] == ["day000"]
    assert {query["user"] for _, query in account.requests(counts=True)} == {"u1"}


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(("odd", START, None), id="has-no-end"),
        pytest.param(("odd", END - SECOND, LAST_END + SECOND), id="ends-long-after-the-window"),
        pytest.param(("odd", START, datetime(2027, 1, 1, tzinfo=UTC)), id="ends-in-the-future"),
    ],
)
def test_a_record_that_the_filter_by_the_end_excludes_is_read(account, small_pages, load, caplog, log):
    load(day(0), log, day(1))

    with caplog.at_level(logging.INFO):
        assert sorted(read(small_pages)) == ["day000", "day001", "odd"]

    assert TO_THE_PRESENT in caplog.text
    assert all("endTimestamp" not in query for _, query in account.requests())


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
def test_a_record_that_may_end_after_the_window_does_not_widen_the_read(account, small_pages, load, caplog, log):
    load(day(0), log)

    with caplog.at_level(logging.INFO):
        assert set(read(small_pages)) - {"odd"} == {"day000"}

    assert TO_THE_PRESENT not in caplog.text


def test_a_timer_that_is_restarted_during_the_read_is_read(account, small_pages, load, time_log, caplog):
    """The time log has an end, then none when its page is read, and an end again at the counts."""
    load(*(day(number) for number in range(6)))
    began = format_instant(START)

    def end_with(end):
        return lambda: account.load(time_log("day004", began, endTimestamp=end))

    with caplog.at_level(logging.INFO):
        client = InterruptedClient(small_pages, {4: [end_with(None)]})
        assert sorted(read(client)) == [f"day{number:03}" for number in range(6)]

    assert TO_THE_PRESENT in caplog.text


def test_records_created_during_the_read_do_not_widen_it(account, small_pages, load, time_log, caplog):
    load(*(day(number) for number in range(4)))
    now = datetime(2026, 10, 1, 9, tzinfo=UTC)
    numbers = iter(range(100))

    def log_time():
        account.load(time_log(f"now{next(numbers):03}", format_instant(now), endTimestamp=format_instant(now)))

    with caplog.at_level(logging.INFO):
        client = InterruptedClient(small_pages, {number: [log_time] for number in range(4, 8)})
        assert sorted(read(client)) == [f"day{number:03}" for number in range(4)]

    assert TO_THE_PRESENT not in caplog.text


def test_deletions_during_two_takes_of_counts_lead_to_a_third(account, small_pages, load):
    load(day(0), ("odd", START, None), day(1))
    narrowed, counts = 2, 4
    edits = {
        counts - 1: [lambda: account.remove("later001")],
        counts + narrowed + counts - 1: [lambda: account.remove("later002")],
    }

    assert sorted(read(InterruptedClient(small_pages, edits))) == ["day000", "day001", "odd"]


def test_a_deletion_and_a_new_record_do_not_hide_an_excluded_record(account, small_pages, load, time_log):
    """The narrowed list has as many records as begin in the window, but other ones."""
    load(day(0), ("odd", START, None), day(1), day(2))

    def swap():
        account.remove("day000")
        account.load(time_log("swapped", format_instant(START), endTimestamp=format_instant(START)))

    for moment in range(12):
        found = set(read(InterruptedClient(small_pages, {moment: [swap]})))
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
            WindowCounts(after=5, ended_after=1, ended=7, all=12), 1, id="one-compensated-by-one-that-ends-beyond"
        ),
    ],
)
def test_number_of_excluded_records_from_four_counts(take, left_out):
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
    """Return drawn logs with an id, and with an end if a length was drawn."""
    return [
        (f"log{number:03}", begin, begin + end if isinstance(end, timedelta) else end)
        for number, (begin, end) in enumerate(drawn)
    ]


def belonging(logs):
    return {record_id for record_id, begin, _ in logs if START <= begin < END}


@pytest.mark.parametrize(("first", "last"), INTERPRETATIONS)
@settings(max_examples=examples(5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=logs)
def test_the_window_is_complete_however_the_api_interprets_its_bounds(account, small_pages, load, first, last, drawn):
    account.sandbox.reset()
    load(*named(drawn))

    found = read(OtherBounds(small_pages, first, last))

    assert len(found) == len(set(found))
    assert set(found) == belonging(named(drawn))


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_records_that_exist_throughout_the_read_are_read(account, small_pages, load, time_log, data):
    account.sandbox.reset()
    existing = named(data.draw(logs, label="logs"))
    load(*existing)
    to_delete = data.draw(
        st.permutations([record_id for record_id, _, _ in existing] + ["later001", "later002", "later003"])
    )
    numbers = iter(range(100))
    edits = {}
    deleted = set()

    def create(begin, end):
        # Before and after the existing records, in the order of ids.
        number = next(numbers)
        record_id = f"{'az'[number % 2]}{number:03}"
        account.load(
            time_log(record_id, format_instant(begin), endTimestamp=end and format_instant(end)),
        )

    for moment in data.draw(st.lists(st.integers(0, 20), max_size=3), label="moments"):
        if data.draw(st.booleans(), label="deletion"):
            one = to_delete.pop()
            deleted.add(one)
            edit = partial(account.remove, one)
        else:
            ((_, begin, end),) = named([data.draw(logs.filter(bool), label="created")[0]])
            edit = partial(create, begin, end)
        edits.setdefault(moment, []).append(edit)

    found = read(InterruptedClient(small_pages, edits))

    assert len(found) == len(set(found))
    assert belonging(existing) - deleted <= set(found)
