"""InvoicesToSieOperator: the file, the result and the log."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime import __version__
from airflow_provider_seventime.accounting.sie_reader import read_sie

COMPANY = {"company_name": "Åkessons Bygg & Öl AB", "organization_number": "556677-8899"}
WHOLE_FILE = f"""\
#FLAGGA 0
#FORMAT PC8
#SIETYP 4
#PROGRAM "airflow-provider-seventime" "{__version__}"
#GEN {{today}}
#FNAMN "Åkessons Bygg & Öl AB"
#ORGNR 556677-8899
#RAR 0 20260101 20261231
#KPTYP EUBAS97
#KONTO 1510 "Kundfordringar"
#KONTO 2611 "Utgående moms på försäljning inom Sverige, 25 %"
#KONTO 3001 "Försäljning inom Sverige, 25 % moms"
#KONTO 3740 "Öres- och kronutjämning"
#VER "" "" 20260101 "Faktura 24481 EURco 'Städ' & Sörensen" {{today}}
{{{{
#TRANS 1510 {{{{}}}} 659.00 20260101 "Faktura 24481 EURco 'Städ' & Sörensen"
#TRANS 2611 {{{{}}}} -131.75 20260101 "Faktura 24481 EURco 'Städ' & Sörensen"
#TRANS 3001 {{{{}}}} -527.00 20260101 "Faktura 24481 EURco 'Städ' & Sörensen"
#TRANS 3740 {{{{}}}} -0.25 20260101 "Faktura 24481 EURco 'Städ' & Sörensen"
}}}}
#VER "" "" 20260131 "Faktura 24482 Västra Kvarnen AB" {{today}}
{{{{
#TRANS 1510 {{{{}}}} 1250.00 20260131 "Faktura 24482 Västra Kvarnen AB"
#TRANS 2611 {{{{}}}} -250.00 20260131 "Faktura 24482 Västra Kvarnen AB"
#TRANS 3001 {{{{}}}} -1000.00 20260131 "Faktura 24482 Västra Kvarnen AB"
}}}}
"""


def today():
    return datetime.now(ZoneInfo("Europe/Stockholm")).date()


def vouchers_in(path):
    return read_sie(path.read_bytes()).vouchers


def numbers_in(path):
    return [voucher.text.split()[1] for voucher in vouchers_in(path)]


def test_the_whole_file(load_invoice, export, path):
    load_invoice("24482", "2026-01-31T22:59:59.999Z", invoiceStatus=3)
    load_invoice(
        "24481",
        "2025-12-31T23:00:00.000Z",
        customerName='€co "Städ" & Sørensen',
        totalAmount=Decimal(527),
        totalTaxAmount=Decimal("131.75"),
        totalAmountRounding=Decimal("0.25"),
        totalAmountInclTax=Decimal(659),
        invoiceItems=[{"itemType": "general", "totalAmount": Decimal(527), "taxPercent": 25}],
    )
    days = {today()}

    export(**COMPANY)

    days.add(today())  # it might be midnight
    text = {WHOLE_FILE.format(today=f"{day:%Y%m%d}").replace("\n", "\r\n").encode("cp437") for day in days}
    assert path.read_bytes() in text


def test_the_result(load_invoice, export, path):
    load_invoice("24481")
    load_invoice("24482", invoiceStatus=3)
    load_invoice("24483", invoiceStatus=4)
    load_invoice("24484", invoiceStatus=7)
    load_invoice("", invoiceStatus=1)
    zero = {"totalAmount": 0, "totalTaxAmount": 0, "totalAmountInclTax": 0}
    load_invoice("24485", **zero, invoiceItems=[{"itemType": "general", "totalAmount": 0, "taxPercent": 25}])

    result = export()

    assert result == {
        "path": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "vouchers": 3,
        "totals": {
            "net": "3000.00",
            "vat": "750.00",
            "rounding": "0.00",
            "receivable": "3750.00",
            "house_deduction": "0.00",
        },
        "from_date": "2026-01-01",
        "to_date": "2026-01-31",
        "drafts": 1,
        "obliterated": ["24483"],
        "zero_amounts": ["24485"],
        "customer_losses": ["24484"],
        "requests_made": 2,
        "waited_seconds": result["waited_seconds"],
        "rejections": 0,
    }
    assert json.loads(json.dumps(result)) == result
    assert numbers_in(path) == ["24481", "24482", "24484"]


def test_invoices_that_are_not_booked_are_logged(load_invoice, export, logs):
    load_invoice("24483", invoiceStatus=4)
    load_invoice("24486", invoiceStatus=4)

    export()

    assert "invoices not booked because obliterated: ['24483', '24486']" in logs


def test_a_period_without_invoices(export, path, logs):
    result = export()

    assert (result["vouchers"], result["totals"]["receivable"]) == (0, "0.00")
    assert vouchers_in(path) == ()
    assert "no invoice to book from 2026-01-01 to 2026-01-31" in logs


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        pytest.param("2025-12-31T22:59:59.999Z", None, id="last-of-december"),
        pytest.param("2025-12-31T23:00:00.000Z", "01", id="first-of-january"),
        pytest.param("2026-01-31T22:59:00.000Z", "01", id="last-of-january"),
        pytest.param("2026-01-31T23:00:00.000Z", "02", id="first-of-february"),
        pytest.param("2026-02-28T22:59:00.000Z", "02", id="last-of-february"),
        pytest.param("2026-02-28T23:00:00.000Z", None, id="first-of-march"),
    ],
)
def test_an_invoice_belongs_to_the_month_of_its_swedish_date(load_invoice, export, path, instant, month):
    load_invoice("24481", instant)

    january = export()["vouchers"]
    february = export(from_date="2026-02-01", to_date="2026-02-28")["vouchers"]

    assert (january, february) == (int(month == "01"), int(month == "02"))


def test_the_apis_filter_selects_more_than_the_period(sandbox, export):
    """The filter selects a day more on each side, because its limits are not documented."""
    export()

    (query,) = [entry["query"] for entry in sandbox.journal() if entry["path"] == "/api/2/invoices"]
    assert "fromInvoiceDate=2025-12-31&toInvoiceDate=2026-02-01&" in query


def test_summer_time(load_invoice, export, path):
    load_invoice("1", "2026-03-31T21:59:59.999Z")
    load_invoice("2", "2026-03-31T22:00:00.000Z")

    export(from_date="2026-04-01", to_date="2026-04-01")

    assert numbers_in(path) == ["2"]


def test_another_time_zone_changes_the_dates(load_invoice, export, connect, path):
    load_invoice("24481", "2026-01-31T22:30:00.000Z")
    connect(extra={"timezone": "Europe/Helsinki", "pacing": "process", "requests_per_second": 1000})

    assert export()["vouchers"] == 0
    assert export(from_date="2026-02-01", to_date="2026-02-01")["vouchers"] == 1


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda day: day, id="date"),
        pytest.param(lambda day: f" {day} ", id="text-with-blanks"),
        pytest.param(lambda day: datetime(day.year, day.month, day.day, 12, tzinfo=UTC), id="aware-datetime"),
        pytest.param(lambda day: f"{day}T12:00:00+00:00", id="iso-text"),
    ],
)
def test_forms_of_a_date(load_invoice, export, form):
    load_invoice("24481", "2026-01-14T23:00:00.000Z")

    result = export(from_date=form(date(2026, 1, 15)), to_date=form(date(2026, 1, 15)))

    assert (result["from_date"], result["to_date"], result["vouchers"]) == ("2026-01-15", "2026-01-15", 1)


def test_the_same_day_gives_the_same_bytes(load_invoice, export, path):
    for number in ("24482", "24481", "9999"):
        load_invoice(number)
    first = export()
    content = path.read_bytes()
    path.unlink()

    second = export()

    assert path.read_bytes() == content
    assert second == {**first, "waited_seconds": second["waited_seconds"]}


def test_a_file_of_an_earlier_try_is_replaced(load_invoice, export, path):
    path.parent.mkdir()
    path.write_bytes(b"old")
    load_invoice("24481")

    export(path=f"file://{path}")

    assert numbers_in(path) == ["24481"]
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_it_reads_every_page(load_invoice, export, connect, path):
    connect(extra={"page_size": 2, "pacing": "process", "requests_per_second": 1000})
    for number in range(1, 8):
        load_invoice(str(number))

    assert export()["vouchers"] == 7
    assert numbers_in(path) == list("1234567")


def test_the_file_has_the_totals_of_the_seeded_invoices(sandbox, export, path):
    result = export(from_date="2026-04-01", to_date="2026-09-30")

    booked = [one for one in sandbox.records("invoices") if one["invoiceStatus"] in (2, 3)]
    owed = sum(Decimal(one["totalAmountInclTax"]) for one in booked)
    assert result["vouchers"] == len(booked) == len(vouchers_in(path))
    assert Decimal(result["totals"]["receivable"]) + Decimal(result["totals"]["house_deduction"]) == owed
    assert all(sum(row.amount for row in voucher.rows) == 0 for voucher in vouchers_in(path))
