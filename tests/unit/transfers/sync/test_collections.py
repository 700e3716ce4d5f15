"""Sync of every collection that has a list, from the company of the sandbox."""

from __future__ import annotations

from datetime import date

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.collections.work import WORK_ORDERS
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.warehouse.schema.columns import column_name

LISTED = [collection for collection in COLLECTIONS.values() if collection.listed]
# Filters that the API requires.
REQUIRED_FILTERS = {
    "supplementOrders": lambda sandbox: {"project": sandbox.records("supplementOrders")[0]["project"]},
    "distributorContactPersons": lambda sandbox: {"distributor": sandbox.records("distributors")[0]["_id"]},
    "statuses": lambda sandbox: {"entityType": "time_log"},
}
INCREMENTAL = [collection.name for collection in LISTED if "lastModified" in collection.filters]
NOT_INCREMENTAL = [collection.name for collection in LISTED if "lastModified" not in collection.filters]
WINDOWED = [collection.name for collection in LISTED if collection.window]
NOT_WINDOWED = [collection.name for collection in LISTED if not collection.window]


@pytest.fixture(scope="module")
def seventime_sandbox_options():
    return {"time_logs": 300, "today": date(2026, 10, 1)}


def id_of(collection: CollectionSpec, record):
    return str(record[collection.id_field])


def test_incremental_and_windowed_collections():
    assert set(INCREMENTAL) == {"customers", "expenses", "projects", "supplierInvoices", "timeLogs", "workOrders"}
    assert set(WINDOWED) == {
        "driverJournals",
        "expenses",
        "invoices",
        "machineTimeLogs",
        "quotes",
        "supplierInvoices",
        "timeLogs",
    }


def test_a_full_read_stores_the_records_of_the_api(account, warehouse, subtests):
    for collection in LISTED:
        with subtests.test(collection.name):
            filters = REQUIRED_FILTERS.get(collection.name, lambda _: None)(account.sandbox)
            table = f"seventime_{column_name(collection.name)}"
            source = list(account.client().list(collection.name, filters))

            manifest = warehouse.sync(resource=collection.name, filters=filters)

            rows = warehouse.query(f"select id, record from {table}")
            assert {row_id: exact_json.decode(record) for row_id, record in rows} == {
                id_of(collection, record): record for record in source
            }
            assert len(rows) == len(source)
            assert (manifest["resource"], manifest["table"], manifest["mode"]) == (collection.name, table, "full")
            assert (manifest["rows_read"], manifest["rows_written"]) == (len(source), len(source))

            again = warehouse.sync(resource=collection.name, filters=filters)
            assert (again["rows_read"], again["rows_written"], again["rows_deleted"]) == (len(source), 0, 0)


def test_the_sandbox_has_records_of_nearly_every_collection(account):
    empty = [
        collection.name
        for collection in LISTED
        if collection.name not in REQUIRED_FILTERS and not account.client().count(collection.name)
    ]

    assert empty == ["webhookSubscriptions"]


def test_deleted_records_are_removed_from_every_collection(account, warehouse, subtests):
    for name in [
        collection.name for collection in LISTED if not collection.filters or collection.name not in REQUIRED_FILTERS
    ]:
        with subtests.test(name):
            collection = COLLECTIONS[name]
            table = f"seventime_{column_name(name)}"
            warehouse.sync(resource=name)
            warehouse.query(f"insert into {table} (id, record) values ('511e0a00c0ffee5eed00dead', '{{}}')")

            manifest = warehouse.sync(resource=name, mode="full", deletions="remove")

            assert (manifest["rows_deleted"], manifest["deletions"]) == (1, "done")
            ids = sorted(row[0] for row in warehouse.query(f"select id from {table}"))
            assert ids == sorted(id_of(collection, record) for record in account.client().list(name))


def test_a_collection_without_get_is_read_twice_before_a_deletion(account, warehouse):
    warehouse.sync(resource="projectTags")
    warehouse.query("insert into seventime_project_tags (id, record) values ('deleted', '{}')")
    account.requests()

    manifest = warehouse.sync(resource="projectTags", mode="full", deletions="remove")

    assert [path for path, _ in account.requests()] == ["projectTags", "projectTags"]
    assert manifest["rows_deleted"] == 1


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"mode": "incremental"}, id="mode"),
        pytest.param({"modified_since": "2026-09-01"}, id="modified_since"),
    ],
)
def test_a_collection_without_last_modified_is_not_read_incrementally(account, warehouse, parameters):
    for name in NOT_INCREMENTAL:
        filters = REQUIRED_FILTERS.get(name, lambda _: None)(account.sandbox)
        account.requests()

        with pytest.raises(ConfigError, match=f"{name} cannot be read incrementally: the API has no filter last"):
            warehouse.sync(resource=name, filters=filters, **parameters)

        assert account.requests(counts=True) == []
    assert warehouse.query("select name from sqlite_master") == []


