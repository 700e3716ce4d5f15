"""Lists, records, filters and writes of every collection of the contract."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import FilterKind, Match
from airflow_provider_seventime.sandbox.company import build_company

SWEDEN = ZoneInfo("Europe/Stockholm")
STORED = build_company(7, date(2026, 10, 1)).collections  # with the internal fields
LISTED = sorted(name for name, collection in COLLECTIONS.items() if collection.listed)
FILTERS = [(name, known) for name in LISTED for known in COLLECTIONS[name].filters]
# Collections without seeded records.
EMPTY = {"webhookSubscriptions"}
# Fields that no seeded record has.
UNSEEDED = {("timeLogs", "task")}


def value_of(record, filter_name, known):
    """Return the value that a filter compares."""
    fields = (known.field or filter_name).split()
    return " ".join(str(record.get(field) or "") for field in fields) if len(fields) > 1 else record.get(fields[0])


def filter_value(value, known):
    """Return a value of a record in the form of a filter."""
    if isinstance(value, list):
        value = value[0]
    if known.kind is FilterKind.BOOLEAN:
        return str(value).lower()
    if known.kind in (FilterKind.DATE, FilterKind.TIME):
        local = datetime.fromisoformat(value).astimezone(SWEDEN)
        return f"{local:%Y-%m-%d}" if known.kind is FilterKind.DATE else f"{local:%Y-%m-%d %H:%M:%S}"
    return str(value)


def required(collection):
    """Return the required filters of a list, with the values of the first record."""
    known = COLLECTIONS[collection].filters
    record = STORED[collection][0] if STORED[collection] else {}
    return {name: filter_value(value_of(record, name, one), one) for name, one in known.items() if one.required}


def whole_list(api, collection, **query):
    response = api.list(collection, limit=500, **query)
    assert response.status == 200
    rows = rows_of(collection, response.body)
    pages = response.body["meta"]["totalPages"] if COLLECTIONS[collection].paged else 1
    for page in range(2, pages + 1):
        rows += api.list(collection, limit=500, page=page, **query).body["data"]
    return rows


def rows_of(collection, body):
    return body if COLLECTIONS[collection].bare_list else body["data"]


def test_lists_have_the_form_of_their_collection(api, subtests):
    for collection in LISTED:
        for slash in ["", "/"]:
            with subtests.test(f"{collection}{slash}"):
                spec = COLLECTIONS[collection]
                response = api.list(f"{collection}{slash}", limit=2, page=1, **required(collection))
                assert response.status == 200
                if spec.bare_list:
                    assert isinstance(response.body, list)
                elif spec.paged:
                    assert response.body.keys() == {"meta", "data"}
                    assert response.body["meta"]["currentPage"] == 1
                    assert len(response.body["data"]) == min(2, response.body["meta"]["totalResources"])
                else:
                    assert response.body.keys() == {"data"}


def test_lists_without_filters_have_everything(api, subtests):
    for collection in [name for name in LISTED if not COLLECTIONS[name].filters]:
        with subtests.test(collection):
            rows = rows_of(collection, api.list(collection, limit=500).body)
            assert rows == api.server.records(collection)
            assert rows or collection in EMPTY


def test_records_have_every_documented_field_and_an_id(api, subtests):
    for collection in LISTED:
        with subtests.test(collection):
            spec = COLLECTIONS[collection]
            rows = rows_of(collection, api.list(collection, **required(collection)).body)
            assert all({spec.id_field, *spec.fields} <= row.keys() for row in rows)
            assert len({row[spec.id_field] for row in rows}) == len(rows)


def test_one_record_is_wrapped_in_data(api, subtests):
    for collection in [name for name in LISTED if COLLECTIONS[name].gettable and name not in EMPTY]:
        for slash in ["", "/"]:
            with subtests.test(f"{collection}{slash}"):
                record = api.server.records(collection)[-1]
                response = api.send("GET", f"/api/2/{collection}/{record['_id']}{slash}")
                assert (response.status, response.body) == (200, {"data": record})
                assert api.send("GET", f"/api/2/{collection}/nothing{slash}").status == 404


def test_a_get_that_a_collection_lacks_is_404(api, subtests):
    for collection in [name for name in LISTED if not COLLECTIONS[name].gettable]:
        with subtests.test(collection):
            record = api.server.records(collection)[0]
            response = api.send("GET", f"/api/2/{collection}/{record[COLLECTIONS[collection].id_field]}")
            assert (response.status, "has no get" in response.error) == (404, True)


def assert_finds(api, collection, name, records):
    """Filter by the value of the last record that has one, and compare with the records that match."""
    known = COLLECTIONS[collection].filters[name]
    chosen = next((record for record in reversed(records) if value_of(record, name, known) not in (None, "", [])), None)
    assert chosen is not None, (
        f"no seeded record of {collection} has a value for the filter {name!r}: "
        f"give one in sandbox/company/, or add ({collection!r}, {name!r}) to UNSEEDED"
    )
    value = filter_value(value_of(chosen, name, known), known)
    found = whole_list(api, collection, **{**required(collection), name: value})
    id_field = COLLECTIONS[collection].id_field
    assert chosen[id_field] in {row[id_field] for row in found}
    expected = [record[id_field] for record in records if matches(value_of(record, name, known), value, known)]
    assert [row[id_field] for row in found] == expected


def test_filters_find_the_records_that_match(api, subtests):
    for collection, name in FILTERS:
        if (collection, name) not in UNSEEDED:
            with subtests.test(f"{collection}: {name}"):
                assert_finds(api, collection, name, STORED[collection])


@pytest.mark.parametrize(("collection", "name"), UNSEEDED)
def test_a_filter_finds_a_record_that_is_not_seeded(api, collection, name):
    record = {**STORED[collection][-1], "_id": "one-more", name: "some-id"}
    api.server.load({collection: [record]})
    assert_finds(api, collection, name, [*STORED[collection], record])


def matches(at, value, known):
    """Return whether a value matches a filter. Written independently of the sandbox's code."""
    if at in (None, "", []):
        return known.kind is FilterKind.BOOLEAN and value == "false" and at is False
    if known.match is Match.CONTAINS:
        return value.lower() in str(at).lower()
    if known.kind in (FilterKind.DATE, FilterKind.TIME):
        return {Match.FROM: filter_value(at, known) >= value, Match.TO: filter_value(at, known) <= value}.get(
            known.match, filter_value(at, known) == value
        )
    return value in at if isinstance(at, list) else filter_value(at, known) == value


