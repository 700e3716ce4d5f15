"""A list that does not change, and lists that no server should return."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.api.listing.lists import DICTS
from airflow_provider_seventime.api.listing.read_limits import MAX_PASSES, MAX_WRONG_COUNTS, SPARE_REQUESTS
from airflow_provider_seventime.exceptions import IncompleteReadError, ProtocolError
from tests.unit.api.listing.changing_list import ChangingList, page_of, plain_id, text_id

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def records(*numbers):
    return [{"_id": text_id(0, one)} for one in numbers]


def ids_of(reading):
    return [record["_id"] for record in reading]


class TestAListThatDoesNotChange:
    @pytest.mark.parametrize(
        ("count", "asked"),
        [(0, [1]), (1, [1]), (2, [1]), (3, [1, 2]), (4, [1, 2]), (5, [1, 3, 2]), (9, [1, 5, 2, 3, 4])],
    )
    def test_its_last_page_is_read_second_and_delivered_last(self, count, asked):
        server = ChangingList(count, 2)
        assert ids_of(read_list("GET x", 2, server.fetch)) == server.ids
        assert server.asked == asked

    def test_twenty_thousand_records_cost_forty_requests(self):
        server = ChangingList(20_000, 500)
        assert sum(1 for _ in read_list("GET x", 500, server.fetch)) == 20_000
        assert len(server.asked) == 40

    def test_its_pages_are_fetched_when_their_records_are_needed(self):
        server = ChangingList(10, 2)
        reading = read_list("GET x", 2, server.fetch)
        assert server.asked == []
        next(reading)
        next(reading)
        assert server.asked == [1]
        next(reading)
        assert server.asked == [1, 5, 2]

    @pytest.mark.parametrize(
        ("count", "page_size", "most", "asked"),
        [(9, 2, 1, [1]), (9, 2, 2, [1]), (9, 2, 5, [1, 2, 3]), (9, 2, 8, [1, 2, 3, 4]), (9, 2, 9, [1, 5, 2, 3, 4])],
    )
    def test_its_first_records_are_read_page_by_page_unless_they_are_all(self, count, page_size, most, asked):
        server = ChangingList(count, page_size)
        assert ids_of(read_list("GET x", page_size, server.fetch, max_records=most)) == server.ids[:most]
        assert server.asked == asked

    def test_another_order_is_read_page_by_page(self):
        server = ChangingList(9, 2)
        assert ids_of(read_list("GET x", 2, server.fetch, by_id=False)) == server.ids
        assert server.asked == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("count", [3, 7, 40])
    def test_ids_that_do_not_ascend_as_text_are_read_twice(self, count):
        """They could not show that a record was lost."""
        server = ChangingList(count, 2, make_id=plain_id)
        assert ids_of(read_list("GET x", 2, server.fetch)) == server.ids
        assert len(server.asked) <= 2 * server.pages

    @pytest.mark.parametrize(
        ("ids", "page_size"),
        [(["2", "3", "10"], 2), (["2", "3", "10", "11", "100", "101", "1000"], 2), ("AbC", 1), ("aBcz", 1)],
        ids=["two pages", "as numbers", "the last page", "a page between"],
    )
    def test_so_are_ids_whose_order_differs_only_from_page_to_page(self, ids, page_size):
        asked = []

        def fetch(number):
            asked.append(number)
            page = ids[(number - 1) * page_size : number * page_size]
            return page_of([{"_id": one} for one in page], len(ids), NOON)

        assert sorted(ids_of(read_list("GET x", page_size, fetch))) == sorted(ids)
        assert len(asked) <= 2 * -(-len(ids) // page_size)


def ends(fetch, page_size=2, **order):
    """Read a list whose read is incomplete; return the records yielded before the error, and its message."""
    got = []
    with pytest.raises(IncompleteReadError) as caught:
        got.extend(record["_id"] for record in read_list("GET /api/2/x", page_size, fetch, **order))
    return got, str(caught.value)


@pytest.fixture(params=[True, False], ids=["by id", "in another order"])
def order(request):
    return {"by_id": request.param}


class TestAListThatNoServerShouldReturn:
    def test_pages_that_are_not_filled(self, order):
        """The API limits pages to fewer records than requested."""
        ids = list(range(250))
        asked = []

        def fetch(number):
            asked.append(number)
            return page_of(records(*ids[100 * number - 100 : 100 * number]), 250)

        _, said = ends(fetch, 500, **order)
        assert "page 1 has 100 records where the API's own total of 250 requires 250" in said
        assert said.endswith("Set page_size in the connection's extra to 100 or less.")
        assert asked == [1] * MAX_WRONG_COUNTS

    def test_a_total_that_never_agrees(self, order):
        _, said = ends(lambda number: page_of(records(1, 2, 3, 4), 3), 4, **order)
        assert "page 1 has 4 records where the API's own total of 3 requires 3" in said
        assert "page_size" not in said

    def test_an_empty_list_with_a_total(self, order):
        _, said = ends(lambda number: page_of([], 3), **order)
        assert "page 1 has 0 records where the API's own total of 3 requires 2" in said

    def test_a_total_that_is_wrong_once(self, order):
        server = ChangingList(5, 2)

        def fetch(number):
            page = server.fetch(number)
            return page_of(page.records, page.total + (len(server.asked) == 3), page.server_time)

        assert ids_of(read_list("GET x", 2, fetch, **order)) == server.ids

    def test_more_records_than_requested(self, order):
        with pytest.raises(ProtocolError, match=r"^GET x answered 3 records where 2 were requested\.$"):
            list(read_list("GET x", 2, lambda number: page_of(records(1, 2, 3), 9), **order))

    @pytest.mark.parametrize("total", [4, 10])
    def test_the_same_page_for_every_request(self, order, total):
        asked = []

        def fetch(number):
            asked.append(number)
            return page_of(records(1, 2), total)

        got, said = ends(fetch, **order)
        assert got == ids_of(records(1, 2))
        assert "repeats records of page 1" in said or "2 different records were read" in said
        assert len(asked) <= MAX_PASSES * 5

    def test_a_page_beyond_the_end_with_records(self):
        got, said = ends(lambda number: page_of(records(2 * number - 1, 2 * number), 5 if number == 1 else 3))
        assert got == ids_of(records(1, 2))
        assert "page 3 has 2 records where the API's own total of 3 requires 0" in said

    def test_a_record_twice_on_one_page(self, order):
        got, said = ends(lambda number: page_of(records(1, 1), 2), **order)
        assert got == ids_of(records(1))
        assert "1 different records were read and the API counts 2" in said

    @pytest.mark.parametrize("step", [2, 5, 1000])
    def test_a_list_without_end(self, order, step):
        """It grows by a page and more with every page that is read."""
        asked = []

        def fetch(number):
            asked.append(number)
            count = 10 + step * len(asked)
            return page_of(records(*range(count)[2 * number - 2 : 2 * number]), count)

        _, said = ends(fetch, **order)
        assert "the list kept changing" in said
        first = -(-(10 + step) // 2)
        assert len(asked) == MAX_PASSES * first + SPARE_REQUESTS

    def test_a_total_that_jumps_wildly_costs_no_more_than_the_list(self):
        server = ChangingList(9, 2)

        def fetch(number):
            page = server.fetch(number)
            return page_of(page.records, 10**9, page.server_time) if len(server.asked) == 1 else page

        assert ids_of(read_list("GET x", 2, fetch)) == server.ids
        # Far beyond the end, the last page of what is there, the pages between, and the first again.
        assert server.asked == [1, 500_000_000, 5, 2, 3, 4, 1]

    def test_a_total_that_jumps_while_pages_are_read(self, order):
        server = ChangingList(9, 2)

        def fetch(number):
            page = server.fetch(number)
            return page_of(page.records, 10**9, page.server_time) if len(server.asked) == 3 else page

        assert sorted(ids_of(read_list("GET x", 2, fetch, **order))) == server.ids
        assert len(server.asked) <= MAX_PASSES * 5 + SPARE_REQUESTS

    def test_the_error_says_what_to_do(self):
        _, said = ends(lambda number: page_of([], 3))
        assert said.startswith("GET /api/2/x could not be read completely in 3 requests: ")
        assert said.endswith(
            "Do not use the records that were read.\n"
            "Try again when fewer records are being changed, or narrow the filters."
        )


@pytest.mark.parametrize("record", [{}, {"_id": None}, {"_id": 5}, {"id": "a"}], ids=repr)
def test_a_record_without_an_id_is_not_the_api(record):
    content = {"data": [record], "meta": {"totalResources": 1}}
    with pytest.raises(ProtocolError, match=r"^GET x returned a record without a valid _id$"):
        DICTS.decode(exact_json.encode(content), operation="GET x")


def test_an_error_of_a_page_ends_the_read():
    def fetch(number):
        if number == 2:
            raise ProtocolError("HTML")
        return page_of(records(1, 2), 4)

    reading = read_list("GET x", 2, fetch)
    assert ids_of([next(reading), next(reading)]) == ids_of(records(1, 2))
    with pytest.raises(ProtocolError):
        next(reading)