def test_the_error_suggests_a_window_where_there_is_one(warehouse):
    with pytest.raises(
        ConfigError, match=r"Read all records \(mode='full'\), a window by invoiceDate \(start and end\)"
    ):
        warehouse.sync(resource="invoices", mode="incremental")


def test_a_collection_without_a_date_filter_is_not_read_by_windows(account, warehouse):
    for name in NOT_WINDOWED:
        filters = REQUIRED_FILTERS.get(name, lambda _: None)(account.sandbox)
        account.requests()

        with pytest.raises(ConfigError, match=f"{name} cannot be read by start and end"):
            warehouse.sync(resource=name, filters=filters, start="2026-09-01", end="2026-10-01")

        assert account.requests(counts=True) == []


@pytest.mark.parametrize("name", INCREMENTAL)
def test_incremental_read_of_a_collection(account, warehouse, name):
    warehouse.sync(resource=name)
    (first, second, *_) = account.sandbox.records(name)
    account.sandbox.load({name: [{**first, "modifiedDate": "2026-10-01T12:00:00.000Z", "marking": "changed"}]})

    manifest = warehouse.sync(resource=name, modified_since="2026-10-01T12:00:00Z", overlap_seconds=0)

    assert (manifest["mode"], manifest["rows_read"], manifest["rows_written"]) == ("incremental", 1, 1)
    rows = dict(warehouse.query(f"select id, record from seventime_{column_name(name)}"))
    assert exact_json.decode(rows[first["_id"]])["marking"] == "changed"
    assert exact_json.decode(rows[second["_id"]]) == second


@pytest.mark.parametrize("name", WINDOWED)
def test_window_of_a_collection(account, warehouse, name):
    collection = COLLECTIONS[name]
    field = collection.window.field
    (template, *_) = account.sandbox.records(name)
    instants = {
        "august": "2026-08-31T21:59:59.999Z",
        "first": "2026-08-31T22:00:00.000Z",
        "last": "2026-09-30T21:59:59.999Z",
        "october": "2026-09-30T22:00:00.000Z",
        "undated": None,
    }
    account.sandbox.load({name: [{**template, "_id": key, field: instant} for key, instant in instants.items()]})
    warehouse.sync(resource=name)
    deleted = {key: instant for key, instant in instants.items() if key in ("august", "first")}
    warehouse.query(
        f"insert into seventime_{column_name(name)} (id, {column_name(field)}, record) values "
        + ", ".join(
            f"('deleted-{key}', '{instant[:-1].replace('T', ' ')}000', '{{}}')" for key, instant in deleted.items()
        )
    )

    manifest = warehouse.sync(resource=name, start="2026-09-01", end="2026-10-01")

    inside = {
        record["_id"]
        for record in account.sandbox.records(name)
        if record[field] and "2026-08-31T22" <= record[field] < "2026-09-30T22"
    }
    assert {"first", "last"} <= inside
    assert (manifest["mode"], manifest["rows_read"], manifest["rows_deleted"]) == ("window", len(inside), 1)
    ids = {row[0] for row in warehouse.query(f"select id from seventime_{column_name(name)}")}
    assert ids == {record["_id"] for record in account.sandbox.records(name)} | {"deleted-august"}


def test_a_window_by_dates_is_requested_with_a_margin(account, warehouse):
    account.requests()

    warehouse.sync(resource="expenses", start="2026-09-01", end="2026-10-01", filters={"project": "p1"})

    ((path, query),) = account.requests(counts=True)
    assert path == "expenses"
    assert (query["fromDate"], query["toDate"], query["project"]) == ("2026-08-31", "2026-10-02", "p1")


def test_a_collection_without_a_list(account, warehouse):
    with pytest.raises(ConfigError, match="companyInformation has no list"):
        warehouse.sync(resource="companyInformation")

    assert account.requests() == []


def test_a_table_is_named_after_its_collection(warehouse):
    assert warehouse.sync(resource=WORK_ORDERS.name)["table"] == "seventime_work_orders"
