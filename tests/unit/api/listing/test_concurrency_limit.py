"""Slots for requests: never more than the limit, the lowest page first, and returned whatever happens."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_seventime.api.listing.prefetch import ConcurrencyLimit

PATIENCE_SECONDS = 20


class Watched(threading.Event):
    """Event that reports when it is checked: a waiting thread checks it before it waits and when it wakes."""

    def __init__(self):
        super().__init__()
        self.checked = threading.Event()

    def is_set(self):
        self.checked.set()
        return super().is_set()


class Requests:
    """Threads that hold a slot each, until the test ends them."""

    def __init__(self, room):
        self.limit = ConcurrencyLimit(room)
        self.entered = []
        self.threads = {}
        self.changed = threading.Condition()
        self.leave = {}
        self.cancelled = {}

    def _send(self, number, cancelled):
        with self.limit.slot(number, cancelled):
            with self.changed:
                self.entered.append(number)
                self.changed.notify_all()
            assert cancelled.is_set() or self.leave[number].wait(PATIENCE_SECONDS)

    def queue(self, *numbers):
        """Start requests for pages, one after the other; return when each has checked for a slot."""
        for number in numbers:
            self.leave[number], self.cancelled[number] = threading.Event(), Watched()
            self.threads[number] = threading.Thread(
                target=self._send, args=(number, self.cancelled[number]), daemon=True
            )
            self.threads[number].start()
            assert self.cancelled[number].checked.wait(PATIENCE_SECONDS)

    def check_again(self, *numbers):
        """Wake the waiting threads; return when they have checked for a slot again."""
        for number in numbers:
            self.cancelled[number].checked.clear()
        self.limit.check_cancelled()
        for number in numbers:
            assert self.cancelled[number].checked.wait(PATIENCE_SECONDS)
        # This call returns only when they wait again, or have their slot.
        self.limit.check_cancelled()

    def wait_for(self, *numbers):
        """Return when exactly these pages have had a slot."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.entered) >= len(numbers), PATIENCE_SECONDS)
        assert sorted(self.entered) == sorted(numbers)

    def end(self, *numbers):
        for number in numbers:
            self.leave[number].set()
            self.threads[number].join(PATIENCE_SECONDS)
            assert not self.threads[number].is_alive()


@pytest.fixture
def requests():
    made = []

    def opened(room):
        made.append(Requests(room))
        return made[-1]

    yield opened
    for one in made:
        one.limit.set_limit(100)
        one.end(*one.threads)


def test_the_lowest_waiting_page_is_first_in_any_order_of_arrival(requests):
    requests = requests(1)
    requests.queue(2, 7, 5, 3, 6, 4)
    for number in (2, 3, 4, 5, 6, 7):
        requests.wait_for(*range(2, number + 1))
        requests.end(number)
    assert requests.entered == [2, 3, 4, 5, 6, 7]


def test_a_page_that_arrives_later_goes_before_the_pages_behind_it(requests):
    """As the retry of a page does, whose first attempt returned its slot."""
    requests = requests(1)
    requests.queue(3, 5, 4, 2)
    requests.end(3)
    requests.wait_for(2, 3)


@pytest.mark.parametrize("room", [1, 2, 5])
def test_no_more_requests_have_a_slot_than_the_limit(requests, room):
    requests = requests(room)
    requests.queue(*range(1, room + 3))
    requests.wait_for(*range(1, room + 1))
    requests.check_again(room + 1, room + 2)
    requests.wait_for(*range(1, room + 1))
    requests.end(1)
    requests.wait_for(*range(1, room + 2))


def test_the_limit_holds_for_many_threads():
    limit, inside, most = ConcurrencyLimit(3), [], []

    def send(number):
        for _ in range(100):
            with limit.slot(number, threading.Event()):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

    threads = [threading.Thread(target=send, args=(number,), daemon=True) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(most) == 1200
    assert max(most) <= 3


def test_a_higher_limit_is_used_at_once(requests):
    requests = requests(1)
    requests.queue(1, 2, 3, 4)
    requests.limit.set_limit(3)
    requests.wait_for(1, 2, 3)


def test_under_a_lower_limit_requests_keep_their_slots(requests):
    requests = requests(3)
    requests.queue(1, 2, 3, 4)
    requests.limit.set_limit(1)
    for number in (1, 2):
        requests.end(number)
        requests.check_again(4)
        requests.wait_for(1, 2, 3)
    requests.end(3)
    requests.wait_for(1, 2, 3, 4)


def test_a_cancelled_request_ends_without_a_slot(requests):
    requests = requests(1)
    requests.queue(1, 3, 4, 5)
    for number in (3, 4):
        requests.cancelled[number].set()
    requests.limit.check_cancelled()
    requests.end(3, 4)
    # They used no slot, and freed none.
    requests.check_again(5)
    assert 5 not in requests.entered
    requests.end(1)
    requests.wait_for(1, 3, 4, 5)
    requests.queue(6)
    requests.check_again(6)
    assert 6 not in requests.entered


def test_an_error_returns_the_slot(requests):
    requests = requests(1)
    with pytest.raises(LookupError), requests.limit.slot(1, threading.Event()):
        raise LookupError
    requests.queue(2)
    requests.wait_for(2)
