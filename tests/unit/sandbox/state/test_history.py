"""History of a collection."""

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


def test_a_changed_record_is_as_it_was(collection, clock):
    collection.put({"_id": "b", "name": "first"})
    clock.advance(10)
    collection.put({"_id": "b", "name": "second"})
    clock.advance(10)
    message = [collection.as_of(clock.now, timedelta(seconds=ago))[1].get("name") for ago in (10, 11, 20, 21)]
    assert message == ["second", "first", "first", None]
    assert collection.get("b")["name"] == "second"


def test_a_newer_record_is_missing(collection, clock):
    clock.advance(10)
    collection.put({"_id": "d"})
    clock.advance(1)
    assert ids(collection, clock, 1) == "abcd"
    assert ids(collection, clock, 2) == "abc"


def test_a_removed_record_is_at_its_old_position(collection, clock):
    clock.advance(10)
    collection.remove("b")
    collection.put({"_id": "d"})
    collection.remove("a")
    clock.advance(1)
    assert ids(collection, clock, 0.5) == "cd"
    assert ids(collection, clock, 2) == "abc"


def test_a_record_that_was_removed_and_added_again_returns_to_its_old_position(collection, clock):
    collection.remove("a")
    clock.advance(10)
    collection.put({"_id": "a", "again": True})
    clock.advance(10)
    assert ids(collection, clock, 5) == "bca"
    assert ids(collection, clock, 15) == "bc"
    assert ids(collection, clock, 25) == "abc"


def test_a_record_that_was_added_and_removed_exists_in_between(collection, clock):
    collection.put({"_id": "d"})
    clock.advance(10)
    collection.remove("d")
    clock.advance(10)
    assert [ids(collection, clock, ago) for ago in (5, 15, 25)] == ["abc", "abcd", "abc"]


def test_a_change_may_have_an_earlier_time(collection, clock):
    clock.advance(100)
    collection.put({"_id": "b", "name": "late"})
    collection.put({"_id": "c", "paid": True}, at=START)
    clock.advance(1)
    earlier = collection.as_of(clock.now, timedelta(seconds=50))
    assert earlier == [{"_id": "a"}, {"_id": "b"}, {"_id": "c", "paid": True}]


def test_a_clock_that_is_set_back(collection, clock):
    clock.advance(100)
    collection.put({"_id": "d"})
    clock.advance(-100)
    collection.remove("d")
    assert ids(collection, clock, 1) == "abc"


def test_the_history_is_limited(collection, clock):
    for number in range(MAX_ENTRIES + 2):
        clock.advance(1)
        collection.put({"_id": "a", "number": number})
    assert collection.as_of(clock.now, timedelta(days=1))[0]["number"] == 1


def test_the_first_records_are_not_part_of_the_history(collection, clock):
    assert ids(collection, clock, 3600) == "abc"


def test_without_a_clock_there_is_no_history(clock):
    collection = StoredCollection([{"_id": "a"}])
    collection.put({"_id": "b"})
    assert ids(collection, clock, 3600) == "ab"


def test_a_collection_that_starts_empty_has_a_history(clock):
    store = Store({}, now=clock)
    clock.advance(10)
    store.collection("customers").put({"_id": "a"})
    assert store.collection("customers").as_of(clock.now, timedelta(seconds=5)) == []


def test_the_id_may_be_a_number(clock):
    collection = StoredCollection([{"key": 7}], "key", clock)
    clock.advance(10)
    collection.put({"key": 7, "name": "x"})
    assert collection.as_of(clock.now, timedelta(seconds=1)) == [{"key": 7}]
