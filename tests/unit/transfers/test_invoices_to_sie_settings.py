"""InvoicesToSieOperator: company, accounts, fiscal year and the file's other settings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator

COMPANY = {"company_name": "Åkessons Bygg & Öl AB", "organization_number": "556677-8899"}
ROLES = {role: str(9001 + place) for place, role in enumerate(Chart().__dataclass_fields__)}


def accounts_in(path):
    return {row.account for voucher in read_sie(path.read_bytes()).vouchers for row in voucher.rows}


def test_the_company_is_read_from_the_api(sandbox, load_invoice, export, path):
    load_invoice("24481")
    (company,) = sandbox.records("companyInformation")

    export()

    text = path.read_bytes().decode("cp437")
    assert f'#FNAMN "{company["name"]}"' in text
    assert f"#ORGNR {company['organizationNumber']}" in text


def test_a_given_company_is_not_read_from_the_api(load_invoice, export, requests_made):
    load_invoice("24481")

    export(**COMPANY)

    assert requests_made() == ["GET /api/2/invoices"]


def test_a_missing_name_or_number_is_read_from_the_api(sandbox, load_invoice, export, path):
    load_invoice("24481")
    (company,) = sandbox.records("companyInformation")

    export(company_name="Åkessons Bygg & Öl AB")

    text = path.read_bytes().decode("cp437")
    assert '#FNAMN "Åkessons Bygg & Öl AB"' in text
    assert f"#ORGNR {company['organizationNumber']}" in text


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

    assert accounts_in(path) == set(ROLES.values())


def test_one_account_may_differ(load_invoice, export, path):
    load_invoice("24481")

    export(accounts={"sales_25": 3041})

    assert accounts_in(path) == {"1510", "2611", "3041"}


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
    rendering: Any = {
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
