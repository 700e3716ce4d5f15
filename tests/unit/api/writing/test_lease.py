"""Lease of a reference while the store of the notes cannot be reached."""

from __future__ import annotations

import threading
import time

import pytest

from airflow_provider_seventime.api.rate_limit.clock import SystemClock
from airflow_provider_seventime.api.writing.lease import WriteLease
from airflow_provider_seventime.api.writing.lookup import LookupKey
from airflow_provider_seventime.api.writing.note_stores import ProcessNoteStore
from airflow_provider_seventime.api.writing.notes import LEASE_SECONDS
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.exceptions import TransportError

INVOICES = find_collection("invoices", "create")
KEY = LookupKey("notes", "order-1")
PATIENCE_SECONDS = 20.0


class SetClock:
    """Clock that a test sets."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class UnreachableStore:
    """Store that cannot be reached for some calls."""

    def __init__(self):
        self.store = ProcessNoteStore(SystemClock())
        self.calls = 0
        self.refused = range(0)
        self.called = threading.Condition()

    def update(self, key, change):
        with self.called:
            self.calls += 1
            self.called.notify_all()
            if self.calls in self.refused:
                raise TransportError("pacing", "Redis", "cache:6379", "the store is not available", sent=False)
        return self.store.update(key, change)

    def wait_for_calls(self, count):
        with self.called:
            assert self.called.wait_for(lambda: self.calls >= count, PATIENCE_SECONDS)


@pytest.fixture
def store():
    return UnreachableStore()


@pytest.fixture
def lease(store):
    lease = WriteLease(store, INVOICES, KEY, SystemClock(), renew_every_seconds=0.01)
    lease.read()
    lease.claim(0.0)
    return lease


def renewed_at(store):
    return store.store.update(lease_digest(store), lambda note, now: (note.renewed_at, note))


def lease_digest(store):
    (digest,) = store.store._notes
    return digest


def test_a_renewal_that_fails_is_tried_again(store, lease, caplog):
    taken_at = renewed_at(store)
    store.refused = range(store.calls + 1, store.calls + 4)
    with lease.renewed():
        store.wait_for_calls(store.refused.stop + 1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(thread.name == "seventime-lease" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)

    assert renewed_at(store) > taken_at
    warnings = [record.getMessage() for record in caplog.records if "could not be renewed" in record.getMessage()]
    assert len(warnings) == 3
    assert "order-1" in warnings[0]


@pytest.mark.parametrize("outcome", ["succeed", "release", "withdraw"])
def test_an_outcome_that_cannot_be_noted_does_not_hide_the_posts_own(store, lease, caplog, outcome):
    store.refused = range(store.calls + 1, store.calls + 2)
    arguments = ["id-1"] if outcome == "succeed" else []

    assert getattr(lease, outcome)(*arguments) is None

    assert "could not be noted" in caplog.text
    other = WriteLease(store, INVOICES, KEY, SystemClock()).read()
    assert other.sent  # another writer searches
    assert other.held_seconds > 0


def test_a_writer_that_was_stopped_after_it_took_the_lease_does_not_send():
    clock = SetClock()
    lease = WriteLease(ProcessNoteStore(clock), INVOICES, KEY, clock)
    lease.read()
    lease.claim(0.0)
    assert lease.send_window.is_open
    clock.now += LEASE_SECONDS / 2  # another writer may take it over soon
    assert not lease.send_window.is_open
