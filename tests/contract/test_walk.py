"""Every operation that the documents list is called through the hook against the sandbox, on the documented path."""

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
# The kind of record whose custom fields and statuses are read: time logs, projects. No answer shows it.
KINDS = {"customFields": 100, "statuses": 500}
# Answered under another name, never answered, or not used beside a vehicle.
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


def scope(entry: CollectionSpec, record: dict[str, Any]) -> dict[str, Any]:
    """Return the filters without which a list does not show the record."""
    if entry.name in KINDS:
        return {"entityType": KINDS[entry.name]}
    return {name: record[name] for name, one in entry.filters.items() if one.required}


def shown(value: Any) -> Any:
    """Return a value as it compares: numbers by what they are worth, the digits of a code as a number."""
    if isinstance(value, str) and value.isdigit():
        return Decimal(value)
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def assert_shows(walk: Walk, collection: str, made: dict[str, Any], record: dict[str, Any]) -> None:
    fields = walk.entry(collection).fields
    plain = {name for name in record if name in fields and fields[name] != "instant"}
    for name in plain - NOT_SHOWN.get(collection, set()):
        assert shown(made[name]) == shown(record[name]), name


@operations("list")
def test_a_list_returns_what_is_seeded(walk, row):
    entry = walk.entry(row["collection"])
    held = walk.held(entry.name)
    filters = scope(entry, held[0])
    shown_by = {} if entry.name in KINDS else filters
    wanted = {one[entry.id_field]: one for one in held if shown_by.items() <= one.items()}

    got = {one[entry.id_field]: one for one in walk.hook.list(entry.name, filters)}

    assert got
    assert got.keys() <= wanted.keys() if entry.name in KINDS else got.keys() == wanted.keys()
    for record_id, record in got.items():
        assert {name: wanted[record_id][name] for name in entry.fields} == {name: record[name] for name in entry.fields}
    assert walk.last_request() == request_of(walk, row)


@operations("get")
def test_a_get_returns_the_record_of_the_list(walk, row):
    entry = walk.entry(row["collection"])
    held = walk.held(entry.name)[-1]
    record_id = held["_id"]

    if entry.singleton:
        assert walk.hook.get(entry.name)["_id"] == record_id
    else:
        listed = {one["_id"]: one for one in walk.hook.list(entry.name, scope(entry, held))}
        assert walk.hook.get(entry.name, record_id) == listed[record_id]
    assert walk.last_request(record_id) == request_of(walk, row)


@operations("create")
def test_a_complete_record_is_created(walk, row):
    entry = walk.entry(row["collection"])
    if entry.name == "stopTimer":  # stops what runs
        walk.hook.create("startTimer", walk.record("startTimer.create"))
    before = {one["_id"] for one in walk.sandbox.records(entry.created_resource or entry.name)}
    record = walk.record(f"{entry.name}.create")

    made = walk.hook.create(entry.name, record)

    assert walk.last_request() == request_of(walk, row)
    assert_shows(walk, entry.name, made, record)
    now = {one["_id"] for one in walk.sandbox.records(entry.created_resource or entry.name)}
    assert now - before == {made["_id"]}
    if entry.gettable:
        assert_shows(walk, entry.name, walk.hook.get(entry.name, made["_id"]), record)


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
    entry = walk.entry(row["collection"])
    record_id = walk.hook.create(entry.name, walk.record(f"{entry.name}.create"))["_id"]

    assert walk.hook.delete(entry.name, record_id)["_id"] == record_id

    assert walk.last_request(record_id) == request_of(walk, row)
    for gone in (walk.hook.get, walk.hook.delete):
        with pytest.raises(NotFoundError):
            gone(entry.name, record_id)


@operations("analyse")
def test_an_analysis_has_rows(walk, row):
    query = {"fromDate": "2026-01-01", "toDate": "2026-12-31"}
    rows = list(walk.hook.analyse(row["collection"], query))

    assert rows
    assert all(isinstance(one, dict) for one in rows)
    assert walk.last_request() == request_of(walk, row)


def test_91_of_91_10_of_10_and_32_of_32_operations_are_walked():
    assert {row_id(row) for row in DOCUMENTED} == WALKED
    assert [sum(one.startswith(f"{edition} ") for one in WALKED) for edition in ("v2", "v1", "later")] == [91, 10, 32]
