"""Write log: the note that survives a killed process."""

from __future__ import annotations

from airflow_provider_seventime.api.writing.write_log import STATE_KEY, WriteLog
from tests.unit.operators.state_store import StateStore


def test_without_a_store_nothing_is_recorded():
    log = WriteLog()
    log.write_started()
    log.write_finished("i-1")

    assert not log.is_durable
    assert (log.has_earlier_note, log.created_id, log.is_in_doubt) == (False, None, False)


def test_a_write_without_a_result_is_in_doubt_afterwards():
    store = StateStore()
    WriteLog(store, "invoices a").write_started()

    later = WriteLog(store, "invoices a")
    assert (later.has_earlier_note, later.created_id, later.is_in_doubt) == (True, None, True)


def test_a_finished_write_gives_its_record():
    store = StateStore()
    log = WriteLog(store, "invoices a")
    log.write_started()
    log.write_finished("i-1")

    later = WriteLog(store, "invoices a")
    assert (later.created_id, later.is_in_doubt) == ("i-1", False)


def test_a_note_about_another_subject_is_ignored():
    store = StateStore()
    WriteLog(store, "invoices a").write_started()

    later = WriteLog(store, "invoices b")
    assert (later.has_earlier_note, later.created_id, later.is_in_doubt) == (True, None, False)


def test_a_cancelled_write_leaves_no_note():
    store = StateStore()
    log = WriteLog(store, "invoices a")
    log.write_started()
    log.write_cancelled()

    assert store.held == {}


def test_a_batch_keeps_its_note_until_every_write_is_cancelled():
    store = StateStore()
    log = WriteLog(store, "invoices a")
    log.write_started()
    log.write_started()
    log.write_cancelled()

    assert store.held == {STATE_KEY: {"subject": "invoices a"}}
