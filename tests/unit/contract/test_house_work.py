"""ROT, RUT, tax percents and rows of sales invoices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.codes import ROT_WORK, RUT_WORK, HouseWorkType

# The vendor's table "Available type of work for ROT/RUT invoices".
ROT_CODES = (1, 2, 3, 4, 5, 6, 7, 20, 21)
RUT_CODES = (9, 10, 12, 13, 14, 15, 18, 19, 22)


@pytest.fixture
def invoice(complete):
    """Build an invoice of one type with one row of a type of work."""

    def made(invoice_type, *works):
        record = complete("invoices") | {"invoiceType": invoice_type}
        record["invoiceItems"] = [
            {"itemType": "general"} | ({} if work is None else {"houseWorkTypeOfWork": work}) for work in works
        ]
        return record

    return made


def test_the_codes_are_those_of_the_table():
    assert set(ROT_CODES) == ROT_WORK
    assert set(RUT_CODES) == RUT_WORK
    assert set(HouseWorkType) == ROT_WORK | RUT_WORK | {0}


@pytest.mark.parametrize(
    ("invoice_type", "works"),
    [(1, ROT_CODES), ("rot", ROT_CODES), (2, RUT_CODES), ("RUT", RUT_CODES), (0, ROT_CODES + RUT_CODES), (3, (1, 9))],
    ids=str,
)
def test_work_of_the_invoices_type_is_accepted(check, invoice, invoice_type, works):
    check("invoices", invoice(invoice_type, None, 0, *works))


@pytest.mark.parametrize("work", RUT_CODES)
def test_rut_work_on_a_rot_invoice_is_refused(problems, invoice, work):
    assert problems("invoices", invoice(1, 0, work)) == (
        f"invoiceItems[1].houseWorkTypeOfWork: {work} is not ROT work",
    )


@pytest.mark.parametrize("work", [*ROT_CODES, "painting", "6"])
def test_rot_work_on_a_rut_invoice_is_refused(problems, invoice, work):
    assert problems("invoices", invoice("rut", work)) == (
        f"invoiceItems[0].houseWorkTypeOfWork: {work} is not RUT work",
    )


@pytest.mark.parametrize("work", [8, 11, 16, 17, 23, -1, "roofing"])
def test_a_type_of_work_that_is_not_in_the_table_is_refused(problems, invoice, work):
    (problem,) = problems("invoices", invoice(1, work))
    assert problem.startswith(f"invoiceItems[0].houseWorkTypeOfWork: '{work}' is not one of 0 (none), 1 (construction)")


@pytest.mark.parametrize("invoice_type", [1, 2])
def test_a_deduction_requires_house_properties(problems, invoice, invoice_type):
    record = invoice(invoice_type, None)
    del record["houseProperties"]
    assert problems("invoices", record) == ("houseProperties: required when invoiceType is 1 (ROT) or 2 (RUT)",)


def test_an_update_to_rot_requires_house_properties(complete, problems):
    record = complete("invoices", "update") | {"invoiceType": "rot"}
    (problem,) = problems("invoices", record, "update")
    assert problem.startswith("houseProperties: required when invoiceType is ")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"typeOfProperty": 1}, ["propertyDescription"]),
        ({"typeOfProperty": "detached", "propertyDescription": ""}, ["propertyDescription"]),
        ({"typeOfProperty": 2}, ["housingSocietyNumber", "apartmentNumber"]),
        ({"typeOfProperty": "condominium", "apartmentNumber": "1203"}, ["housingSocietyNumber"]),
        ({"propertyDescription": "Karup 4:12"}, ["typeOfProperty"]),
        ({}, ["typeOfProperty"]),
    ],
    ids=["detached", "detached, empty", "condominium", "condominium, half", "no type", "empty"],
)
def test_each_type_of_property_requires_its_fields(problems, invoice, given, missing):
    found = problems("invoices", invoice(1, None) | {"houseProperties": given})
    assert [problem.partition(": required")[0] for problem in found] == [f"houseProperties.{name}" for name in missing]


@pytest.mark.parametrize("given", [0, 6, 12, 25, "25", "6.0", 12.0, Decimal("25.00")], ids=repr)
def test_the_four_tax_percents_are_accepted_on_invoice_and_row(complete, check, given):
    record = complete("invoices") | {"taxPercent": given}
    record["invoiceItems"][0]["taxPercent"] = given
    checked = check("invoices", record)
    assert checked["taxPercent"] == checked["invoiceItems"][0]["taxPercent"] == Decimal(str(given))


@pytest.mark.parametrize("given", [1, 20, 25.5, "0.25", -6], ids=repr)
def test_any_other_tax_percent_is_refused_on_invoice_and_row(complete, problems, given):
    record = complete("invoices") | {"taxPercent": given}
    record["invoiceItems"][0]["taxPercent"] = given
    said = f"taxPercent: must be one of 0, 6, 12, 25 (percent), not {given}"
    assert set(problems("invoices", record)) == {said, f"invoiceItems[0].{said}"}


def test_a_supplier_invoice_may_have_any_tax_percent(complete, check):
    checked = check("supplierInvoices", complete("supplierInvoices") | {"taxPercent": "24"})
    assert checked["taxPercent"] == 24


class TestRows:
    def test_an_empty_list_of_rows_is_refused(self, complete, problems):
        assert problems("invoices", complete("invoices") | {"invoiceItems": []}) == (
            "invoiceItems: has no rows; leave the field out to create an invoice without rows",
        )

    def test_an_invoice_may_have_no_rows_field(self, complete, check):
        record = complete("invoices")
        del record["invoiceItems"]
        assert "invoiceItems" not in check("invoices", record)

    def test_an_update_may_remove_all_rows(self, complete, check):
        assert check("invoices", complete("invoices", "update"), "update")["invoiceItems"] == []

    @pytest.mark.parametrize("item_type", ["invoice", "", None, "expenses", 5], ids=repr)
    def test_a_row_of_an_unknown_type_is_refused(self, complete, problems, item_type):
        record = complete("invoices") | {"invoiceItems": [{"itemType": item_type}]}
        (problem,) = problems("invoices", record)
        assert problem.startswith("invoiceItems[0].itemType: ")

    def test_a_foreign_currency_on_a_supplier_invoice_requires_its_rate(self, complete, problems, check):
        record = complete("supplierInvoices") | {"currencyCode": "EUR"}
        check("supplierInvoices", record)
        del record["currencyRate"]
        assert problems("supplierInvoices", record) == ("currencyRate: required when currencyCode is not SEK",)

    @pytest.mark.parametrize("code", ["SEK", "sek", " SEK "])
    def test_swedish_currency_requires_no_rate(self, complete, check, code):
        record = complete("supplierInvoices") | {"currencyCode": code}
        del record["currencyRate"]
        check("supplierInvoices", record)
