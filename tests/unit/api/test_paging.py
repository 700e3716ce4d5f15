"""A list that holds still, and lists that no server should give."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.paging import PASSES, SPARE_REQUESTS, ListView, Page, read_whole
from airflow_provider_seventime.exceptions import IncompleteReadError, ProtocolError


def records(*ids):
    return [{"_id": f"{one:06d}" if isinstance(one, int) else one} for one in ids]


class Server:
    """Hand out pages of a list, and count how often it was asked."""

    def __init__(self, ids, page_size, total=None):
        self.ids = list(ids)
        self.page_size = page_size
        self.total = total
        self.asked = []

    def fetch(self, number):
        self.asked.append(number)
        begin = (number - 1) * self.page_size
        total = len(self.ids) if self.total is None else self.total
        return Page(records(*self.ids[begin : begin + self.page_size]), total)


@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 500])
@pytest.mark.parametrize("count", [0, 1, 2, 6, 7, 14])
def test_a_list_that_holds_still_is_read_once_in_order(count, page_size):
    server = Server(range(count), page_size)
    assert list(read_whole("GET x", page_size, server.fetch)) == records(*range(count))
    assert server.asked == list(range(1, max(1, -(-count // page_size)) + 1))


def test_pages_are_asked_for_when_their_records_are_wanted():
    server = Server(range(10), 2)
    reading = read_whole("GET x", 2, server.fetch)
    assert server.asked == []
    next(reading)
    next(reading)
    assert server.asked == [1]
    next(reading)
    assert server.asked == [1, 2]


def incomplete(fetch, page_size=2):
    """Read a list that cannot be made whole; return what was yielded before the error, and the error."""
    got = []
    with pytest.raises(IncompleteReadError) as caught:
        got.extend(read_whole("GET /api/2/x", page_size, fetch))
    return got, str(caught.value)


class TestNeverWhole:
    def test_a_server_that_ignores_the_page(self):
        server = Server(range(10), 2)
        _, said = incomplete(lambda number: Page(server.fetch(number) and records(0, 1), 10))
        assert "2 different records were read, the API counts 10" in said
        assert len(server.asked) == PASSES * 5

    def test_a_server_that_gives_shorter_pages_than_asked(self):
        server = Server(range(250), 100)
        _, said = incomplete(server.fetch, page_size=500)
        assert "100 different records were read, the API counts 250" in said
        assert len(server.asked) == PASSES

    def test_a_page_that_never_fills(self):
        server = Server(range(9), 2, total=10)
        _, said = incomplete(server.fetch)
        assert "9 different records were read, the API counts 10" in said
        assert len(server.asked) == PASSES * 5

    def test_a_list_that_counts_fewer_than_it_gives(self):
        server = Server(range(4), 4, total=3)
        _, said = incomplete(server.fetch, page_size=4)
        assert "4 different records were read, the API counts 3" in said

    def test_an_empty_list_that_counts_some(self):
        _, said = incomplete(lambda number: Page([], 3))
        assert "0 different records were read, the API counts 3" in said

    @pytest.mark.parametrize("step", [1, 2, 5, 1000])
    def test_a_list_that_grows_with_every_request(self, step):
        server = Server(range(10), 2)

        def fetch(number):
            server.ids = range(10 + step * len(server.asked))
            return server.fetch(number)

        _, said = incomplete(fetch)
        assert "did not hold still" in said
        assert len(server.asked) == PASSES * 5 + SPARE_REQUESTS

    def test_a_total_that_flips_ends_after_a_bounded_number_of_requests(self):
        asked = []

        def fetch(number):
            asked.append(number)
            return Page(records(*range(2 * number - 2, 2 * number)), 20 + len(asked) % 2)

        _, said = incomplete(fetch)
        assert "did not hold still" in said
        assert len(asked) == PASSES * 11 + SPARE_REQUESTS

    def test_the_error_says_what_to_do(self):
        _, said = incomplete(lambda number: Page([], 3))
        assert said.startswith("GET /api/2/x could not be read whole in ")
        assert said.endswith("try again when fewer records are being changed, or narrow the filters")


class TestRepeats:
    def test_a_record_that_comes_twice_is_yielded_once(self):
        pages = {1: Page(records(1, 2), 3), 2: Page(records(2, 3), 3)}
        assert list(read_whole("GET x", 2, pages.__getitem__)) == records(1, 2, 3)

    def test_a_record_twice_on_one_page_is_yielded_once_and_missed_in_the_count(self):
        got, said = incomplete(lambda number: Page(records(1, 1), 2))
        assert got == records(1)
        assert "1 different records were read, the API counts 2" in said

    def test_a_second_pass_that_is_whole_is_enough(self):
        answers = iter([Page(records(1, 2), 4), Page(records(2, 3), 4), Page(records(1, 2), 4), Page(records(3, 4), 4)])
        assert list(read_whole("GET x", 2, lambda number: next(answers))) == records(1, 2, 3, 4)


@pytest.mark.parametrize("record", [{}, {"_id": None}, {"_id": 5}, {"id": "a"}], ids=repr)
def test_a_record_without_an_id_is_not_the_api(record):
    with pytest.raises(ProtocolError, match=r"^GET x: a record without _id came back$"):
        list(read_whole("GET x", 2, lambda number: Page([record], 1)))


def test_an_error_of_a_page_ends_the_read():
    def fetch(number):
        if number == 2:
            raise ProtocolError("HTML")
        return Page(records(1, 2), 4)

    reading = read_whole("GET x", 2, fetch)
    assert [next(reading), next(reading)] == records(1, 2)
    with pytest.raises(ProtocolError):
        next(reading)


def test_a_view_goes_back_to_where_nothing_moved():
    view = ListView("GET x", 2)
    view.take(Page(records(1, 2), 8))
    view.take(Page(records(3, 4), 8))
    view.take(Page(records(5, 6), 8))
    # 4 went: what stood behind it moved up, so that 5 now stands on page 2 and 7 on page 3.
    assert view.next_page == 4
    assert view.take(Page(records(8), 7)) == records(8)
    assert view.next_page == 3
    assert view.take(Page(records(6, 7), 7)) == records(7)
    assert view.next_page == 2
    assert view.take(Page(records(3, 5), 7)) == []
    assert view.next_page == 1
    view.take(Page(records(1, 2), 7))
    assert [view.next_page, view.whole] == [2, False]
    for page in (records(3, 5), records(6, 7), records(8)):
        assert view.take(Page(page, 7)) == []
    assert view.whole
