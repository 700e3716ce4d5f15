"""Rules of the notes on writes, and their stores."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder
from airflow_provider_seventime.api.writing.note_stores import MachineNoteStore, ProcessNoteStore
from airflow_provider_seventime.api.writing.notes import (
    EMPTY_NOTE,
    KEPT_SECONDS,
    LEASE_SECONDS,
    UNCERTAIN_SECONDS,
    claim,
    release,
    renew,
    succeed,
    withdraw,
)
from tests.unit.api.conftest import FakeClock

NOW = 1000.0


def claimed(owner="a", generation=0, now=NOW, note=EMPTY_NOTE):
    result, after = claim(note, owner, generation, now)
    assert result == "claimed"
    return after


class TestClaim:
    def test_the_first_writer_may_send(self):
        note = claimed()
        assert (note.generation, note.owner, note.sent_at) == (1, "a", NOW)

    def test_a_second_writer_waits_for_the_lease(self):
        note = claimed()
        assert claim(note, "b", 0, NOW + 1)[0] == "held"
        assert note.held_seconds("b", NOW + 1) == LEASE_SECONDS - 1

    def test_a_look_from_before_a_takeover_is_out_of_date(self):
        note = claimed()
        assert claim(note, "b", 0, NOW + LEASE_SECONDS)[0] == "changed"
        assert claim(note, "b", 1, NOW + LEASE_SECONDS)[0] == "claimed"

    def test_the_first_writer_cannot_send_again_after_a_takeover(self):
        note = claimed("b", 1, NOW + LEASE_SECONDS, claimed())
        assert claim(note, "a", 1, NOW + 2 * LEASE_SECONDS)[0] == "changed"

    def test_a_late_writer_finds_the_record(self):
        _, note = succeed(claimed(), "a", "id-1", NOW + 1)
        result, after = claim(note, "b", 0, NOW + 2)
        assert (result, after.record_id) == ("created", "id-1")

    def test_a_writer_that_has_looked_since_may_create_anew(self):
        _, note = succeed(claimed(), "a", "id-1", NOW + 1)
        after = claimed("b", 1, NOW + 2, note)
        assert (after.generation, after.record_id) == (2, None)


class TestLease:
    def test_it_is_renewed_by_its_owner_alone(self):
        note = claimed()
        kept, after = renew(note, "a", NOW + 20)
        assert kept
        assert after.held_seconds("b", NOW + 40) == LEASE_SECONDS - 20
        assert renew(note, "b", NOW + 20) == (False, note)

    def test_a_lease_that_was_taken_over_is_not_renewed(self):
        note = claimed("b", 1, NOW + LEASE_SECONDS, claimed())
        assert not renew(note, "a", NOW + LEASE_SECONDS + 1)[0]

    def test_a_post_that_did_nothing_leaves_no_time_of_sending(self):
        _, note = withdraw(claimed(), "a", NOW + 1)
        assert note.held_seconds("b", NOW + 1) == 0
        assert note.uncertain_seconds(NOW + 1) == 0

    def test_a_post_with_an_unknown_outcome_leaves_it(self):
        _, note = release(claimed(), "a", NOW + 60)
        assert note.held_seconds("b", NOW + 60) == 0
        assert note.uncertain_seconds(NOW + 60) == UNCERTAIN_SECONDS - 60
        assert note.uncertain_seconds(NOW + UNCERTAIN_SECONDS) == 0

    def test_a_record_that_was_just_created_may_not_show_yet(self):
        _, note = succeed(claimed(), "a", "id-1", NOW + 1)
        assert note.uncertain_seconds(NOW + 1 + 60) == UNCERTAIN_SECONDS - 60
        assert note.uncertain_seconds(NOW + 1 + UNCERTAIN_SECONDS) == 0

    def test_a_machine_that_restarted_counts_from_the_beginning(self):
        assert claimed().held_seconds("b", 5.0) == LEASE_SECONDS

    def test_two_records_of_one_reference_are_both_named(self):
        note = claimed("b", 1, NOW + LEASE_SECONDS, claimed())
        _, note = succeed(note, "b", "id-b", NOW + 31)
        assert succeed(note, "a", "id-a", NOW + 32)[0] == "id-b"

    def test_a_writer_that_lost_its_lease_still_names_its_record(self):
        note = claimed("b", 1, NOW + LEASE_SECONDS, claimed())
        other, note = succeed(note, "a", "id-a", NOW + 31)
        assert (other, note.record_id, note.owner) == (None, "id-a", "b")


@pytest.fixture(params=["process", "machine"])
def store(request, tmp_path, clock):
    return (
        ProcessNoteStore(clock)
        if request.param == "process"
        else MachineNoteStore(folder_of_notes(tmp_path / "notes"), "key", clock)
    )


def folder_of_notes(path):
    return PrivateFolder(path, "the store of write notes")


def take(store, key, owner, generation=0):
    return store.update(key, lambda note, now: claim(note, owner, generation, now))


class TestStores:
    def test_they_keep_what_was_decided(self, store):
        assert take(store, "00aa", "a") == "claimed"
        assert take(store, "00aa", "b") == "held"
        assert take(store, "00ab", "b") == "claimed"

    def test_one_of_many_threads_gets_the_lease(self, store):
        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(lambda number: take(store, "00aa", f"writer-{number}"), range(40)))
        assert results.count("claimed") == 1

    def test_a_note_is_kept_for_a_day(self, store, clock):
        take(store, "00aa", "a")
        store.update("00aa", lambda note, now: succeed(note, "a", "id-1", now))
        clock.now += KEPT_SECONDS - 1
        assert take(store, "00aa", "b") == "created"
        clock.now += 2
        take(store, "00ab", "b")
        assert take(store, "00aa", "b") == "claimed"


class TestMachine:
    @pytest.mark.parametrize("left", [b"\0\0", b'\n["00aa",{"generation":1,"own', b'\n["00aa"]\n7\n'])
    def test_a_line_that_cannot_be_read_does_not_count(self, tmp_path, left):
        store = MachineNoteStore(folder_of_notes(tmp_path), "key", FakeClock())
        (tmp_path / "key-00.jsonl").write_bytes(left)
        assert take(store, "00aa", "a") == "claimed"
        assert take(store, "00aa", "b") == "held"

    def test_a_file_does_not_grow_with_the_number_of_changes(self, tmp_path):
        clock = FakeClock()
        store = MachineNoteStore(folder_of_notes(tmp_path), "key", clock)
        take(store, "00ab", "a")
        sizes = []
        for generation in range(200):
            clock.now += LEASE_SECONDS
            assert take(store, "00aa", "a", generation) == "claimed"
            sizes.append((tmp_path / "key-00.jsonl").stat().st_size)
        assert max(sizes) < 10_000
        assert store.update("00ab", lambda note, now: (note.owner, note)) == "a"

    def test_many_references_need_few_open_files(self, tmp_path):
        store = MachineNoteStore(folder_of_notes(tmp_path), "key", FakeClock())
        before = len(os.listdir("/proc/self/fd"))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (before + 10, hard))
        try:
            for number in range(2000):
                take(store, f"{number:08x}"[::-1], "a")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert len(list(tmp_path.glob("*.jsonl"))) <= 256

    def test_one_of_several_processes_gets_each_lease(self, tmp_path):
        program = """
import sys
from pathlib import Path
from airflow_provider_seventime.api.rate_limit.clock import SystemClock
from airflow_provider_seventime.api.rate_limit.private_folder import PrivateFolder
from airflow_provider_seventime.api.writing.note_stores import MachineNoteStore
from airflow_provider_seventime.api.writing.notes import claim
store = MachineNoteStore(PrivateFolder(Path(sys.argv[1]), "notes"), "key", SystemClock())
for number in range(100):
    if store.update(f"{number:04x}", lambda note, now: claim(note, sys.argv[2], 0, now)) == "claimed":
        print(number)
"""
        writers = [
            subprocess.Popen([sys.executable, "-c", program, tmp_path, name], stdout=subprocess.PIPE, text=True)
            for name in "abc"
        ]
        claimed_by = [writer.communicate(timeout=60)[0].split() for writer in writers]
        assert sorted(int(number) for numbers in claimed_by for number in numbers) == list(range(100))
