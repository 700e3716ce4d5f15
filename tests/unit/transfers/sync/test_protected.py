"""Excluded and hashed fields: columns, ``record``, and deletions under a filter."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from airflow_provider_seventime import exact_json
from tests.unit.transfers.sync.conftest import SEPTEMBER

SECRET = "norrby-bygg-och-el-2026"


def hashed(text):
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def sync(account, warehouse):
    def synced(**parameters):
        return warehouse.sync(account.client(hash_secret=SECRET), **parameters)

    return synced


def test_columns_and_record_are_protected(account, warehouse, sync, time_log):
    account.load(time_log("a", description="Läkarbesök"))

    sync(exclude_fields=["description"], hash_fields=["userName", "user"])

    ((user, name, description, record),) = warehouse.query(
        "select user, user_name, description, record from seventime_time_logs"
    )
    assert (user, name, description) == (hashed("u1"), hashed("Åsa Öberg"), None)
    stored = exact_json.decode(record)
    assert (stored["user"], stored["userName"]) == (hashed("u1"), hashed("Åsa Öberg"))
    assert "description" not in stored
    assert not any(word in str(warehouse.everything()) for word in ("Åsa", "Läkarbesök", "'u1'"))


def test_a_second_run_writes_nothing(account, sync, time_log):
    account.load(time_log("a"))
    protected = {"exclude_fields": ["description"], "hash_fields": ["userName"]}
    sync(**protected)

    assert sync(**protected)["rows_written"] == 0


def test_another_excluded_field_rewrites_every_row(account, warehouse, sync, time_log):
    account.load(time_log("a"), time_log("b"))
    sync()

    assert sync(exclude_fields=["userName"])["rows_written"] == 2
    assert "Åsa" not in str(warehouse.everything())


def test_a_filter_by_a_hashed_field_removes_only_matching_rows(account, warehouse, sync, time_log):
    account.load(time_log("a"), time_log("b"), time_log("c", user="u2"), time_log("d", user="u1"))
    sync(hash_fields=["user"])
    account.remove("b", "c")
    account.load(time_log("d", user="u2"))

    manifest = sync(hash_fields=["user"], filters={"user": "u1"}, **SEPTEMBER)

    assert (manifest["rows_deleted"], manifest["deletions"]) == (2, "done")
    assert dict(warehouse.query("select id, user from seventime_time_logs")) == {"a": hashed("u1"), "c": hashed("u2")}


def test_a_filter_by_an_excluded_field_removes_nothing_and_warns(account, warehouse, sync, time_log, caplog):
    account.load(time_log("a"), time_log("b"))
    sync(exclude_fields=["user"])
    account.remove("b")

    manifest = sync(exclude_fields=["user"], filters={"user": "u1"}, **SEPTEMBER)

    assert warehouse.ids() == ["a", "b"]
    assert manifest["deletions"] == "skipped: no column holds the value of the filter user"
    assert "No rows are removed" in caplog.text


@pytest.mark.parametrize("way", [{"mode": "full", "deletions": "remove"}, SEPTEMBER], ids=["full", "window"])
def test_refreshed_rows_are_protected_too(account, warehouse, sync, time_log, way):
    account.load(time_log("a", project="p1"))
    sync(exclude_fields=["userName"])
    account.load(time_log("a", project="p1", timestamp="2026-05-01T06:00:00.000Z", userName="Berit Ek"))

    sync(exclude_fields=["userName"], filters={"project": "p1"}, **way)

    assert warehouse.query("select timestamp, user_name from seventime_time_logs") == [
        ("2026-05-01 06:00:00.000000", None)
    ]
    assert "Berit" not in str(warehouse.everything())