WRONG = {
    FilterKind.BOOLEAN: "maybe",
    FilterKind.NUMBER: "many",
    FilterKind.CODE: "12345",
    FilterKind.DATE: "1 May",
    FilterKind.TIME: "2026-13-01 10:00",
    FilterKind.ID: "",
    FilterKind.TEXT: "",
}


def test_filters_refuse_values_of_another_kind(api, subtests):
    for collection, name in FILTERS:
        with subtests.test(f"{collection}: {name}"):
            wrong = WRONG[COLLECTIONS[collection].filters[name].kind]
            response = api.list(collection, **{**required(collection), name: wrong})
            assert (response.status, name in response.error) == (400, True)


@pytest.mark.parametrize(
    ("collection", "name"),
    [(collection, name) for collection, name in FILTERS if COLLECTIONS[collection].filters[name].required],
)
def test_a_required_filter_is_required(api, collection, name):
    response = api.list(collection)
    assert (response.status, response.error) == (400, f"{name}: required")


def test_there_are_required_filters():
    assert {name for name in LISTED if required(name)} == {"supplementOrders", "distributorContactPersons", "statuses"}


def test_lists_sort_by_the_name_field(api, subtests):
    for collection in [name for name in LISTED if name not in EMPTY]:
        for direction in ["ascending", "descending"]:
            with subtests.test(f"{collection} {direction}"):
                field = COLLECTIONS[collection].name_field
                query = {"sortBy": field, "sortDirection": direction, "limit": 500, **required(collection)}
                names = [row.get(field) for row in rows_of(collection, api.list(collection, **query).body)]
                given = [name for name in names if name is not None]
                assert given == sorted(given, reverse=direction == "descending")


def test_writes_that_a_collection_does_not_have_are_404(api, subtests):
    for collection in sorted(COLLECTIONS):
        for method, write in [("POST", "create"), ("PUT", "update"), ("DELETE", "delete")]:
            with subtests.test(f"{method} {collection}"):
                response = api.send(method, f"/api/2/{collection}", {})
                there = write in COLLECTIONS[collection].operations and not (
                    write == "delete" and COLLECTIONS[collection].delete_in_path
                )
                assert (response.status == 404) is not there
                assert response.status in (400, 404)


