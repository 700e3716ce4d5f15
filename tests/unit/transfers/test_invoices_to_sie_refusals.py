"""InvoicesToSieOperator: refused invoices and parameters. The error names each, and no file is written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_seventime.exceptions import BookingError, ServerError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError

OLD = b"the file of last month's export"


@pytest.fixture(params=[False, True], ids=["no-file-yet", "old-file-there"])
def untouched(request, path):
    """Return whether the file is unchanged: absent, or an old one."""
    if request.param:
        path.parent.mkdir()
        path.write_bytes(OLD)

    def as_before():
        there = [one.name for one in path.parent.iterdir()] if path.parent.exists() else []
        return there == ([path.name] if request.param else []) and (not request.param or path.read_bytes() == OLD)

    return as_before


@pytest.fixture
def refusal(export, untouched):
    """Run an export that must fail, check that no file was changed, and return the error's text."""

    def refused(**arguments):
        with pytest.raises(PermanentTaskError) as caught:
            export(**arguments)
        assert untouched()
        return str(caught.value)

    return refused


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"totalAmountInclTax": Decimal(1300)}, "is 1300.00", id="total-that-does-not-add-up"),
        pytest.param({"totalAmount": Decimal(1200)}, "= 1450.00", id="rows-that-do-not-add-up"),
        pytest.param({"invoiceItems": []}, "has no rows", id="no-rows"),
        pytest.param({"invoiceStatus": 5}, "invoiceStatus is 5", id="undocumented-status"),
        pytest.param({"totalAmount": "ettusen"}, "totalAmount", id="amount-that-is-none"),
        pytest.param({"taxPercent": 24}, "24", id="tax-percent"),
        pytest.param({"currencyCode": "EUR", "currencyRate": 0}, "currencyRate", id="currency-without-a-rate"),
        pytest.param({"customerName": 'a\nb"c{d}e\\f', "totalTaxAmount": 99}, "99", id="name-with-signs"),
    ],
)
def test_an_invoice_that_cannot_be_booked(load_invoice, refusal, fields, reason):
    load_invoice("24480")
    record_id = load_invoice("24481", **fields)

    text = refusal()

    assert text.startswith("1 invoice(s) cannot be booked, so no file was written:\n")
    assert f"24481 (_id {record_id})" in text
    assert reason in text
    assert "24480" not in text


def test_every_invoice_that_cannot_be_booked_is_named(load_invoice, export, untouched):
    ids = [load_invoice(str(number), invoiceItems=[]) for number in (1, 2, 3)]
    load_invoice("4")

    with pytest.raises(PermanentTaskError, match=r"^3 invoice\(s\) cannot be booked") as caught:
        export()

    assert isinstance(caught.value.__cause__, BookingError)
    assert all(record_id in str(caught.value) for record_id in ids)
    assert untouched()


def test_an_invoice_without_a_number_is_named_by_its_id(load_invoice, refusal):
    record_id = load_invoice("")

    assert f"_id {record_id}" in refusal()


def test_two_invoices_of_one_number(load_invoice, refusal):
    ids = [load_invoice("24481"), load_invoice("24481")]

    text = refusal()

    assert "another invoice has the same number" in text
    assert any(record_id in text for record_id in ids)


def test_an_invalid_invoice_outside_the_period_is_ignored(load_invoice, export):
    load_invoice("1", "2026-02-01T23:00:00.000Z", invoiceItems=[])
    load_invoice("2")

    assert export()["vouchers"] == 1


def test_strict_characters_name_the_invoice_with_other_characters(load_invoice, refusal):
    load_invoice("24481", customerName="Łódź Sp. z o.o.")

    text = refusal(strict_characters=True)

    assert "24481" in text
    assert "Ł" in text


