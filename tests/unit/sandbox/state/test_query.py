import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, Filter, FilterKind, Match
from airflow_provider_seventime.dates import SWEDEN, load_zone
from airflow_provider_seventime.sandbox.refusal import RequestRefusedError
from airflow_provider_seventime.sandbox.state.query import read_query, run_query
from airflow_provider_seventime.sandbox.state.store import StoredCollection

ZONE = load_zone(SWEDEN)
COLLECTION = CollectionSpec(
    name="things",
    fields={"name": FieldKind.TEXT},
    filters={
        "name": Filter(FilterKind.TEXT, match=Match.CONTAINS),
        "person": Filter(FilterKind.TEXT, field="firstName lastName", match=Match.CONTAINS),
        "number": Filter(FilterKind.TEXT),
        "count": Filter(FilterKind.NUMBER),
        "active": Filter(FilterKind.BOOLEAN),
        "user": Filter(FilterKind.ID, field="users"),
        "place": Filter(FilterKind.TEXT, field="address.city"),
        "from": Filter(FilterKind.DATE, field="day", match=Match.FROM),
        "to": Filter(FilterKind.DATE, field="day", match=Match.TO),
        "on": Filter(FilterKind.DATE, field="day"),
        "after": Filter(FilterKind.TIME, field="day", match=Match.FROM),
        "before": Filter(FilterKind.TIME, field="day", match=Match.TO),
    },
)


def matching_ids(records, **parameters):
    collection = StoredCollection({"_id": str(number), **record} for number, record in enumerate(records))
    page = run_query(collection, read_query(COLLECTION, list(parameters.items()), ZONE))
    return [int(record["_id"]) for record in page.records]


@pytest.mark.parametrize(
    ("parameters", "records", "expected"),
    [
        ({"name": "kaf"}, [{"name": 'Kafé "Lilla Björn"'}, {"name": "Café"}, {"name": None}, {}], [0]),
        ({"name": "BJÖRN"}, [{"name": 'Kafé "Lilla Björn"'}, {"name": "Bjorn"}], [0]),
        ({"person": "ba bo"}, [{"firstName": "Anna", "lastName": "Berg"}, {"firstName": "Ba", "lastName": "Bo"}], [1]),
        ({"number": "12"}, [{"number": "12"}, {"number": "112"}, {"number": 12}, {"number": None}], [0, 2]),
        ({"count": "5"}, [{"count": 5}, {"count": "5"}, {"count": 50}, {"count": True}, {}], [0, 1]),
        ({"active": "true"}, [{"active": True}, {"active": False}, {"active": "true"}, {}], [0]),
        ({"active": "false"}, [{"active": True}, {"active": False}, {"active": 0}, {}], [1, 2]),
        ({"user": "u1"}, [{"users": ["u1", "u2"]}, {"users": ["u2"]}, {"users": "u1"}, {"users": None}], [0, 2]),
        ({"place": "Lund"}, [{"address": {"city": "Lund"}}, {"address": None}, {}], [0]),
        ({"name": "a", "number": "1"}, [{"name": "a", "number": "1"}, {"name": "a"}, {"number": "1"}], [0]),
    ],
    ids=["contains", "any case", "joined", "equals", "number", "true", "false", "in a list", "nested", "both"],
)
def test_filters(parameters, records, expected):
    assert matching_ids(records, **parameters) == expected


DAYS = [
    {"day": "2020-11-04T22:59:59.999Z"},  # 4 November, one millisecond to midnight in Sweden
    {"day": "2020-11-04T23:00:00.000Z"},  # 5 November begins
    {"day": "2020-11-05T22:59:59.999Z"},  # 5 November ends
    {"day": "2020-11-05T23:00:00.000Z"},  # 6 November begins
    {"day": None},
    {"day": "2020-11-05T12:00:00+01:00"},  # loaded in another form
    {"day": "no date"},
]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"from": "2020-11-05"}, [1, 2, 3, 5]),
        ({"to": "2020-11-05"}, [0, 1, 2, 5]),
        ({"from": "2020-11-05", "to": "2020-11-05"}, [1, 2, 5]),
        ({"on": "2020-11-05"}, [1, 2, 5]),
        ({"after": "2020-11-05 00:00"}, [1, 2, 3, 5]),
        ({"after": "2020-11-05T00:00:01"}, [2, 3, 5]),
        ({"before": "2020-11-05 00:00"}, [0, 1]),
        ({"before": "2020-11-05 12:00"}, [0, 1, 5]),
    ],
    ids=str,
)
def test_date_filters_use_swedish_days_and_times_are_inclusive(parameters, expected):
    assert matching_ids(DAYS, **parameters) == expected


