"""Any changes during a read: every record that exists all the time is yielded once, or the read ends in an error."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.api.listing.complete_read import read_list
from airflow_provider_seventime.api.listing.page import MAX_PAGES_AT_ONCE
from airflow_provider_seventime.exceptions import IncompleteReadError
from tests.sizes import examples
from tests.unit.api.listing.changing_list import (
    Change,
    ChangingList,
    appended,
    arrived,
    between_requests,
    counts,
    edited,
    object_id,
    places,
    plain_id,
    read,
    read_together,
    removed,
    sizes,
    text_id,
    waited,
)

fixed = settings(derandomize=True, deadline=None, max_examples=examples(100), database=None)
thorough = settings(fixed, max_examples=examples(150))
bursts = st.builds(lambda change, times: [change] * times, removed | appended, st.integers(2, 8))
any_changes = st.lists(st.one_of(appended, removed, removed, edited, waited), min_size=1, max_size=4) | bursts


@fixed
@given(count=st.integers(0, 40), page_size=st.integers(1, 12))
def test_a_list_that_does_not_change_costs_one_request_a_page(count, page_size):
    server = ChangingList(count, page_size)
    outcome = read(server)
    assert outcome.whole
    assert outcome.ids == server.ids
    assert sorted(server.asked) == list(range(1, server.pages + 1))


@pytest.mark.parametrize(
    ("make_id", "dated"),
    [(object_id, True), (object_id, False), (text_id, True), (plain_id, True)],
    ids=["ids of MongoDB", "answers without a date", "other ids", "ids in another order"],
)
def test_any_changes_between_any_two_requests(make_id, dated):
    @thorough
    @given(count=counts, page_size=sizes, changes=between_requests(any_changes))
    def holds(count, page_size, changes):
        read(ChangingList(count, page_size, changes, make_id, dated))

    holds()


@settings(fixed, max_examples=examples(300))
@given(
    count=st.integers(8, 9 * MAX_PAGES_AT_ONCE),
    page_size=st.integers(1, 3),
    changes=between_requests(any_changes, last=3 * MAX_PAGES_AT_ONCE),
    seed=st.integers(0, 2**16),
)
def test_any_changes_while_pages_are_prefetched(count, page_size, changes, seed):
    read_together(ChangingList(count, page_size, changes), random.Random(seed))


@fixed
@given(count=st.integers(0, 60), page_size=sizes, seed=st.integers(0, 2**16))
def test_a_list_that_does_not_change_costs_no_more_with_prefetched_pages(count, page_size, seed):
    server = ChangingList(count, page_size)
    assert read_together(server, random.Random(seed)).ids == server.ids
    assert sorted(server.asked) == list(range(1, server.pages + 1))


@fixed
@given(count=counts, page_size=sizes, gap=st.integers(1, 10), place=places, first=st.booleans())
def test_a_deletion_and_a_creation_between_the_same_two_requests(count, page_size, gap, place, first):
    """They keep the total, so a reader that compares totals would miss a record at the edge of a page."""
    pair = [Change("remove", place), Change("append")]
    server = ChangingList(count, page_size, {gap: pair if first else pair[::-1]})
    assert read(server).whole
    # There and back, the page at which it was seen, and the last one again.
    assert len(server.asked) <= 2 * server.pages + 2


@fixed
@given(count=counts, page_size=sizes, changes=between_requests(st.lists(removed | edited, min_size=1, max_size=8)))
def test_deletions_and_edits_alone_never_prevent_a_complete_read(count, page_size, changes):
    assert read(ChangingList(count, page_size, changes)).whole


@fixed
@given(
    count=counts,
    page_size=sizes,
    changes=between_requests(
        st.lists(removed, min_size=1, max_size=3),
        st.lists(arrived, min_size=1, max_size=3),
        st.lists(appended | edited, min_size=1, max_size=3),
    ),
)
def test_with_filters_records_may_enter_the_middle(count, page_size, changes):
    """One kind of change between two responses: no reader can see a record leave while another enters."""
    read(ChangingList(count, page_size, changes), filtered=True)


@thorough
@given(
    count=st.integers(8, 9 * MAX_PAGES_AT_ONCE),
    page_size=st.integers(1, 3),
    changes=between_requests(
        st.lists(removed, min_size=1, max_size=3),
        st.lists(arrived, min_size=1, max_size=3),
        st.lists(appended | edited, min_size=1, max_size=3),
        last=3 * MAX_PAGES_AT_ONCE,
    ),
    seed=st.integers(0, 2**16),
)
def test_with_filters_they_may_while_pages_are_prefetched(count, page_size, changes, seed):
    read_together(ChangingList(count, page_size, changes), random.Random(seed), filtered=True)


@fixed
@given(
    count=counts,
    page_size=sizes,
    shifts=st.dictionaries(st.integers(0, 30), st.integers(-3, 4), max_size=12),
    make_id=st.sampled_from([object_id, text_id, plain_id]),
)
def test_pages_cut_elsewhere_with_the_right_total(count, page_size, shifts, make_id):
    read(ChangingList(count, page_size, make_id=make_id, shifts=shifts))


@fixed
@given(count=counts, page_size=sizes, request=st.integers(0, 6), by=st.integers(-2, 3))
def test_one_page_cut_elsewhere_is_repaired(count, page_size, request, by):
    assert read(ChangingList(count, page_size, shifts={request: by})).whole


@fixed
@given(count=counts, page_size=sizes, most=st.integers(1, 16), changes=between_requests(any_changes))
def test_the_first_records_are_read_page_by_page(count, page_size, most, changes):
    server = ChangingList(count, page_size, changes)
    got = []
    with suppress(IncompleteReadError):
        got.extend(record["_id"] for record in read_list("GET x", page_size, server.fetch, max_records=most))
    assert len(set(got)) == len(got) <= most
    assert set(got) <= server.made.keys()
    if most < count and not changes:
        assert got == server.ids[:most]
        assert server.asked == list(range(1, -(-most // page_size) + 1))
