"""Lanes to the API: never more than there are, the lowest page first, and given back whatever happens."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_seventime.api.listing.lanes import ConcurrencyLimit

PATIENCE_SECONDS = 20


class Watched(threading.Event):
    """Tells when it is looked at, which a thread in the queue does before it waits, and when it is woken."""

    def __init__(self):
        super().__init__()
        self.looked_at = threading.Event()

    def is_set(self):
        self.looked_at.set()
        return super().is_set()


class Road:
    """Threads that take a lane each, and stay on it until they are told to leave."""

    def __init__(self, room):
        self.lanes = ConcurrencyLimit(room)
        self.entered = []
        self.threads = {}
        self.arrived = threading.Condition()
        self.leave = {}
        self.unwanted = {}

    def _drive(self, number, unwanted):
        with self.lanes.lane(number, unwanted):
            with self.arrived:
                self.entered.append(number)
                self.arrived.notify_all()
            assert unwanted.is_set() or self.leave[number].wait(PATIENCE_SECONDS)

    def queue(self, *numbers):
        """Let pages come, one after the other; return when each has looked whether there is a lane for it."""
        for number in numbers:
            self.leave[number], self.unwanted[number] = threading.Event(), Watched()
            self.threads[number] = threading.Thread(
                target=self._drive, args=(number, self.unwanted[number]), daemon=True
            )
            self.threads[number].start()
            assert self.unwanted[number].looked_at.wait(PATIENCE_SECONDS)

    def look_again(self, *numbers):
        """Have those who wait look up; return when they have."""
        for number in numbers:
            self.unwanted[number].looked_at.clear()
        self.lanes.wake()
        for number in numbers:
            assert self.unwanted[number].looked_at.wait(PATIENCE_SECONDS)
        # Only when they wait again, or have their lane, is it let in itself.
        self.lanes.wake()

    def wait_for(self, *numbers):
        """Return when these pages, and no others, have had a lane."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.entered) >= len(numbers), PATIENCE_SECONDS)
        assert sorted(self.entered) == sorted(numbers)

    def end(self, *numbers):
        for number in numbers:
            self.leave[number].set()
            self.threads[number].join(PATIENCE_SECONDS)
            assert not self.threads[number].is_alive()


@pytest.fixture
def road():
    roads = []

    def opened(room):
        roads.append(Road(room))
        return roads[-1]

    yield opened
    for one in roads:
        one.lanes.widen(100)
        one.end(*one.threads)


def test_the_lowest_page_that_waits_is_first_no_matter_who_came_when(road):
    road = road(1)
    road.queue(2, 7, 5, 3, 6, 4)
    for number in (2, 3, 4, 5, 6, 7):
        road.wait_for(*range(2, number + 1))
        road.end(number)
    assert road.entered == [2, 3, 4, 5, 6, 7]


def test_a_page_that_comes_later_goes_before_those_behind_it(road):
    """A failed attempt has given its lane back, and comes again."""
    road = road(1)
    road.queue(3, 5, 4, 2)
    road.end(3)
    road.wait_for(2, 3)


@pytest.mark.parametrize("room", [1, 2, 5])
def test_no_more_have_a_lane_than_there_are(road, room):
    road = road(room)
    road.queue(*range(1, room + 3))
    road.wait_for(*range(1, room + 1))
    road.look_again(room + 1, room + 2)
    road.wait_for(*range(1, room + 1))
    road.end(1)
    road.wait_for(*range(1, room + 2))


def test_no_more_have_a_lane_than_there_are_in_any_crowd():
    lanes, inside, most = ConcurrencyLimit(3), [], []

    def drive(number):
        for _ in range(100):
            with lanes.lane(number, threading.Event()):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

    threads = [threading.Thread(target=drive, args=(number,), daemon=True) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(most) == 1200
    assert max(most) <= 3


def test_more_lanes_are_taken_at_once(road):
    road = road(1)
    road.queue(1, 2, 3, 4)
    road.lanes.widen(3)
    road.wait_for(1, 2, 3)


def test_where_there_are_fewer_those_who_have_one_keep_it(road):
    road = road(3)
    road.queue(1, 2, 3, 4)
    road.lanes.widen(1)
    for number in (1, 2):
        road.end(number)
        road.look_again(4)
        road.wait_for(1, 2, 3)
    road.end(3)
    road.wait_for(1, 2, 3, 4)


def test_who_is_no_longer_wanted_leaves_without_a_place(road):
    road = road(1)
    road.queue(1, 3, 4, 5)
    for number in (3, 4):
        road.unwanted[number].set()
    road.lanes.wake()
    road.end(3, 4)
    # They took no place of anybody, and gave none away.
    road.look_again(5)
    assert 5 not in road.entered
    road.end(1)
    road.wait_for(1, 3, 4, 5)
    road.queue(6)
    road.look_again(6)
    assert 6 not in road.entered


def test_a_lane_is_given_back_on_an_error(road):
    road = road(1)
    with pytest.raises(LookupError), road.lanes.lane(1, threading.Event()):
        raise LookupError
    road.queue(2)
    road.wait_for(2)
