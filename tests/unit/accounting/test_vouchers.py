"""Vouchers of invoices: accounts, dates, texts and remarks.

The letters in the names are worked bookings of the project's accounting reference, to the öre. The reference's D2, D3,
H and I are payments, and E2 and F are a buyer's invoices, which this package does not book.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.vouchers import Remark, belongs_to_period, book_invoices
from airflow_provider_seventime.exceptions import BookingError

_EXACT = Decimal(0)


def test_a_sale_at_25_percent_rounded_to_kronor(make_invoice, rows_of):
    invoice = make_invoice(527, 131.75, 659, totalAmountRounding=0.25)
    assert rows_of(invoice, tolerance=_EXACT) == {
        "1510": "659.00",
        "2611": "-131.75",
        "3001": "-527.00",
        "3740": "-0.25",
    }


def test_b_plain_sale_on_another_account(make_invoice, rows_of):
    chart = Chart.from_mapping({"receivables": 1511})
    assert rows_of(make_invoice(8000, 2000, 10000), chart) == {
        "1511": "10000.00",
        "2611": "-2000.00",
        "3001": "-8000.00",
    }


def test_c_the_vendors_sample_with_two_rates_and_rounding_down(make_invoice, rows_of):
    invoice = make_invoice(
        16549,
        327.24,
        16876,
        rows=[(12345, 0), (1477, 0), (2727, 12)],
        totalAmountRounding=-0.24,
        multipleTaxesOnRows=True,
    )
    assert rows_of(invoice, tolerance=_EXACT) == {
        "1510": "16876.00",
        "2621": "-327.24",
        "3002": "-2727.00",
        "3004": "-13822.00",
        "3740": "0.24",
    }


@pytest.mark.parametrize("total", [23000, 19250], ids=["total-before-deduction", "total-after-deduction"])
@pytest.mark.parametrize("deduction", [3750, -3750], ids=["positive", "negative"])
@pytest.mark.parametrize("invoice_type", [1, 2], ids=["rot", "rut"])
def test_d_house_work_splits_the_receivable(make_invoice, rows_of, total, deduction, invoice_type):
    rows = [(10000, 25), (8000, 25), (400, 25)]
    invoice = make_invoice(18400, 4600, total, rows=rows, houseDeductionAmount=deduction, invoiceType=invoice_type)
    assert rows_of(invoice, tolerance=_EXACT) == {
        "1510": "19250.00",
        "1513": "3750.00",
        "2611": "-4600.00",
        "3001": "-18400.00",
    }


def test_d_house_work_with_rounding_of_the_amount_to_pay(make_invoice, rows_of):
    invoice = make_invoice(1001, 250.25, 951, totalAmountRounding=-0.25, houseDeductionAmount=300, invoiceType=1)
    assert rows_of(invoice) == {
        "1510": "951.00",
        "1513": "300.00",
        "2611": "-250.25",
        "3001": "-1001.00",
        "3740": "0.25",
    }


@pytest.mark.parametrize("tax_percent", [25, 0, 18, None], ids=["25", "0", "unknown", "missing"])
def test_e1_construction_has_reverse_charge_whatever_rate_the_rows_name(make_invoice, rows_of, tax_percent):
    invoice = make_invoice(100000, 0, 100000, invoiceType=3, taxPercent=tax_percent)
    assert rows_of(invoice) == {"1510": "100000.00", "3231": "-100000.00"}


@pytest.mark.parametrize("vat", [1116.9375, "1116.94"], ids=["four-decimals", "text"])
def test_g_vat_rounds_on_its_third_decimal(make_invoice, rows_of, vat):
    invoice = make_invoice(4467.75, vat, 5585, totalAmountRounding=0.31)
    assert rows_of(invoice, tolerance=_EXACT) == {
        "1510": "5585.00",
        "2611": "-1116.94",
        "3001": "-4467.75",
        "3740": "-0.31",
    }


@pytest.mark.parametrize(
    ("instant", "booked"),
    [
        ("20201104T23:00Z", date(2020, 11, 5)),
        ("2020-11-04T23:00:00.000Z", date(2020, 11, 5)),
        ("2020-12-09T22:59:59.999Z", date(2020, 12, 9)),
        ("2026-01-31T22:59:00.000Z", date(2026, 1, 31)),
        ("2026-01-31T23:00:00.000Z", date(2026, 2, 1)),
        ("2026-06-30T21:59:59.999Z", date(2026, 6, 30)),
        ("2026-06-30T22:00:00.000Z", date(2026, 7, 1)),
        ("2026-03-10", date(2026, 3, 10)),
    ],
)
def test_the_accounting_date_is_the_swedish_date(make_invoice, book, instant, booked):
    assert book(make_invoice(100, 25, 125, invoiceDate=instant)).date == booked


@pytest.mark.parametrize(
    ("instant", "january", "february"),
    [("2026-01-31T22:59:00Z", True, False), ("2026-01-31T23:00:00Z", False, True), ("nonsense", True, True)],
    ids=["last-minute", "first-minute", "unreadable"],
)
def test_the_period_of_an_invoice(make_invoice, zone, instant, january, february):
    invoice = make_invoice(100, 25, 125, invoiceDate=instant)
    assert belongs_to_period(invoice, zone, date(2026, 1, 1), date(2026, 1, 31)) is january
    assert belongs_to_period(invoice, zone, date(2026, 2, 1), date(2026, 2, 28)) is february


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "Faktura 24481 Hellapps AB"),
        ({"customerName": None}, "Faktura 24481"),
        ({"customerName": "Två\n  rader"}, "Faktura 24481 Två rader"),
        (
            {"customerName": "Bostadsrättsföreningen Svalan i Västra Karup"},
            "Faktura 24481 Bostadsrättsföreningen Svalan i Väst",
        ),
        ({"isCreditInvoice": True, "creditForInvoiceNumber": None}, "Kreditfaktura 24481 Hellapps AB"),
        ({"isCreditInvoice": "true", "creditForInvoiceNumber": 24400}, "Kreditfaktura 24481 avser 24400 Hellapps AB"),
    ],
    ids=["plain", "no-customer", "blanks", "cut", "credit-of-nothing", "credit"],
)
def test_the_text_has_kind_number_and_customer(make_invoice, book, fields, text):
    voucher = book(make_invoice(100, 25, 125, **fields))
    assert voucher.text == text
    assert len(text) <= 50
    assert {row.text for row in voucher.rows} == {text}


def test_the_voucher_has_the_invoices_id_and_amounts_by_meaning(make_invoice, book):
    voucher = book(make_invoice(1001, 250.25, 951, totalAmountRounding=-0.25, houseDeductionAmount=300, invoiceType=1))
    assert (voucher.record_id, voucher.number) == ("5fae99b072aa334cb539ab73", "24481")
    totals = voucher.totals
    assert [str(amount) for amount in (totals.net, totals.vat, totals.rounding)] == ["1001.00", "250.25", "-0.25"]
    assert (totals.receivable, totals.house_deduction) == (951, 300)
    assert totals.net + totals.vat + totals.rounding == totals.receivable + totals.house_deduction


def test_the_invoice_number_may_be_a_json_number(make_invoice, book):
    assert book(make_invoice(100, 25, 125, invoiceNumber=24481)).number == "24481"


@pytest.mark.parametrize("status", [2, 3, "2", Decimal(3)], ids=["sent", "paid", "text", "decimal"])
def test_sent_and_paid_invoices_are_booked(make_invoice, zone, status):
    bookings = book_invoices([make_invoice(100, 25, 125, invoiceStatus=status)], Chart(), zone)
    assert [voucher.number for voucher in bookings.vouchers] == ["24481"]
    assert bookings.remarks == ()


def test_every_invoice_of_a_batch_has_a_voucher_or_a_remark(make_invoice, zone):
    invoices = [
        make_invoice(100, 25, 125, _id="draft", invoiceStatus=1, invoiceNumber=None),
        make_invoice(100, 25, 125, _id="sent", invoiceNumber="1"),
        make_invoice(100, 25, 125, _id="obliterated", invoiceStatus=4, invoiceNumber="2"),
        make_invoice(100, 25, 125, _id="lost", invoiceStatus=7, invoiceNumber="3"),
        make_invoice(0, 0, 0, _id="free", invoiceNumber="4"),
    ]
    bookings = book_invoices(iter(invoices), Chart(), zone)
    assert [voucher.record_id for voucher in bookings.vouchers] == ["sent", "lost"]
    assert bookings.remarked("draft") == (Remark("draft", "draft", ""),)
    assert bookings.remarked("obliterated") == (Remark("obliterated", "obliterated", "2"),)
    assert bookings.remarked("customer_loss") == (Remark("customer_loss", "lost", "3"),)
    assert bookings.remarked("zero_amount") == (Remark("zero_amount", "free", "4"),)


def test_a_draft_or_an_obliterated_invoice_need_not_add_up(make_invoice, zone):
    invoices = [make_invoice("?", "?", "?", invoiceStatus=status, invoiceItems=None) for status in (1, 4)]
    assert len(book_invoices(invoices, Chart(), zone).remarks) == 2


def test_no_invoices_are_no_vouchers(zone):
    bookings = book_invoices([], Chart(), zone)
    assert (bookings.vouchers, bookings.remarks) == ((), ())


def test_an_undocumented_status_is_refused(make_invoice, zone):
    invoice = make_invoice(100, 25, 125, invoiceStatus=5)
    with pytest.raises(BookingError, match=r"24481 .*: invoiceStatus is 5: known are 2, 3, 7"):
        book_invoices([invoice], Chart(), zone)


def test_vouchers_compare_by_value(make_invoice, book):
    voucher = book(make_invoice(100, 25, 125))
    assert voucher == book(make_invoice("100", "25", "125"))
    assert voucher != replace(voucher, number="1")
