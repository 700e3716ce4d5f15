"""Every operation that the documents list is called through the hook against the sandbox, on the documented path."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime.exceptions import NotFoundError
from airflow_provider_seventime.testing import CONN_ENV, TEST_EXTRA, connection_json
from tests.contract.walk import Walk

HERE = Path(__file__).parent
DOCUMENTED = json.loads((HERE / "operations.json").read_text(encoding="utf-8"))
RECORDS = {
    version: json.loads((HERE / file).read_text(encoding="utf-8"))
    for version, file in ((1, "first_edition_records.json"), (2, "records.json"))
}
WALKED: set[str] = set()
# Written under one name and answered under another, or never answered.
RENAMED = {"invoices": {"name"}, "users": {"password"}}


def row_id(row: dict[str, Any]) -> str:
    return f"{row['edition']} {row['method']} {row['path']}"


def operations(operation: str) -> pytest.MarkDecorator:
    rows = [row for row in DOCUMENTED if row["operation"] == operation]
    assert not WALKED & {row_id(row) for row in rows}
    WALKED.update(row_id(row) for row in rows)
    return pytest.mark.parametrize("row", rows, ids=row_id)


@pytest.fixture
def walk(seventime_sandbox, monkeypatch, row) -> Walk:
    version = 1 if row["edition"] == "v1" else 2
    monkeypatch.setenv(CONN_ENV, connection_json(seventime_sandbox, {**TEST_EXTRA, "api_version": version}))
    return Walk(seventime_sandbox, RECORDS[version], version)


def request_of(walk: Walk, row: dict[str, Any]) -> str:
    return f"v{walk.version} {row['method']} {row['path']}"


def shown(value: Any) -> Any:
    """Return a value as it compares: numbers by what they are worth, the digits of a code as a number."""
    if isinstance(value, str) and value.isdigit():
        return Decimal(value)
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def assert_shows(walk: Walk, collection: str, made: dict[str, Any], record: dict[str, Any]) -> None:
    fields = walk.entry(collection).fields
    plain = {name for name in record if name in fields and fields[name] != "instant"}
    for name in plain - RENAMED.get(collection, set()):
        assert shown(made[name]) == shown(record[name]), name


@operations("list")
def test_a_list_returns_what_is_seeded(walk, row):
    entry = walk.entry(row["collection"])
    held = walk.held(entry.name)
    scope = [name for name, known in entry.filters.items() if known.required or name == "entityType"]
    filters = {name: held[0][name] for name in scope}
    wanted = {one[entry.id_field]: one for one in held if all(one[name] == filters[name] for name in scope)}

    got = {one[entry.id_field]: one for one in walk.hook.list(entry.name, filters)}

    assert got.keys() == wanted.keys()
    for record_id, record in got.items():
        assert {name: wanted[record_id][name] for name in entry.fields} == {name: record[name] for name in entry.fields}
    assert walk.last_request() == request_of(walk, row)


@operations("get")
def test_a_get_returns_the_record_of_the_list(walk, row):
    entry = walk.entry(row["collection"])
    record_id = walk.held(entry.name)[-1]["_id"]

    if entry.singleton:
        assert walk.hook.get(entry.name)["_id"] == record_id
    else:
        listed = list(walk.hook.list(entry.name))
        assert walk.hook.get(entry.name, record_id) == next(one for one in listed if one["_id"] == record_id)
    assert walk.last_request(record_id) == request_of(walk, row)


@operations("create")
def test_a_complete_record_is_created(walk, row):
    entry = walk.entry(row["collection"])
    before = {one["_id"] for one in walk.sandbox.records(entry.made or entry.name)}
    record = walk.record(f"{entry.name}.create")

    made = walk.hook.create(entry.name, record)

    assert walk.last_request() == request_of(walk, row)
    assert_shows(walk, entry.name, made, record)
    now = {one["_id"] for one in walk.sandbox.records(entry.made or entry.name)}
    assert now - before == {made["_id"]}
    if entry.gettable:
        assert_shows(walk, entry.name, walk.hook.get(entry.name, made["_id"]), record)


@operations("update")
def test_a_record_is_updated(walk, row):
    collection = row["collection"]
    record_id = walk.hook.create(collection, walk.record(f"{collection}.create"))["_id"]
    changes = walk.record(f"{collection}.update", record_id)
    (changed, *_) = changes.keys() - {"_id", "modifiedByUser", "user"}
    before = walk.hook.get(collection, record_id)

    answer = walk.hook.update(collection, record_id, changes)

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
