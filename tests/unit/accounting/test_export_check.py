"""The check of an export: it accepts every file that the export writes, and names each difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.export_check import check_export
from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.accounting.vouchers import book_invoices
from airflow_provider_seventime.exceptions import BookingError

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def export(zone, write):
    """Book and write invoices, and return the file's content."""

    def exported(*invoices, accounts=None):
        chart = Chart.from_mapping(accounts)
        content = write(book_invoices(invoices, chart, zone).vouchers, account_names=chart.account_names())
        return read_sie(content)

    return exported


@pytest.fixture
def check(zone):
    def checked(books, *invoices, **options):
        return check_export(books, invoices, zone, *MARCH, **options)

    return checked


ROT = {"invoiceType": 1, "houseDeductionAmount": 300}


@pytest.mark.parametrize(
    ("amounts", "fields", "vouchers", "receivable"),
    [
        pytest.param((100, 25, 125), {}, 1, "125.00", id="plain"),
        pytest.param((100, 25, 125), {"currencyCode": "EUR", "currencyRate": "11.25"}, 1, "1406.25", id="eur"),
        pytest.param((0, 0, 0), {}, 0, "0.00", id="all-zero"),
        pytest.param((1000, 250, 950), ROT, 1, "1250.00", id="rot-after-deduction"),
        pytest.param((1000, 250, 1250), ROT, 1, "1250.00", id="rot-before-deduction"),
        pytest.param(("4467.750", "1116.938", "5584.688"), {}, 1, "5584.69", id="three-decimals"),
        pytest.param((100, 25, 125), {"isCreditInvoice": None}, 1, "125.00", id="no-isCreditInvoice"),
        pytest.param((100, 25, 125), {"isCreditInvoice": True}, 1, "-125.00", id="credit"),
        pytest.param((-100, -25, -125), {"isCreditInvoice": True}, 1, "-125.00", id="negative-credit"),
        pytest.param((100, 0, 100), {"invoiceType": 3, "taxPercent": 0}, 1, "100.00", id="construction"),
        pytest.param((100, 25, 125), {"invoiceStatus": 1}, 0, "0.00", id="draft"),
        pytest.param((100, 25, 125), {"invoiceStatus": 4}, 0, "0.00", id="obliterated"),
        pytest.param((100, 25, 125), {"invoiceStatus": 7}, 1, "125.00", id="customer-loss"),
    ],
)
def test_a_correct_file_is_accepted(make_invoice, export, check, amounts, fields, vouchers, receivable):
    invoice = make_invoice(*amounts, **fields)

    checked = check(export(invoice), invoice)

    assert checked.problems == ()
    assert (checked.vouchers, checked.receivable) == (vouchers, Decimal(receivable))


def test_a_file_on_other_accounts_is_accepted_with_these_accounts(make_invoice, export, check):
    invoice, accounts = make_invoice(100, 25, 125), {"sales_25": 3041, "receivables": 1511}
    books = export(invoice, accounts=accounts)

    assert check(books, invoice, accounts=accounts).receivable == 125
    assert check(books, invoice, accounts=accounts).problems == ()
    assert check(books, invoice).problems != ()


def test_invoices_outside_the_period_are_ignored(make_invoice, export, check):
    first = make_invoice(100, 25, 125, invoiceDate="2026-02-28T23:00:00.000Z")
    before = make_invoice(1, 0, 1, invoiceDate="2026-02-28T22:59:59.000Z", taxPercent=0, invoiceNumber="1")
    after = make_invoice(1, 0, 1, invoiceDate="2026-03-31T22:00:00.000Z", taxPercent=0, invoiceNumber="2")

    assert check(export(first), before, first, after).problems == ()


def test_an_invoice_without_its_voucher_is_named(make_invoice, export, check):
    first, second = make_invoice(100, 25, 125), make_invoice(200, 50, 250, _id="second", invoiceNumber="24482")

    assert check(export(first), first, second).problems == (
        "24482 (_id second): the file has no voucher of 2026-03-10 with its amounts, 250.00 SEK receivable",
    )


def test_equal_invoices_need_a_voucher_each(make_invoice, export, check):
    first, second = make_invoice(100, 25, 125), make_invoice(100, 25, 125, _id="second", invoiceNumber="24482")

    (problem,) = check(export(first), first, second).problems
    assert problem.startswith("24482 (_id second): ")
    assert check(export(first, second), first, second).problems == ()


def test_a_voucher_without_an_invoice_is_named(make_invoice, export, check):
    books = export(make_invoice(100, 25, 125))

    assert check(books).problems == (
        "the voucher 'Faktura 24481 Hellapps AB' of 2026-03-10 belongs to no invoice with its amounts",
    )


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"totalAmount": 200, "totalTaxAmount": 50, "totalAmountInclTax": 250}, id="amount"),
        pytest.param({"invoiceDate": "2026-03-10T23:00:00.000Z"}, id="date"),
        pytest.param({"currencyCode": "EUR", "currencyRate": 11}, id="rate"),
        pytest.param({"isCreditInvoice": True}, id="sign"),
    ],
)
def test_an_invoice_that_changed_since_the_export_is_named_with_its_old_voucher(make_invoice, export, check, changed):
    before = make_invoice(100, 25, 125)
    now = before | changed
    now["invoiceItems"] = [{"itemType": "general", "totalAmount": now["totalAmount"], "taxPercent": 25}]

    missing, surplus = check(export(before), now).problems

    assert missing.startswith("24481 (_id 5fae99b072aa334cb539ab73): the file has no voucher of ")
    assert surplus == "the voucher 'Faktura 24481 Hellapps AB' of 2026-03-10 belongs to no invoice with its amounts"


def test_the_same_amount_on_another_account_is_a_difference(make_invoice, export, check):
    invoice = make_invoice(100, 25, 125)
    books = export(invoice)
    (voucher,) = books.vouchers
    moved = tuple(replace(row, account="3999") if row.account == "3001" else row for row in voucher.rows)

    assert len(check(replace(books, vouchers=(replace(voucher, rows=moved),)), invoice).problems) == 2


def test_an_invoice_that_cannot_be_booked_is_an_error(make_invoice, export, check):
    invoice = make_invoice(100, 25, 125)

    with pytest.raises(BookingError, match="24481"):
        check(export(invoice), invoice | {"totalAmountInclTax": 500})
