"""The sums of the example DAG's views equal those of Seven Time's analytics, on every kind of database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import yaml
from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.dates import SWEDEN, calendar_date, format_instant, load_zone, parse_instant
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.testing import CONN_ENV, connection_json, running_sandbox
from airflow_provider_seventime.transfers.sync.sql_engine import open_engine
from airflow_provider_seventime.transfers.sync.sync_collection import SyncJob, sync_collection
from tests.conftest import EXAMPLE_DAGS
from tests.integration.keep_warehouse.warehouses import CONNECTION, CONNECTION_ENV, KINDS, rows, warehouse

ZONE = load_zone(SWEDEN)
MODELS = EXAMPLE_DAGS / "warehouse_views" / "models"
TABLES = ("customers", "projects", "timeCategories", "timeLogs", "invoices")
BOOKED = {InvoiceStatus.SENT, InvoiceStatus.PAID, InvoiceStatus.CUSTOMER_LOSS}
DAYS_OVERDUE = (-1, 0, 1, 30, 31, 60, 61, 90, 91)
BANDS = ((0, "not due"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
WORK = ("user", "customer", "project")
HOURS = (
    "worked_hours",
    "absence_hours",
    "invoiceable_hours",
    "invoiced_hours",
    "invoiceable_amount",
    "invoiced_amount",
)
AMOUNTS = {
    "net": "totalAmount",
    "vat": "totalTaxAmount",
    "rounding": "totalAmountRounding",
    "gross": "totalAmountInclTax",
}


def more_time_logs(like):
    """Yield time logs of many years, most of them near a change of summer time."""
    dice = Random(7)
    changes = [datetime(year, month, 24, 20, tzinfo=UTC) for year in range(2019, 2031) for month in (3, 10)]
    for number in range(600):
        instant = dice.choice(changes) + timedelta(minutes=dice.randrange(8 * 24 * 60))
        flags = {name: dice.random() < 0.5 for name in ("isAbsence", "isInvoiceable", "isInvoiced")}
        yield like | flags | {"_id": f"b{number:023d}", "timestamp": format_instant(instant), "time": Decimal("0.1")}


def more_invoices(like):
    """Yield invoices of every status, age and sign, and one in another currency."""
    today = calendar_date(datetime.now(UTC), ZONE)
    for days in DAYS_OVERDUE:
        due = datetime.combine(today - timedelta(days=days), datetime.max.time(), ZONE)
        yield {"_id": f"due{days}", "invoiceStatus": 2, "dueDate": format_instant(due)}
    for code in (*InvoiceStatus, 5):
        yield {"_id": f"status{int(code)}", "invoiceStatus": int(code)}
    yield {"_id": "without-due-date", "invoiceStatus": 2, "dueDate": None}
    yield {"_id": "credit", "invoiceStatus": 3, "isCreditInvoice": True}  # written with positive amounts
    yield {"_id": "euro", "invoiceStatus": 2, "currencyCode": "EUR", "currencyRate": Decimal("11.25")}
    rot = {"totalAmount": 1000, "totalTaxAmount": 250, "totalAmountRounding": 0, "houseDeductionAmount": 300}
    yield {"_id": "rot-whole", "invoiceStatus": 2, **rot, "totalAmountInclTax": 1250}
    yield {"_id": "rot-reduced", "invoiceStatus": 2, **rot, "totalAmountInclTax": 950}
    yield {"_id": "rot-credit", "invoiceStatus": 2, **rot, "totalAmountInclTax": 1250, "isCreditInvoice": True}


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(today=date(2026, 10, 1)) as sandbox:
        time_log = next(log for log in sandbox.records("timeLogs") if log["isInvoiceable"])
        invoice = next(one for one in sandbox.records("invoices") if one["invoiceNumber"] == "24492")
        sandbox.load(
            {
                "timeLogs": list(more_time_logs(time_log)),
                "invoices": [invoice | changed for changed in more_invoices(invoice)],
            }
        )
        yield sandbox


@dataclass
class Filled:
    """Content of the views of one kind of database, and the records and analyses of Seven Time.

    :param kind: of database.
    :param views: their rows, by name.
    :param time_logs: the API's analysis of the time logs, and ``invoices`` of the invoices.
    :param records: the API's own records.
    """

    kind: str
    views: dict[str, list[dict[str, Any]]]
    time_logs: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    records: dict[str, list[dict[str, Any]]]

    def exactly(self, number: Decimal) -> Decimal:
        """Return a number with the precision of the database: SQLite has binary fractions, so six decimals."""
        return number.quantize(Decimal("0.000001")) if self.kind == "sqlite" else number


@pytest.fixture(scope="module", params=KINDS)
def filled(request, sandbox, keep_warehouse, tmp_path_factory):
    """Fill a warehouse, create the views in it, twice, and read them."""
    with (
        warehouse(request.param, tmp_path_factory.mktemp("views")) as connection,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(CONNECTION_ENV, connection)
        patch.setenv(CONN_ENV, connection_json(sandbox))
        with SevenTimeHook().get_conn() as client, open_engine(CONNECTION) as engine:
            for resource in TABLES:
                sync_collection(client, engine, SyncJob(resource=resource, mode="full"))
            time_logs = list(
                client.analyse(
                    "timeLogs",
                    {
                        "groupBy": ["month", *WORK, "isAbsence", "isInvoiceable", "isInvoiced", "pricePerHour"],
                        "metrics": ["count", "time", "invoiceableTime", "cost"],
                    },
                )
            )
            invoices = list(
                client.analyse(
                    "invoices",
                    {
                        "groupBy": ["month", "customer", "currencyCode", "invoiceStatus", "isCreditInvoice"],
                        "metrics": ["count", *AMOUNTS.values()],
                    },
                )
            )
        hook = BaseHook.get_connection(CONNECTION).get_hook()
        hook.run(keep_warehouse.view_statements(hook.dialect_name))
        hook.run("CREATE VIEW view_of_a_user AS SELECT user_name, worked_hours FROM seventime_hours")
        hook.run(keep_warehouse.view_statements(hook.dialect_name))
        views = {path.stem: rows(f"SELECT * FROM {path.stem}") for path in MODELS.glob("*.sql")}
        records = {resource: sandbox.records(resource) for resource in TABLES}
        yield Filled(request.param, views, time_logs, invoices, records)


def number(value):
    return Decimal(str(value))


def day(value):
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def swedish(instant):
    return None if instant is None else calendar_date(parse_instant(instant), ZONE)


def month_text(value):
    return f"{day(value):%Y-%m}"


def test_hours_equal_the_analytics(filled):
    expected = defaultdict(lambda: defaultdict(Decimal))
    for row in filled.time_logs:
        sums = expected[row["month"], *(row[name] for name in WORK)]
        hours, invoiceable = number(row["time"]), number(row["invoiceableTime"])
        sums["time_logs"] += row["count"]
        sums["absence_hours" if row["isAbsence"] else "worked_hours"] += hours
        sums["cost"] += number(row["cost"])
        for name in ["invoiceable"] * row["isInvoiceable"] + ["invoiced"] * (
            row["isInvoiceable"] and row["isInvoiced"]
        ):
            sums[f"{name}_hours"] += invoiceable
            sums[f"{name}_amount"] += invoiceable * number(row["pricePerHour"])

    shown = {
        (month_text(row["month"]), row["user_id"], row["customer_id"], row["project_id"]): row
        for row in filled.views["seventime_hours_by_month"]
    }

    assert len(shown) == len(filled.views["seventime_hours_by_month"])
    assert shown.keys() == expected.keys()
    for key, sums in expected.items():
        for name in (*HOURS, "time_logs", "cost"):
            assert number(shown[key][name]) == filled.exactly(sums[name]), (key, name)


def test_hours_have_the_swedish_date_and_names(filled):
    names = {
        resource: {record["_id"]: record["name"] for record in filled.records[resource]}
        for resource in ("customers", "projects", "timeCategories")
    }
    shown = {row["time_log_id"]: row for row in filled.views["seventime_hours"]}

    assert shown.keys() == {record["_id"] for record in filled.records["timeLogs"]}
    for record in filled.records["timeLogs"]:
        row = shown[record["_id"]]
        assert day(row["work_date"]) == swedish(record["timestamp"]), record["timestamp"]
        assert day(row["month"]) == swedish(record["timestamp"]).replace(day=1)
        assert row["user_name"] == record["userName"]
        assert row["customer_name"] == names["customers"].get(record["customer"])
        assert row["project_name"] == names["projects"].get(record["project"])
        assert row["time_category_name"] == names["timeCategories"][record["timeCategory"]]


def test_invoicing_equals_the_analytics(filled):
    expected = defaultdict(lambda: defaultdict(Decimal))
    for row in filled.invoices:
        if row["invoiceStatus"] not in BOOKED:
            continue
        sums = expected[row["month"], row["customer"], row["currencyCode"]]
        credit = row["isCreditInvoice"]
        assert not credit or len({number(row[field]) > 0 for field in ("totalAmount", "totalAmountInclTax")}) == 1
        factor = -1 if credit and number(row["totalAmount"]) > 0 else 1
        sums["invoices"] += row["count"]
        sums["credit_invoices"] += row["count"] * credit
        for name, field in AMOUNTS.items():
            sums[name] += factor * number(row[field])
        sums["gross_paid"] += factor * number(row["totalAmountInclTax"]) * (row["invoiceStatus"] == InvoiceStatus.PAID)

    shown = {
        (month_text(row["month"]), row["customer_id"], row["currency_code"]): row
        for row in filled.views["seventime_invoicing_by_month"]
    }

    assert shown.keys() == expected.keys()
    for key, sums in expected.items():
        for name in ("invoices", "credit_invoices", *AMOUNTS, "gross_paid"):
            assert number(shown[key][name]) == filled.exactly(sums[name]), (key, name)


def test_an_invoice_has_its_dates_and_the_name_of_its_status(filled):
    names = {status.value: status.name.lower() for status in InvoiceStatus}
    shown = {row["invoice_id"]: row for row in filled.views["seventime_invoicing"]}

    assert shown.keys() == {record["_id"] for record in filled.records["invoices"]}
    for record in filled.records["invoices"]:
        row = shown[record["_id"]]
        assert row["status_name"] == names.get(record["invoiceStatus"], "unknown")
        assert day(row["invoice_date"]) == swedish(record["invoiceDate"])
        assert day(row["due_date"]) == swedish(record["dueDate"])
        assert day(row["payment_date"]) == swedish(record["paymentDate"])


def test_credit_invoices_are_negative_whatever_their_sign(filled):
    shown = {row["invoice_id"]: row for row in filled.views["seventime_invoicing"]}
    credit_invoices = [record for record in filled.records["invoices"] if record["isCreditInvoice"]]

    assert {number(record["totalAmount"]) > 0 for record in credit_invoices} == {True, False}
    for record in credit_invoices:
        for name, field in AMOUNTS.items():
            assert abs(number(shown[record["_id"]][name])) == abs(number(record[field]))
        assert number(shown[record["_id"]]["gross"]) < 0


def test_the_house_deduction_is_subtracted_from_to_pay(filled):
    shown = {row["invoice_id"]: row for row in filled.views["seventime_invoicing"]}

    assert number(shown["rot-whole"]["to_pay"]) == number(shown["rot-reduced"]["to_pay"]) == 950
    assert number(shown["rot-credit"]["to_pay"]) == -950
    seeded = next(record for record in filled.records["invoices"] if record["invoiceNumber"] == "24484")
    assert number(shown[seeded["_id"]]["to_pay"]) == 22963 - 3570


def test_receivables_are_the_sent_invoices_by_age(filled):
    shown = {row["invoice_id"]: row for row in filled.views["seventime_receivables"]}
    sent = [record for record in filled.records["invoices"] if record["invoiceStatus"] == InvoiceStatus.SENT]

    assert shown.keys() == {record["_id"] for record in sent}
    (as_of,) = {day(row["as_of"]) for row in shown.values()}
    assert abs(as_of - swedish(format_instant(datetime.now(UTC)))) <= timedelta(days=1)
    for record in sent:
        row, due = shown[record["_id"]], swedish(record["dueDate"])
        assert day(row["due_date"]) == due
        assert row["days_overdue"] == (None if due is None else (as_of - due).days)
        assert row["age_band"] == age_band(row["days_overdue"])
    assert {row["age_band"] for row in shown.values()} == {*(name for _, name in BANDS), "over 90", "no due date"}


def age_band(days_overdue):
    if days_overdue is None:
        return "no due date"
    return next((name for last, name in BANDS if days_overdue <= last), "over 90")


def test_unpaid_invoices_by_status(filled):
    invoicing = filled.views["seventime_invoicing"]
    due = {row["invoice_id"]: (row["days_overdue"] or 0) > 0 for row in filled.views["seventime_receivables"]}
    expected = defaultdict(lambda: defaultdict(Decimal))
    for row in invoicing:
        if row["status_name"] not in ("paid", "obliterated"):
            sums = expected[row["status_name"], row["currency_code"]]
            sums["invoices"] += 1
            sums["gross"] += number(row["gross"])
            sums["to_pay"] += number(row["to_pay"])
            sums["past_due"] += number(row["to_pay"]) * due.get(row["invoice_id"], False)

    shown = {(row["status_name"], row["currency_code"]): row for row in filled.views["seventime_unpaid"]}

    assert {"draft", "sent", "customer_loss", "unknown"} == {status for status, _ in shown}
    assert shown.keys() == expected.keys()
    for key, sums in expected.items():
        for name in ("invoices", "gross", "to_pay", "past_due"):
            assert number(shown[key][name]) == sums[name], (key, name)


def test_the_dbt_project_describes_the_existing_tables_and_views(filled):
    sources, schema = (yaml.safe_load((MODELS / name).read_text()) for name in ("sources.yml", "schema.yml"))

    tables = {table["name"]: table["identifier"] for table in sources["sources"][0]["tables"]}
    assert tables == {name: f"seventime_{name}" for name in tables}
    models = {model["name"]: model for model in schema["models"]}
    assert models.keys() == filled.views.keys()
    for name, model in models.items():
        assert {column["name"] for column in model["columns"]} <= filled.views[name][0].keys()
