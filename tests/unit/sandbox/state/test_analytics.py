"""Analytics: groups and sums of a collection's records."""

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import FieldKind

SWEDEN = ZoneInfo("Europe/Stockholm")
ANALYSED = sorted(name for name, collection in COLLECTIONS.items() if collection.analysed)


@pytest.fixture
def analyse(api):
    return lambda collection, **query: api.send("POST", f"/api/2/analytics/{collection}", query)


def local_day(instant):
    return datetime.fromisoformat(instant).astimezone(SWEDEN).date()


def test_the_documented_collections_are_analysed():
    assert ANALYSED == [
        "driverJournals",
        "expenses",
        "invoices",
        "machineTimeLogs",
        "projects",
        "purchaseOrders",
        "quotes",
        "supplierInvoices",
        "tasks",
        "timeLogs",
        "workOrders",
    ]


@pytest.mark.parametrize("collection", ANALYSED)
def test_an_empty_query_counts_the_records(api, analyse, collection):
    response = analyse(collection)
    assert response.status == 200
    assert response.body["data"] == [{"count": len(api.server.records(collection))}]
    assert (response.body["meta"]["hasMore"], response.body["meta"]["nextPage"]) == (False, None)


@pytest.mark.parametrize("collection", ANALYSED)
def test_every_number_can_be_summed_and_every_field_grouped_by(api, analyse, collection):
    spec = COLLECTIONS[collection]
    numbers = [name for name, kind in spec.fields.items() if kind in (FieldKind.NUMBER, FieldKind.INTEGER)]
    records = api.server.records(collection)
    (row,) = analyse(collection, metrics=["count", *numbers]).body["data"]
    for name in numbers:
        assert Decimal(row[name]) == sum(Decimal(record[name]) for record in records)
    for field in spec.fields:
        rows = analyse(collection, groupBy=field, limit=500).body["data"]
        counted = Counter(str(record[field]) for record in records)
        if len(counted) < 500:
            assert {str(row[field]): row["count"] for row in rows} == counted


def test_hours_by_user_and_month(api, analyse):
    expected = defaultdict(Decimal)
    for log in api.server.records("timeLogs"):
        day = local_day(log["timestamp"])
        if not log["isAbsence"] and (2026, 8) <= (day.year, day.month) <= (2026, 9):
            expected[log["userName"], f"{day:%Y-%m}"] += Decimal(log["time"])
    query: dict[str, Any] = {
        "fromDate": "2026-08-01",
        "toDate": "2026-09-30",
        "groupBy": ["userName", "month"],
        "metrics": "time",
        "filters": {"isAbsence": False},
    }
    rows = analyse("timeLogs", **query).body["data"]
    assert {(row["userName"], row["month"]): Decimal(row["time"]) for row in rows} == expected
    assert len(expected) == 16
    query["filters"]["user"] = api.first("users", firstName="Åke")["_id"]
    rows = analyse("timeLogs", **query).body["data"]
    assert [(row["userName"], row["month"]) for row in rows] == [
        ("Åke Sjöström", "2026-08"),
        ("Åke Sjöström", "2026-09"),
    ]


@pytest.mark.parametrize(
    ("period", "message"),
    [("day", "2026-01-01"), ("week", "2026-W01"), ("month", "2026-01"), ("quarter", "2026-Q1"), ("year", "2026")],
)
def test_periods_are_swedish(api, analyse, period, message):
    journal = api.server.records("driverJournals")[0]
    api.server.load({"driverJournals": [{**journal, "_id": "x", "timestamp": "2025-12-31T23:30:00.000Z"}]})
    rows = analyse("driverJournals", toDate="2026-01-01", fromDate="2026-01-01", groupBy=period).body["data"]
    assert rows == [{period: message, "count": 1}]
    assert analyse("driverJournals", toDate="2025-12-31").body["data"] == [{"count": 0}]


def test_another_date_field(api, analyse):
    paid = [one for one in api.server.records("invoices") if one["paymentDate"]]
    response = analyse("invoices", dateField="paymentDate", fromDate="2000-01-01", metrics=["totalAmount"])
    assert Decimal(response.body["data"][0]["totalAmount"]) == sum(Decimal(one["totalAmount"]) for one in paid)
    default = analyse("invoices", fromDate="2026-09-28").body["data"]
    assert default == [
        {
            "count": sum(
                local_day(one["invoiceDate"]).isoformat() >= "2026-09-28" for one in api.server.records("invoices")
            )
        }
    ]


def test_rows_are_sorted_and_paged(analyse):
    query = {"groupBy": "customer", "metrics": ["time"], "sort": "-time", "limit": 5}
    pages = [analyse("timeLogs", **query, page=page).body for page in (1, 2, 3)]
    assert [body["meta"]["hasMore"] for body in pages] == [True, True, False]
    assert [body["meta"]["nextPage"] for body in pages] == [2, 3, None]
    assert [len(body["data"]) for body in pages] == [5, 5, 3]
    hours = [Decimal(row["time"]) for body in pages for row in body["data"]]
    assert hours == sorted(hours, reverse=True)
    assert len({row["customer"] for body in pages for row in body["data"]}) == 13
    assert pages[0]["meta"]["totalResources"] == 13
    by_name = analyse("timeLogs", groupBy="customer").body["data"]
    groups = [row["customer"] for row in by_name]
    assert groups == [None, *sorted(group for group in groups if group)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"groupBy": "customr"}, "groupBy: unknown 'customr'; did you mean 'customer'?"),
        ({"metrics": ["description"]}, "metrics: unknown 'description'"),
        ({"dateField": "userName"}, "dateField: unknown 'userName'"),
        ({"sort": "time"}, "sort: unknown 'time'"),
        ({"sort": {"time": 1}}, "sort: must be"),
        ({"limit": 0}, "limit: must be"),
        ({"limit": "1.5"}, "limit: must be"),
        ({"page": 0}, "page: must be"),
        ({"fromDate": "May"}, "fromDate: must be a date"),
        ({"filters": {"projct": "x"}}, "filters.projct: unknown filter; did you mean 'project'?"),
        ({"filters": {"isAbsence": "perhaps"}}, "filters.isAbsence"),
        ({"filters": []}, "filters"),
        ({"groupby": "user"}, "groupby: unknown field; did you mean 'groupBy'?"),
        ([], "must be an object"),
    ],
    ids=str,
)
def test_an_invalid_query_is_400(api, query, message):
    response = api.send("POST", "/api/2/analytics/timeLogs", query)
    assert (response.status, message in response.error) == (400, True), response.error


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "customers"), ("POST", "nothing"), ("GET", "timeLogs"), ("PUT", "timeLogs")],
    ids=" ".join,
)
def test_a_collection_without_analytics_is_404(api, method, path):
    assert api.send(method, f"/api/2/analytics/{path}", {} if method != "GET" else None).status == 404
    assert api.send("POST", "/api/2/analytics", {}).status == 404
