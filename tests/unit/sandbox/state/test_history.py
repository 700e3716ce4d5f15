"""A collection as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from airflow_provider_seventime.sandbox.state.history import MAX_ENTRIES
from airflow_provider_seventime.sandbox.state.store import Store, StoredCollection

START = datetime(2026, 10, 1, 10, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def collection(clock):
    return StoredCollection([{"_id": one} for one in "abc"], now=clock)


def ids(collection, clock, seconds):
    return "".join(record["_id"] for record in collection.as_of(clock.now, timedelta(seconds=seconds)))


def test_what_was_changed_since_is_as_it_was(collection, clock):
    collection.put({"_id": "b", "name": "first"})
    clock.advance(10)
    collection.put({"_id": "b", "name": "second"})
    clock.advance(10)
    named = [collection.as_of(clock.now, timedelta(seconds=ago))[1].get("name") for ago in (10, 11, 20, 21)]
    assert named == ["second", "first", "first", None]
    assert collection.get("b")["name"] == "second"


def test_what_was_made_since_is_not_there_yet(collection, clock):
    clock.advance(10)
    collection.put({"_id": "d"})
    clock.advance(1)
    assert ids(collection, clock, 1) == "abcd"
    assert ids(collection, clock, 2) == "abc"


def test_what_was_removed_since_stands_where_it_stood(collection, clock):
    clock.advance(10)
    collection.remove("b")
    collection.put({"_id": "d"})
    collection.remove("a")
    clock.advance(1)
    assert ids(collection, clock, 0.5) == "cd"
    assert ids(collection, clock, 2) == "abc"


def test_what_was_removed_and_made_anew_goes_back_to_its_old_place(collection, clock):
    collection.remove("a")
    clock.advance(10)
    collection.put({"_id": "a", "again": True})
    clock.advance(10)
    assert ids(collection, clock, 5) == "bca"
    assert ids(collection, clock, 15) == "bc"
    assert ids(collection, clock, 25) == "abc"


def test_what_was_made_and_removed_between_was_there_for_a_while(collection, clock):
    collection.put({"_id": "d"})
    clock.advance(10)
    collection.remove("d")
    clock.advance(10)
    assert [ids(collection, clock, ago) for ago in (5, 15, 25)] == ["abc", "abcd", "abc"]


def test_a_change_may_be_put_down_at_an_earlier_instant(collection, clock):
    clock.advance(100)
    collection.put({"_id": "b", "name": "late"})
    collection.put({"_id": "c", "paid": True}, at=START)
    clock.advance(1)
    then = collection.as_of(clock.now, timedelta(seconds=50))
    assert then == [{"_id": "a"}, {"_id": "b"}, {"_id": "c", "paid": True}]


def test_a_clock_that_went_back_breaks_nothing(collection, clock):
    clock.advance(100)
    collection.put({"_id": "d"})
    clock.advance(-100)
    collection.remove("d")
    assert ids(collection, clock, 1) == "abc"


def test_it_goes_back_as_far_as_changes_are_kept(collection, clock):
    for number in range(MAX_ENTRIES + 2):
        clock.advance(1)
        collection.put({"_id": "a", "number": number})
    assert collection.as_of(clock.now, timedelta(days=1))[0]["number"] == 1


def test_what_it_began_with_is_no_change(collection, clock):
    assert ids(collection, clock, 3600) == "abc"


def test_without_a_clock_nothing_is_put_down(clock):
    collection = StoredCollection([{"_id": "a"}])
    collection.put({"_id": "b"})
    assert ids(collection, clock, 3600) == "ab"


def test_a_collection_that_was_empty_at_first_remembers_too(clock):
    store = Store({}, now=clock)
    clock.advance(10)
    store.collection("customers").put({"_id": "a"})
    assert store.collection("customers").as_of(clock.now, timedelta(seconds=5)) == []


def test_the_id_may_be_a_number(clock):
    collection = StoredCollection([{"key": 7}], "key", clock)
    clock.advance(10)
    collection.put({"key": 7, "name": "x"})
    assert collection.as_of(clock.now, timedelta(seconds=1)) == [{"key": 7}]