def test_a_summer_day_begins_two_hours_before_midnight_utc():
    records = [{"day": "2026-06-30T21:59:59.999Z"}, {"day": "2026-06-30T22:00:00.000Z"}]
    assert matching_ids(records, **{"from": "2026-07-01"}) == [1]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"sortBy": "rank"}, [2, 1, 3, 0, 4]),
        ({"sortBy": "rank", "sortDirection": "ascending"}, [2, 1, 3, 0, 4]),
        ({"sortBy": "rank", "sortDirection": "descending"}, [4, 0, 1, 3, 2]),
        ({"sortBy": "unknown"}, [0, 1, 2, 3, 4]),
        ({"sortBy": "_id"}, [0, 1, 2, 3, 4]),
        ({"sortBy": "_id", "sortDirection": "descending"}, [4, 3, 2, 1, 0]),
        ({"sortDirection": "descending"}, [0, 1, 2, 3, 4]),
    ],
    ids=str,
)
def test_sorting_is_stable_with_null_before_numbers_before_text(parameters, expected):
    assert (
        matching_ids([{"rank": 7}, {"rank": 2}, {"rank": None}, {"rank": 2}, {"rank": "a"}], **parameters) == expected
    )


def test_ids_that_were_loaded_out_of_order_are_sorted_by_id():
    collection = StoredCollection([{"_id": "b"}, {"_id": "a"}, {"_id": "c"}])
    page = run_query(collection, read_query(COLLECTION, [("sortBy", "_id")], ZONE))
    assert [record["_id"] for record in page.records] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("parameters", "ids", "total", "pages", "number"),
    [
        ({}, range(100), 250, 3, 1),
        ({"page": "3"}, range(200, 250), 250, 3, 3),
        ({"page": "4"}, [], 250, 3, 4),
        ({"page": "2147483647"}, [], 250, 3, 2147483647),
        ({"limit": "1", "page": "250"}, [249], 250, 250, 250),
        ({"limit": "500"}, range(250), 250, 1, 1),
        ({"limit": "125", "page": "2"}, range(125, 250), 250, 2, 2),
        ({"name": "none"}, [], 0, 0, 1),
    ],
    ids=str,
)
def test_pages(parameters, ids, total, pages, number):
    collection = StoredCollection({"_id": f"{one:04d}"} for one in range(250))
    page = run_query(collection, read_query(COLLECTION, list(parameters.items()), ZONE))
    assert [int(record["_id"]) for record in page.records] == list(ids)
    assert (page.total, page.pages, page.number) == (total, pages, number)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([("limit", "0")], "limit"),
        ([("limit", "501")], "limit"),
        ([("limit", "ten")], "limit"),
        ([("limit", "1.5")], "limit"),
        ([("limit", "")], "limit"),
        ([("page", "0")], "page"),
        ([("page", "2147483648")], "page"),
        ([("page", "-1")], "page"),
        ([("sortDirection", "up")], "sortDirection"),
        ([("sortBy", "")], "sortBy"),
        ([("nmae", "x")], "did you mean 'name'"),
        ([("name", "")], "name"),
        ([("name", "a"), ("name", "b")], "more than once"),
        ([("from", "2020-13-01")], "from"),
        ([("from", "20201105")], "from"),
        ([("from", "2020-11-05T00:00:00Z")], "from"),
        ([("after", "2020-11-05")], "after"),
        ([("after", "2020-11-05 08-00")], "after"),
        ([("after", "2020-11-05 25:00")], "after"),
        ([("active", "1")], "active"),
        ([("active", "yes")], "active"),
        ([("count", "five")], "count"),
    ],
    ids=str,
)
def test_the_message_names_an_invalid_parameter(parameters, message):
    with pytest.raises(RequestRefusedError, match=message) as refusal:
        read_query(COLLECTION, parameters, ZONE)
    assert refusal.value.status == 400


def test_a_code_has_to_be_a_number():
    invoices = COLLECTIONS["supplierInvoices"]
    assert read_query(invoices, [("supplierInvoiceStatus", "10")], ZONE).tests
    with pytest.raises(RequestRefusedError, match="a code"):
        read_query(invoices, [("supplierInvoiceStatus", "invoiced")], ZONE)


def test_a_required_filter_is_required():
    collection = CollectionSpec(name="collection", fields={}, filters={"project": Filter(FilterKind.ID, required=True)})
    with pytest.raises(RequestRefusedError, match="project: required"):
        read_query(collection, [], ZONE)


def test_a_day_filter_covers_the_25_hours_of_the_day_when_summer_time_ends():
    begins, ends = "2026-10-24T22:00:00.000Z", "2026-10-25T22:59:59.999Z"
    assert matching_ids([{"day": begins}, {"day": ends}], on="2026-10-25") == [0, 1]
