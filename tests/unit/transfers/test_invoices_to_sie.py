"""InvoicesToSieOperator: the file that is written, and what is said about it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime import __version__
from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator

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


def test_what_is_handed_on(load_invoice, export, path):
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
    }
    assert json.loads(json.dumps(result)) == result
    assert numbers_in(path) == ["24481", "24482", "24484"]


def test_numbers_that_are_missing_from_the_books_are_logged(load_invoice, export, logs):
    load_invoice("24483", invoiceStatus=4)
    load_invoice("24486", invoiceStatus=4)

    export()

    assert "Not booked because obliterated: ['24483', '24486']" in logs


def test_a_period_without_invoices(export, path, logs):
    result = export()

    assert (result["vouchers"], result["totals"]["receivable"]) == (0, "0.00")
    assert vouchers_in(path) == ()
    assert "There is no invoice to book from 2026-01-01 to 2026-01-31" in logs


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


def test_summer_time(load_invoice, export, path):
    load_invoice("1", "2026-03-31T21:59:59.999Z")
    load_invoice("2", "2026-03-31T22:00:00.000Z")

    export(from_date="2026-04-01", to_date="2026-04-01")

    assert numbers_in(path) == ["2"]


def test_another_time_zone_moves_the_dates(load_invoice, export, connect, path):
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


def test_the_company_is_asked_of_the_api(sandbox, load_invoice, export, path):
    load_invoice("24481")
    (company,) = sandbox.records("companyInformation")

    export()

    text = path.read_bytes().decode("cp437")
    assert f'#FNAMN "{company["name"]}"' in text
    assert f"#ORGNR {company['organizationNumber']}" in text


def test_a_company_of_ones_own_is_not_asked_for(load_invoice, export, requests_made):
    load_invoice("24481")

    export(**COMPANY)

    assert requests_made() == ["GET /api/2/invoices"]


def test_half_a_company_is_made_whole_by_the_api(sandbox, load_invoice, export, path):
    load_invoice("24481")
    (company,) = sandbox.records("companyInformation")

    export(company_name="Åkessons Bygg & Öl AB")

    text = path.read_bytes().decode("cp437")
    assert '#FNAMN "Åkessons Bygg & Öl AB"' in text
    assert f"#ORGNR {company['organizationNumber']}" in text


ROLES = {role: str(9001 + place) for place, role in enumerate(Chart().__dataclass_fields__)}


def test_every_account_is_configurable(load_invoice, export, path):
    rates = [(100, 25), (200, 12), (300, 6), (400, 0)]
    load_invoice(
        "1",
        multipleTaxesOnRows=True,
        totalAmount=1000,
        totalTaxAmount=Decimal(67),
        totalAmountRounding=Decimal("0.40"),
        totalAmountInclTax=Decimal("1067.40"),
        invoiceItems=[{"itemType": "general", "totalAmount": net, "taxPercent": rate} for net, rate in rates],
    )
    load_invoice("2", invoiceType=1, houseDeductionAmount=Decimal(300), totalAmountInclTax=Decimal(1250))
    load_invoice("3", invoiceType=3, taxPercent=0, totalTaxAmount=0, totalAmountInclTax=1000)

    export(accounts=ROLES)

    used = {row.account for voucher in vouchers_in(path) for row in voucher.rows}
    assert used == set(ROLES.values())


def test_one_account_may_differ(load_invoice, export, path):
    load_invoice("24481")

    export(accounts={"sales_25": 3041})

    assert {row.account for row in vouchers_in(path)[0].rows} == {"1510", "2611", "3041"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param({"series": "FAKT"}, '#VER "FAKT" ""', id="series"),
        pytest.param({"series": None}, '#VER "" ""', id="series-rendered-natively-to-none"),
        pytest.param({"checksum": True}, "#KSUMMA", id="checksum"),
        pytest.param({"fiscal_year_first_month": 7}, "#RAR 0 20250701 20260630", id="broken-year"),
        pytest.param({"fiscal_year": ("2025-09-01", "2026-08-31")}, "#RAR 0 20250901 20260831", id="year"),
        pytest.param(
            {"fiscal_year": [date(2026, 1, 1), date(2027, 6, 30)]}, "#RAR 0 20260101 20270630", id="long-year"
        ),
    ],
)
def test_settings_of_the_file(load_invoice, export, path, arguments, line):
    load_invoice("24481")

    export(**arguments)

    assert line in path.read_bytes().decode("cp437")


def test_a_wider_tolerance(load_invoice, export):
    load_invoice("24481", totalAmountInclTax=Decimal(1253))

    assert export(tolerance="5.00")["totals"]["rounding"] == "3.00"


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


def test_templates(load_invoice, context, path):
    load_invoice("24481")
    operator = InvoicesToSieOperator(
        task_id="export",
        path=f"{path.parent}/FAKT-{{{{ params.month }}}}.SI",
        from_date="{{ params.month }}-01",
        to_date="{{ params.month }}-31",
        accounts={"sales_25": "{{ params.account }}"},
        series="{{ params.series }}",
        company_name="{{ params.name }}",
        organization_number="{{ params.number }}",
        fiscal_year=["{{ params.month }}-01", "2026-12-31"],
    )
    rendering = {
        **context(),
        "params": {
            "month": "2026-01",
            "account": 3041,
            "series": "B",
            "name": COMPANY["company_name"],
            "number": COMPANY["organization_number"],
        },
    }

    operator.render_template_fields(rendering)
    result = operator.execute(rendering)

    text = (path.parent / "FAKT-2026-01.SI").read_bytes().decode("cp437")
    assert result["vouchers"] == 1
    for part in ("#RAR 0 20260101 20261231", "#TRANS 3041 {} -1000.00", "556677-8899", "Åkessons"):
        assert part in text


def test_it_reads_every_page(load_invoice, export, connect, path):
    connect(extra={"page_size": 2, "pacing": "process", "requests_per_second": 1000})
    for number in range(1, 8):
        load_invoice(str(number))

    assert export()["vouchers"] == 7
    assert numbers_in(path) == list("1234567")


def test_the_books_agree_with_the_seeded_invoices(sandbox, export, path):
    result = export(from_date="2026-04-01", to_date="2026-09-30")

    booked = [one for one in sandbox.records("invoices") if one["invoiceStatus"] in (2, 3)]
    owed = sum(Decimal(one["totalAmountInclTax"]) for one in booked)
    assert result["vouchers"] == len(booked) == len(vouchers_in(path))
    assert Decimal(result["totals"]["receivable"]) + Decimal(result["totals"]["house_deduction"]) == owed
    assert all(sum(row.amount for row in voucher.rows) == 0 for voucher in vouchers_in(path))
