"""Amounts of a voucher by account: rates, remainders, discounts, credits, currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest

_EXACT = Decimal(0)


def test_all_four_rates_on_one_invoice(make_invoice, rows_of):
    rows = [(100, 25), (200, 12), (300, 6), (400, 0), (100, 25)]
    invoice = make_invoice(1100, 92, 1192, rows=rows, multipleTaxesOnRows=True, taxPercent=12)
    assert rows_of(invoice) == {
        "1510": "1192.00",
        "2611": "-50.00",
        "2621": "-24.00",
        "2631": "-18.00",
        "3001": "-200.00",
        "3002": "-200.00",
        "3003": "-300.00",
        "3004": "-400.00",
    }


def test_the_headers_rate_is_used_for_rows_without_a_rate(make_invoice, rows_of):
    invoice = make_invoice(100, 6, 106, rows=[(100, 25)], taxPercent="6", multipleTaxesOnRows=False)
    assert rows_of(invoice) == {"1510": "106.00", "2631": "-6.00", "3003": "-100.00"}


def test_the_headers_vat_decides_and_the_largest_sales_take_the_remainder(make_invoice, rows_of):
    invoice = make_invoice(400, 61.04, 461.04, rows=[(100, 25), (300, 12)], multipleTaxesOnRows=True)
    assert rows_of(invoice) == {
        "1510": "461.04",
        "2611": "-25.00",
        "2621": "-36.04",
        "3001": "-100.00",
        "3002": "-300.00",
    }


def test_the_headers_net_decides_and_no_part_of_it_is_rounding(make_invoice, rows_of):
    invoice = make_invoice(100, 25, 125, rows=[(33.33, 25)] * 3)
    assert rows_of(invoice) == {"1510": "125.00", "2611": "-25.00", "3001": "-100.00"}


def test_rows_are_added_before_they_are_rounded(make_invoice, rows_of):
    invoice = make_invoice("100.01", 25, "125.01", rows=[("33.335", 25), ("33.335", 25), ("33.335", 25)])
    assert rows_of(invoice, tolerance=_EXACT) == {"1510": "125.01", "2611": "-25.00", "3001": "-100.01"}


def test_a_small_difference_in_the_headers_own_sum_goes_to_rounding(make_invoice, rows_of):
    assert rows_of(make_invoice(527, 131.75, 659)) == {
        "1510": "659.00",
        "2611": "-131.75",
        "3001": "-527.00",
        "3740": "-0.25",
    }


@pytest.mark.parametrize("net", [900, 1000], ids=["rows-before-discount", "rows-after-discount"])
def test_row_amounts_before_and_after_the_discount_are_accepted(make_invoice, rows_of, net):
    invoice = make_invoice(net, net / 4, net * 1.25, rows=[(1000, 25)], discountInPercent=10)
    assert rows_of(invoice)["3001"] == f"-{net}.00"


def test_a_discount_is_divided_between_the_rates(make_invoice, rows_of):
    rows = [(1000, 25), (500, 12)]
    invoice = make_invoice(1350, 279, 1629, rows=rows, discountInPercent="10", multipleTaxesOnRows=True)
    assert rows_of(invoice) == {
        "1510": "1629.00",
        "2611": "-225.00",
        "2621": "-54.00",
        "3001": "-900.00",
        "3002": "-450.00",
    }


@pytest.mark.parametrize("sign", [1, -1], ids=["positive-amounts", "negative-amounts"])
def test_a_credit_note_of_either_sign_reverses_every_amount(make_invoice, book, sign):
    invoice = make_invoice(
        527 * sign,
        131.75 * sign,
        659 * sign,
        totalAmountRounding=0.25 * sign,
        isCreditInvoice=True,
        invoiceNumber="24490",
        creditForInvoiceNumber="24481",
    )
    voucher = book(invoice)
    assert {row.account: str(row.amount) for row in voucher.rows} == {
        "1510": "-659.00",
        "2611": "131.75",
        "3001": "527.00",
        "3740": "0.25",
    }
    assert voucher.text == "Kreditfaktura 24490 avser 24481 Hellapps AB"
    assert voucher.totals.receivable == -659


@pytest.mark.parametrize("sign", [1, -1], ids=["positive-amounts", "negative-amounts"])
@pytest.mark.parametrize("total", [23000, 19250], ids=["total-before-deduction", "total-after-deduction"])
@pytest.mark.parametrize("deduction", [3750, -3750], ids=["positive-deduction", "negative-deduction"])
def test_a_credited_house_work_invoice_reverses_both_receivables(make_invoice, rows_of, sign, total, deduction):
    invoice = make_invoice(
        18400 * sign, 4600 * sign, total * sign, houseDeductionAmount=deduction, invoiceType=1, isCreditInvoice=True
    )
    assert rows_of(invoice) == {"1510": "-19250.00", "1513": "-3750.00", "2611": "4600.00", "3001": "18400.00"}


def test_a_negative_invoice_that_is_not_a_credit_note_keeps_its_signs(make_invoice, book):
    voucher = book(make_invoice(-100, -25, -125))
    assert {row.account: str(row.amount) for row in voucher.rows} == {
        "1510": "-125.00",
        "2611": "25.00",
        "3001": "100.00",
    }
    assert voucher.text == "Faktura 24481 Hellapps AB"


@pytest.mark.parametrize(
    ("amounts", "rate", "expected"),
    [
        # 125.13, 25.03 and 100.10 times the rate are 1405.772985, 281.199535 and 1124.57345.
        (("100.10", "25.03", "125.13"), "11.2345", {"1510": "1405.77", "2611": "-281.20", "3001": "-1124.57"}),
        # 144.6135, 28.9685 and 115.645: what is sold rounds to an öre more than what is owed.
        (
            ("10.10", "2.53", "12.63"),
            "11.45",
            {"1510": "144.61", "2611": "-28.97", "3001": "-115.65", "3740": "0.01"},
        ),
    ],
    ids=["nothing-left-over", "an-ore-left-over"],
)
def test_a_foreign_invoice_is_booked_in_kronor(make_invoice, rows_of, amounts, rate, expected):
    invoice = make_invoice(*amounts, currencyCode="EUR", currencyRate=rate)
    assert rows_of(invoice, tolerance=_EXACT) == expected


def test_a_foreign_invoice_keeps_its_own_rounding(make_invoice, rows_of):
    invoice = make_invoice("100.10", "25.03", 125, totalAmountRounding="-0.13", currencyCode="NOK", currencyRate="0.5")
    assert rows_of(invoice) == {"1510": "62.50", "2611": "-12.52", "3001": "-50.05", "3740": "0.07"}


def test_a_foreign_credit_note_is_the_exact_reverse_of_its_invoice(make_invoice, rows_of):
    invoice = make_invoice("10.10", "2.53", "12.63", currencyCode="EUR", currencyRate="11.45")
    reversed_rows = {account: str(-Decimal(amount)) for account, amount in rows_of(invoice).items()}
    assert rows_of({**invoice, "isCreditInvoice": True}) == reversed_rows


@pytest.mark.parametrize("rate", [None, "", 0, 1, "1", Decimal("1.0000")])
def test_an_invoice_in_kronor_needs_no_rate(make_invoice, rows_of, rate):
    assert rows_of(make_invoice(100, 25, 125, currencyRate=rate))["1510"] == "125.00"


@pytest.mark.parametrize("currency", ["DKK", "NOK"])
def test_a_currency_may_be_worth_exactly_a_krona(make_invoice, rows_of, currency):
    assert rows_of(make_invoice(100, 25, 125, currencyCode=currency, currencyRate=1))["1510"] == "125.00"


def test_a_currency_may_be_worth_less_than_a_krona(make_invoice, rows_of):
    rows = rows_of(make_invoice(10000, 2500, 12500, currencyCode="ISK", currencyRate="0.075"))
    assert rows == {"1510": "937.50", "2611": "-187.50", "3001": "-750.00"}


def test_number_date_status_amounts_and_rate_are_enough(book):
    invoice = {
        "invoiceNumber": "1",
        "invoiceStatus": 2,
        "invoiceDate": "2026-03-09T23:00:00.000Z",
        "taxPercent": 25,
        "totalAmount": 100,
        "totalTaxAmount": 25,
        "totalAmountInclTax": 125,
        "invoiceItems": [{"itemType": "expense", "totalAmount": 100}],
    }
    voucher = book(invoice)
    assert (voucher.text, voucher.record_id, voucher.totals.receivable) == ("Faktura 1", "", 125)


def test_the_largest_rounding_is_less_than_a_krona(make_invoice, rows_of):
    invoice = make_invoice(100, 25, "125.99", totalAmountRounding="0.99")
    assert rows_of(invoice, tolerance=_EXACT)["3740"] == "-0.99"


def test_a_small_difference_with_a_deduction_goes_to_rounding(make_invoice, rows_of):
    invoice = make_invoice(100, 25, 94, houseDeductionAmount=30, invoiceType=1)
    assert rows_of(invoice) == {"1510": "94.00", "1513": "30.00", "2611": "-25.00", "3001": "-100.00", "3740": "1.00"}


def test_an_invoice_without_currency_is_in_kronor(make_invoice, rows_of):
    assert rows_of(make_invoice(100, 25, 125, currencyCode=None, currencyRate=None))["1510"] == "125.00"


@pytest.mark.parametrize(
    "convert",
    [str, int, float, Decimal, lambda amount: amount + 1e-9],
    ids=["text", "int", "float", "Decimal", "noise"],
)
def test_amounts_of_every_type_are_read(make_invoice, rows_of, convert):
    assert rows_of(make_invoice(convert(100), convert(25), convert(125))) == {
        "1510": "125.00",
        "2611": "-25.00",
        "3001": "-100.00",
    }


@pytest.mark.parametrize("item_type", ["blank", "text", "general"])
@pytest.mark.parametrize("amount", [None, "", 0], ids=["null", "empty", "zero"])
def test_text_rows_need_no_amount(make_invoice, rows_of, item_type, amount):
    invoice = make_invoice(100, 25, 125)
    invoice["invoiceItems"].insert(0, {"itemType": item_type, "totalAmount": amount})
    invoice["invoiceItems"].append({"itemType": item_type, "name": "Tack!"})
    assert rows_of(invoice) == {"1510": "125.00", "2611": "-25.00", "3001": "-100.00"}


def test_rows_of_a_rate_that_cancel_are_not_booked(make_invoice, rows_of):
    rows = [(500, 25), (-500, 25), (100, 12)]
    invoice = make_invoice(100, 12, 112, rows=rows, multipleTaxesOnRows=True)
    assert rows_of(invoice) == {"1510": "112.00", "2621": "-12.00", "3002": "-100.00"}
