"""Comparison of a record to create with the one that exists, for every collection that has a reference."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import FieldKind
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.testing import CONN_ENV, TEST_EXTRA, connection_json
from tests.contract.walk import Walk

REFERENCED = sorted(name for name, one in COLLECTIONS.items() if one.reference_field and one.create)
ROWS = ("invoices", "supplierInvoices", "purchaseOrders")
OF_VERSION_1 = ("customers", "workOrders")


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with SandboxServer(rate_limit=0) as server:
        yield server


@pytest.fixture
def walk_of(running, records_of, monkeypatch):
    running.reset()

    def made(version: int = 2) -> Walk:
        monkeypatch.setenv(CONN_ENV, connection_json(running, {**TEST_EXTRA, "api_version": version}))
        return Walk(running, records_of(version), version)

    return made


def create(walk, resource, record):
    return walk.hook.get_conn().create_or_find(resource, record, reference="once")


def with_rows(record):
    """Return a record with every kind of price: by number, by amount, chosen by the server, none."""
    rows = [
        {"itemType": "general", "name": "Skruv & bult", "numberOfItems": "2.5", "unitPrice": "0.333", "unit": "st"},
        {"itemType": "general", "name": "Montage", "numberOfItems": 1.1, "unitPrice": 99, "discountPercent": 10},
        {"itemType": "onlyamount", "name": "Resa", "totalAmount": "1234.50"},
        {"itemType": "text", "name": "Tack"},
    ]
    return {**record, "invoiceItems": [*record["invoiceItems"], *rows]}


@pytest.mark.parametrize(
    ("resource", "version"), [*((name, 2) for name in REFERENCED), *((name, 1) for name in OF_VERSION_1)]
)
def test_a_record_that_was_created_does_not_differ(walk_of, resource, version):
    walk = walk_of(version)
    record = walk.record(f"{resource}.create")
    record = with_rows(record) if resource in ROWS else record

    first, second = create(walk, resource, record), create(walk, resource, record)

    assert (first.created, second.created) == (True, False)
    assert (first.differs, second.differs) == ((), ())


@pytest.mark.parametrize("resource", REFERENCED)
def test_every_compared_field_is_written_and_returned(resource):
    collection = COLLECTIONS[resource]

    assert set(collection.compared_fields) <= set(collection.fields)
    assert set(collection.compared_fields) <= set(record_model(collection, "create").field_names())
    assert collection.compared_fields


@pytest.mark.parametrize(
    ("resource", "field"),
    [
        (name, field)
        for name in REFERENCED
        for field in COLLECTIONS[name].compared_fields
        if COLLECTIONS[name].fields[field] != FieldKind.ID
    ],
)
def test_a_different_value_is_reported(walk_of, resource, field):
    walk = walk_of()
    record = walk.record(f"{resource}.create")
    create(walk, resource, record)
    is_number = COLLECTIONS[resource].fields[field] == FieldKind.NUMBER
    other = record[field] + 7 if is_number else f"{record[field]} other"

    changed = create(walk, resource, {**record, field: other})

    assert [difference.field for difference in changed.differs] == [field]


@pytest.mark.parametrize("resource", ROWS)
def test_different_rows_are_reported_with_both_sides(walk_of, resource):
    walk = walk_of()
    record = walk.record(f"{resource}.create")
    record["invoiceItems"] = [
        {"itemType": "general", "name": "Montage", "numberOfItems": 1, "unitPrice": 125},
        {"itemType": "general", "name": "Resa", "numberOfItems": 2, "unitPrice": 10},
    ]
    create(walk, resource, record)
    other = copy.deepcopy(record)
    other["invoiceItems"][0]["unitPrice"] = "99999"

    assert list(map(str, create(walk, resource, other).differs)) == [
        "invoiceItems[0].unitPrice: asked for 99999, found 125",
        "total of invoiceItems: asked for 100019, found 145",
    ]
    other["invoiceItems"].reverse()
    other["invoiceItems"].pop()
    assert list(map(str, create(walk, resource, other).differs)) == [
        "number of invoiceItems: asked for 1, found 2",
        "total of invoiceItems: asked for 20, found 145",
    ]
    record["invoiceItems"].reverse()
    assert create(walk, resource, record).differs == ()