WRONG_PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "over-new-year": ({"from_date": "2025-12-01"}, "is not within the fiscal year 2025-01-01 to 2025-12-31"),
    "over-the-end-of-a-broken-year": (
        {"from_date": "2026-06-30", "to_date": "2026-07-01", "fiscal_year_first_month": 7},
        "is not within the fiscal year 2025-07-01 to 2026-06-30",
    ),
    "before-a-given-year": ({"fiscal_year": ("2026-01-02", "2026-12-31")}, "is not within the fiscal year"),
    "year-backwards": ({"fiscal_year": ("2026-12-31", "2026-01-01")}, "is before its start"),
    "year-too-long": ({"fiscal_year": ("2025-01-01", "2027-12-31")}, "longer than the 18 months"),
    "year-as-text": ({"fiscal_year": "2026"}, "must be two dates"),
    "half-a-year": ({"fiscal_year": ["2026-01-01"]}, "must be two dates"),
    "year-rendered-to-none": ({"fiscal_year": ["2026-01-01", "None"]}, "fiscal_year is empty"),
    "month-13": ({"fiscal_year_first_month": 13}, "13 is not a month"),
    "backwards": ({"from_date": "2026-02-01"}, "from_date 2026-02-01 is after to_date 2026-01-31"),
    "date-rendered-to-nothing": ({"from_date": ""}, "from_date is empty"),
    "date-rendered-to-none": ({"to_date": "None"}, "to_date is empty"),
    "date-none": ({"to_date": None}, "to_date is empty"),
    "no-date": ({"to_date": "31/1 2026"}, "to_date: '31/1 2026' is no date"),
    "date-that-is-not": ({"to_date": "2026-02-30"}, "to_date: '2026-02-30' is no date"),
    "unknown-role": ({"accounts": {"sales25": 3041}}, "sales_25"),
    "account-rendered-to-none": ({"accounts": {"sales_25": "None"}}, "sales_25"),
    "account-too-short": ({"accounts": {"sales_25": 12}}, "sales_25"),
    "accounts-as-text": ({"accounts": "{'sales_25': 3041}"}, "accounts: must be a dict"),
    "series-with-a-blank": ({"series": "A B"}, "series: 'A B'"),
    "series-rendered-to-none": ({"series": "None"}, "series is empty"),
    "name-rendered-to-none": ({"company_name": "None"}, "company_name is empty"),
    "number-rendered-to-none": ({"organization_number": "None"}, "organization_number is empty"),
    "check-digit": (
        {"organization_number": "556677-8890"},
        "organization_number: '556677-8890' has a wrong check digit",
    ),
    "no-organization-number": ({"organization_number": "12"}, "organization_number: '12'"),
    "no-tolerance": ({"tolerance": "en krona"}, "tolerance: 'en krona' is not an amount"),
    "negative-tolerance": ({"tolerance": "-1"}, "tolerance: '-1' must be zero or more"),
    "tolerance-not-a-number": ({"tolerance": "NaN"}, "tolerance: 'NaN'"),
}


def test_wrong_parameters(load_invoice, refusal, subtests):
    load_invoice("24481")
    for case, (arguments, message) in WRONG_PARAMETERS.items():
        with subtests.test(case):
            assert message in refusal(**arguments)


@pytest.mark.parametrize("wrong", ["FAKT.SI", "books/FAKT.SI", "", "None", "/srv/books/", "nowhere://x/FAKT.SI"])
def test_an_invalid_path_is_refused_before_any_request(export, requests_made, wrong):
    with pytest.raises(PermanentTaskError, match=r"^path(: | is empty)"):
        export(path=wrong)

    assert requests_made() == []


@pytest.mark.parametrize("field", ["name", "organizationNumber"])
def test_a_company_without_name_or_number_is_refused(sandbox, refusal, field):
    (company,) = sandbox.records("companyInformation")
    sandbox.load({"companyInformation": [{**company, field: ""}]})
    parameter = {"name": "company_name", "organizationNumber": "organization_number"}[field]

    assert refusal().startswith(f"{parameter}: the API's companyInformation has none; give it as a parameter")


@pytest.mark.parametrize("collection", ["companyInformation", "invoices"])
def test_a_refused_key_ends_the_task(sandbox, refusal, collection):
    sandbox.set_faults([{"kind": "status", "status": 401, "collection": collection}])

    assert "Check the API key" in refusal()


def test_a_transient_failure_fails_the_try(sandbox, export, load_invoice, untouched):
    load_invoice("24481")
    sandbox.set_faults([{"kind": "status", "status": 503, "collection": "invoices", "times": None}])

    with pytest.raises(ServerError) as caught:
        export()

    assert not isinstance(caught.value, AirflowFailException)
    assert untouched()


def test_a_request_that_fails_once_is_repeated(sandbox, export, load_invoice):
    load_invoice("24481")
    sandbox.set_faults([{"kind": kind, "collection": "invoices"} for kind in ("reset", "html", "cut_json")])

    assert export()["vouchers"] == 1


def test_a_folder_without_write_permission(load_invoice, refusal, tmp_path):
    load_invoice("24480")
    (tmp_path / "a file").write_text("")

    text = refusal(path=f"{tmp_path}/a file/FAKT.SI")

    assert " ".join(text.split()).startswith(f"path: {tmp_path}/a file/FAKT.SI cannot be written: ")
    assert "Existing files are unchanged" in text