# What a record cannot do without, and a change; ids are those of the first record of the collection that they name.
WRITTEN = {
    "contactPersons": ({"name": "Kim", "customer": "customers"}, {"title": "Chef"}),
    "customers": ({"name": "Kund"}, {"city": "Lund"}),
    "distributors": ({"name": "Grossist"}, {"city": "Lund"}),
    "driverJournals": (
        {
            "user": "users",
            "driverJournalItemType": "driverJournalTypes",
            "vehicle": "vehicles",
            "startAddress": "A",
            "endAddress": "B",
            "travelPurpose": "C",
            "startOdometer": 1,
            "endOdometer": 2,
        },
        {"user": "users", "description": "tur"},
    ),
    "expenses": ({"user": "users", "expenseItem": "expenseItems"}, {"user": "users", "description": "kvitto"}),
    "invoices": (
        {"customer": "customers", "language": "SV", "invoiceItems": [{"itemType": "general", "unitPrice": 1}]},
        {
            "multipleTaxesOnRows": False,
            "taxPercent": 25,
            "invoiceItems": [{"itemType": "general", "unitPrice": 1}],
            "marking": "M",
        },
    ),
    "projects": ({"name": "Projekt"}, {"notes": "n"}),
    "purchaseOrders": ({"distributor": "distributors"}, {"marking": "M"}),
    "supplierInvoices": (
        {"supplierInvoiceNumber": "1", "distributor": "distributors", "totalAmountInclTax": 100},
        {"notes": "n"},
    ),
    "tasks": ({"name": "Ring", "project": "projects"}, {"name": "Ring igen"}),
    "timeLogs": (
        {"user": "users", "timestamp": "2026-10-01 08:00", "time": 1},
        {"user": "users", "description": "arbete"},
    ),
    "users": (
        {"firstName": "Kim", "lastName": "Ek", "email": "k@e.example", "userName": "kim", "userRoleId": "10"},
        {"cellPhone": "070"},
    ),
    "workOrders": ({"title": "Order", "customer": "customers"}, {"marking": "M"}),
}


def with_ids(record):
    return {name: STORED[value][0]["_id"] if str(value) in STORED else value for name, value in record.items()}


def test_the_table_has_every_writable_collection():
    updatable = {name for name, collection in COLLECTIONS.items() if collection.update is not None}
    assert updatable == WRITTEN.keys(), "add the collection to WRITTEN, with a minimal record and a change"


@pytest.mark.parametrize("collection", sorted(WRITTEN))
def test_a_record_is_created_updated_and_deleted(api, collection):
    spec = COLLECTIONS[collection]
    before = api.server.records(collection)
    record, changes = (with_ids(part) for part in WRITTEN[collection])
    response = api.create(collection, **record)
    assert response.status == 200
    created = response.body
    assert {"_id", *spec.fields} <= created.keys()
    assert api.server.records(collection) == [*before, created]
    if "modifiedDate" in spec.fields:
        api.server.advance(1)
    response = api.update(collection, created["_id"], **changes)
    assert response.status == 200
    plain = {name: value for name, value in changes.items() if name != "invoiceItems"}
    assert plain.items() <= response.body.items()
    assert api.server.records(collection) == [*before, response.body]
    if "modifiedDate" in spec.fields:
        assert response.body["modifiedDate"] == "2026-10-01T10:00:01.000Z"
    if spec.delete is not None:
        signed = "deletedByUser" in record_model(spec, "delete").field_names()
        assert api.delete(collection, created["_id"], signed=signed).status == 200
        assert api.server.records(collection) == before
        assert api.delete(collection, created["_id"], signed=signed).status == 404


def test_custom_fields_are_those_of_time_logs_by_default(api):
    names = {row["fieldName"] for row in api.list("customFields").body["data"]}
    assert names == {row["fieldName"] for row in api.list("customFields", entityType=100).body["data"]}
    assert names == {"Beställare", "Våning"}
    (of_projects,) = api.list("customFields", entityType=500).body["data"]
    assert [choice["value"] for choice in of_projects["selectFieldData"]] == ["Flerbostadshus", "Villa"]
    assert api.list("customFields", entityType=2100).body == {"data": []}


@pytest.mark.parametrize(
    ("collection", "hidden"),
    [
        ("customFields", {"entityType"}),
        ("statuses", {"entityType"}),
        ("expenseItems", {"favorite"}),
        ("workOrderStatuses", {"status"}),
        ("users", {"department", "defaultSalaryType", "userSkills"}),
    ],
)
def test_internal_fields_are_not_returned(api, collection, hidden):
    rows = rows_of(collection, api.list(collection, **required(collection)).body)
    assert rows
    assert not any(hidden & row.keys() for row in [*rows, *api.server.records(collection)])
    assert all(hidden <= record.keys() for record in STORED[collection])


def test_statuses_by_entity_are_the_ones_of_work_orders(api):
    by_entity = api.list("statuses", entityType=200).body
    own = api.list("workOrderStatuses").body["data"]
    assert [one["_id"] for one in by_entity] == [one["_id"] for one in own]
    assert {order["statusRef"] for order in api.server.records("workOrders")} <= {one["_id"] for one in own}
