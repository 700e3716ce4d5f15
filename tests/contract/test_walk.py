"""The hook calls every documented operation in the sandbox, on the documented path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import NotFoundError
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import CONN_ENV, TEST_EXTRA, connection_json
from tests.contract.walk import Walk

DOCUMENTED = json.loads((Path(__file__).parent / "operations.json").read_text(encoding="utf-8"))
TODAY = date(2026, 10, 1)
WALKED: set[str] = set()
# Type of the records whose custom fields and statuses are read: time logs, projects. No response has it.
KINDS = {"customFields": 100, "statuses": 500}
# Fields of writes that responses have under another name or never, or that a vehicle replaces.
NOT_SHOWN = {"invoices": {"name"}, "users": {"password"}, "driverJournals": {"carRegistrationNumber"}}


def row_id(row: dict[str, Any]) -> str:
    return f"{row['edition']} {row['method']} {row['path']}"


def operations(operation: str) -> pytest.MarkDecorator:
    rows = [row for row in DOCUMENTED if row["operation"] == operation]
    assert not WALKED & {row_id(row) for row in rows}
    WALKED.update(row_id(row) for row in rows)
    return pytest.mark.parametrize("row", rows, ids=row_id)


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with SandboxServer(today=TODAY, rate_limit=0) as server:
        yield server


@pytest.fixture
def walk(running, records_of, monkeypatch, row) -> Walk:
    running.reset()
    version = 1 if row["edition"] == "v1" else 2
    monkeypatch.setenv(CONN_ENV, connection_json(running, {**TEST_EXTRA, "api_version": version}))
    return Walk(running, records_of(version), version)


def request_of(walk: Walk, row: dict[str, Any]) -> str:
    return f"v{walk.version} {row['method']} {row['path']}"


def scope(collection: CollectionSpec, record: dict[str, Any]) -> dict[str, Any]:
    """Return the filters that a list needs to return the record."""
    if collection.name in KINDS:
        return {"entityType": KINDS[collection.name]}
    return {name: record[name] for name, one in collection.filters.items() if one.required}


def shown(value: Any) -> Any:
    """Return a value in a form for comparison: numbers by value, the digits of a code as a number."""
    if isinstance(value, str) and value.isdigit():
        return Decimal(value)
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def assert_shows(walk: Walk, collection: str, created: dict[str, Any], record: dict[str, Any]) -> None:
    fields = walk.collection(collection).fields
    plain = {name for name in record if name in fields and fields[name] != "instant"}
    for name in plain - NOT_SHOWN.get(collection, set()):
        assert shown(created[name]) == shown(record[name]), name


@operations("list")
def test_a_list_returns_what_is_seeded(walk, row):
    collection = walk.collection(row["collection"])
    stored = walk.stored(collection.name)
    filters = scope(collection, stored[0])
    shown_by = {} if collection.name in KINDS else filters
    wanted = {one[collection.id_field]: one for one in stored if shown_by.items() <= one.items()}

    got = {one[collection.id_field]: one for one in walk.hook.list(collection.name, filters)}

    assert got
    assert got.keys() <= wanted.keys() if collection.name in KINDS else got.keys() == wanted.keys()
    for record_id, record in got.items():
        assert {name: wanted[record_id][name] for name in collection.fields} == {
            name: record[name] for name in collection.fields
        }
    assert walk.last_request() == request_of(walk, row)


@operations("get")
def test_a_get_returns_the_record_of_the_list(walk, row):
    collection = walk.collection(row["collection"])
    stored = walk.stored(collection.name)[-1]
    record_id = stored["_id"]

    if collection.singleton:
        assert walk.hook.get(collection.name)["_id"] == record_id
    else:
        listed = {one["_id"]: one for one in walk.hook.list(collection.name, scope(collection, stored))}
        assert walk.hook.get(collection.name, record_id) == listed[record_id]
    assert walk.last_request(record_id) == request_of(walk, row)


@operations("create")
def test_a_complete_record_is_created(walk, row):
    collection = walk.collection(row["collection"])
    if collection.name == "stopTimer":  # it stops a running timer
        walk.hook.create("startTimer", walk.record("startTimer.create"))
    before = {one["_id"] for one in walk.sandbox.records(collection.created_resource or collection.name)}
    record = walk.record(f"{collection.name}.create")

    created = walk.hook.create(collection.name, record)

    assert walk.last_request() == request_of(walk, row)
    assert_shows(walk, collection.name, created, record)
    now = {one["_id"] for one in walk.sandbox.records(collection.created_resource or collection.name)}
    assert now - before == {created["_id"]}
    if collection.gettable:
        assert_shows(walk, collection.name, walk.hook.get(collection.name, created["_id"]), record)


@operations("update")
def test_a_record_is_updated(walk, row):
    collection = row["collection"]
    record_id = walk.hook.create(collection, walk.record(f"{collection}.create"))["_id"]
    changes = walk.record(f"{collection}.update", record_id)
    *_, changed = changes
    before = walk.hook.get(collection, record_id)

    answer = walk.hook.put(collection, record_id, changes)

    assert walk.last_request() == request_of(walk, row)
    after = walk.hook.get(collection, record_id)
    assert_shows(walk, collection, after, changes)
    assert before[changed] != after[changed] == answer[changed]


@operations("delete")
def test_a_deleted_record_is_not_found(walk, row):
    collection = walk.collection(row["collection"])
    record_id = walk.hook.create(collection.name, walk.record(f"{collection.name}.create"))["_id"]

    assert walk.hook.delete(collection.name, record_id)["_id"] == record_id

    assert walk.last_request(record_id) == request_of(walk, row)
    for call in (walk.hook.get, walk.hook.delete):
        with pytest.raises(NotFoundError):
            call(collection.name, record_id)


@operations("analyse")
def test_an_analysis_has_rows(walk, row):
    query = {"fromDate": "2026-01-01", "toDate": "2026-12-31"}
    rows = list(walk.hook.analyse(row["collection"], query))

    assert rows
    assert all(isinstance(one, dict) for one in rows)
    assert walk.last_request() == request_of(walk, row)


def test_every_documented_operation_is_walked():
    assert {row_id(row) for row in DOCUMENTED} == WALKED
    assert len(WALKED) == len(DOCUMENTED)
