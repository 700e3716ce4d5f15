"""A list that changes during a read: the pages that are read again, and the order of the records."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.exceptions import IncompleteReadError
from tests.unit.api.listing.changing_list import Change, ChangingList, object_id, page_of, read, text_id

APPEND = Change("append")


def numbers(ids, server):
    """Return records by the order of their creation, from 1."""
    in_order = sorted(server.made)
    return [in_order.index(one) + 1 for one in ids]


def remove(number):
    return Change("remove", number - 1)


class TestADeletionAndACreationAtOnce:
    """In a list of twelve records on six pages; the total stays the same."""

    @pytest.mark.parametrize(
        ("gap", "gone", "asked", "got"),
        [
            pytest.param(1, 2, [1, 6, 2, 3, 4, 5, 1], [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 3, 12, 13], id="first window"),
            pytest.param(3, 1, [1, 6, 2, 3, 4, 5, 5, 4, 3, 2, 6], [*range(1, 5), *range(6, 12), 5, 12, 13], id="half"),
            pytest.param(5, 9, [1, 6, 2, 3, 4, 5, 5, 4, 3, 2, 1, 6], [*range(1, 9), 10, 11, 12, 13], id="not yet read"),
            pytest.param(5, 1, [1, 6, 2, 3, 4, 5, 5, 4, 6], [*range(1, 9), 10, 11, 9, 12, 13], id="the end"),
            pytest.param(2, 11, [1, 6, 2, 3, 4, 5], [*range(1, 13)], id="on the last page"),
            pytest.param(6, 1, [1, 6, 2, 3, 4, 5], [*range(1, 13)], id="after it was read"),
        ],
    )  # fmt: skip
    def test_the_moved_records_are_read_again(self, gap, gone, asked, got):
        server = ChangingList(12, 2, {gap: [remove(gone), APPEND]})
        assert numbers(read(server).ids, server) == got
        assert server.asked == asked


class TestBetweenTheFirstTwoRequests:
    """In a list of three records on two pages."""

    @pytest.mark.parametrize(("seconds_ago", "requests"), [(86_400, 2), (60, 2), (59, 3), (0, 3)])
    def test_only_a_record_created_within_a_minute_requires_page_1_again(self, seconds_ago, requests):
        server = ChangingList(2, 2)
        server.second -= seconds_ago
        server.append()
        server.second += seconds_ago
        assert read(server).ids == server.ids
        # The clock goes on one second before the first answer.
        assert len(server.asked) == requests

    @pytest.mark.parametrize(
        ("make_id", "dated"), [(object_id, False), (text_id, True)], ids=["no date", "no second in the id"]
    )
    def test_without_a_time_page_1_is_always_read_again(self, make_id, dated):
        server = ChangingList(3, 2, make_id=make_id, dated=dated)
        assert read(server).ids == server.ids
        assert server.asked == [1, 2, 1]

    def test_a_single_page_is_read_once(self):
        server = ChangingList(2, 2, make_id=text_id, dated=False)
        assert read(server).ids == server.ids
        assert server.asked == [1]

    def test_records_that_moved_to_page_1_are_found_there(self):
        server = ChangingList(3, 2, {1: [remove(1), APPEND]})
        assert numbers(read(server).ids, server) == [1, 2, 3, 4]
        assert server.asked == [1, 2, 1]


class TestTheTotalChanges:
    def test_created_records_come_at_the_end(self):
        server = ChangingList(6, 2, {2: [APPEND], 3: [APPEND]})
        assert read(server).ids == server.ids
        assert server.asked == [1, 3, 2, 3, 4]

    def test_a_list_that_becomes_empty_is_complete(self):
        server = ChangingList(4, 2, {1: [remove(1)] * 4})
        assert numbers(read(server).ids, server) == [1, 2]

    def test_a_list_that_shrinks_to_one_page_is_read_from_it(self):
        server = ChangingList(8, 2, {1: [remove(1)] * 6})
        assert numbers(read(server).ids, server) == [1, 2, 7, 8]
        assert server.asked == [1, 4, 1]

    def test_pages_that_no_longer_exist_are_not_requested(self):
        server = ChangingList(20, 2, {3: [remove(1)] * 15})
        assert numbers(read(server).ids, server) == [1, 2, 3, 4, 20, 18, 19, 16, 17]
        assert server.asked == [1, 10, 2, 3, 3, 2, 1, 4]

    def test_with_filters_a_record_that_enters_the_middle_costs_the_last_page(self):
        server = ChangingList(8, 2, {3: [Change("arrive", 0)]})
        assert read(server, filtered=True).whole
        assert server.asked == [1, 4, 2, 3, 4, 5]

    def test_with_filters_a_record_that_enters_early_may_push_others_behind_the_last_page(self):
        server = ChangingList(4, 2, {1: [Change("arrive", 0)]})
        assert read(server, filtered=True).whole
        assert server.asked == [1, 2, 1, 3]

    def test_with_filters_one_entering_record_explains_one_repeated_record_only(self):
        server = ChangingList(12, 2, {2: [Change("arrive", 0)]}, shifts={3: 1})
        outcome = read(server, filtered=True)
        assert outcome.whole
        assert server.asked == [1, 6, 2, 3, 4, 4, 3, 5, 6, 7]

    def test_with_filters_leaving_and_entering_records_need_another_pass(self):
        changes = {2: [remove(1)], 3: [Change("arrive", 0)]}
        assert len(ChangingList(8, 2, changes).ids) == 8
        server = ChangingList(8, 2, changes)
        assert read(server, filtered=True).whole
        assert server.asked.count(1) > 1

    def test_with_filters_a_list_that_keeps_changing_ends_in_an_error(self):
        restless = {gap: [remove(1) if gap % 2 else Change("arrive", 0)] for gap in range(1, 40)}
        assert not read(ChangingList(8, 2, restless), filtered=True).whole

    def test_without_filters_it_is_complete(self):
        restless = {gap: [remove(1) if gap % 2 else APPEND] for gap in range(1, 40)}
        assert read(ChangingList(40, 2, restless)).whole


class TestGoingBack:
    """From the page before the last to the page where as many records moved as the first one showed."""

    def test_ends_where_the_deletions_are_explained(self):
        server = ChangingList(80, 4, {17: [remove(3)], 18: [remove(5)]})
        outcome = read(server)
        assert server.asked[:20] == [1, 20, *range(2, 20)]
        assert server.asked[20:] == [19, 18, 17, 16, 20]
        assert numbers(outcome.ids, server) == [*(set(range(1, 79)) - {65, 70}), 70, 65, 79, 80]

    def test_replaces_the_second_read_of_page_1_if_it_ends_there(self):
        server = ChangingList(12, 2, {1: [APPEND], 5: [remove(11), remove(9)]})
        assert read(server).whole
        assert server.asked.count(1) == 2

    def test_does_not_count_later_deletions(self):
        """The record that showed the deletion is deleted before its page is read again."""
        server = ChangingList(11, 2, {5: [remove(3), APPEND], 6: [remove(10), APPEND]})
        assert read(server).whole
        assert server.asked == [1, 6, 2, 3, 4, 5, 5, 4, 6]

    def test_does_not_count_if_more_than_a_page_moved(self):
        server = ChangingList(13, 2, {5: [remove(1)] * 3})
        assert read(server).whole
        assert server.asked == [1, 7, 2, 3, 4, 5, 5, 4, 3, 2, 1, 6]

    def test_does_not_count_if_all_records_of_the_page_are_different(self):
        server = ChangingList(14, 2, {6: [*[remove(1)] * 3, *[APPEND] * 3]})
        assert read(server).whole
        assert server.asked == [1, 7, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 7]

    def test_needs_another_pass_if_the_last_page_contradicts(self):
        """The same page is cut elsewhere twice, while a record is deleted whose page is not requested again."""
        server = ChangingList(12, 3, {3: [remove(12)]}, shifts={3: 1, 4: 1})
        assert read(server).whole
        assert server.asked[:7] == [1, 4, 2, 3, 3, 2, 1]
        assert server.asked[7:9] == [4, 1]


class TestAPageCutElsewhere:
    """One response is cut elsewhere and has the right total."""

    @pytest.mark.parametrize("by", [1, 2])
    @pytest.mark.parametrize("request_number", range(6))
    def test_is_requested_again(self, request_number, by):
        server = ChangingList(12, 2, shifts={request_number: by})
        outcome = read(server)
        assert outcome.whole
        assert sorted(outcome.ids) == server.ids
        assert len(server.asked) <= 2 * 6 + 2

    def test_that_stays_so_ends_in_an_error(self):
        server = ChangingList(12, 2, shifts=dict.fromkeys(range(2, 60), 1))
        assert not read(server).whole


class TestAnotherOrder:
    """Only totals and the number of different records prove anything."""

    def test_a_changed_total_is_followed_back_to_an_unchanged_page(self):
        server = ChangingList(8, 2, {3: [remove(4)]})
        got = [record["_id"] for record in read_list("GET x", 2, server.fetch, by_id=False)]
        assert numbers(got, server) == [1, 2, 3, 4, 5, 6, 8, 7]
        assert server.asked == [1, 2, 3, 4, 3, 2, 1, 2, 3, 4]

    def test_a_record_that_comes_twice_is_yielded_once(self):
        answers = iter([[1, 2], [2, 3], [1, 2], [3, 4]])
        fetch = lambda number: page_of([{"_id": text_id(0, one)} for one in next(answers)], 4)  # noqa: E731
        got = [record["_id"] for record in read_list("GET x", 2, fetch, by_id=False)]
        assert got == [text_id(0, one) for one in (1, 2, 3, 4)]

    def test_a_list_that_keeps_changing_ends_in_an_error(self):
        restless = {gap: [remove(1) if gap % 2 else APPEND] for gap in range(1, 60)}
        server = ChangingList(20, 2, restless)
        with pytest.raises(IncompleteReadError, match="the list kept changing"):
            list(read_list("GET x", 2, server.fetch, by_id=False))
