"""Refusals: one error names each invoice that cannot be booked with its reason, and no invoice is booked."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.vouchers import book_invoices
from airflow_provider_seventime.exceptions import BookingError

_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no number": ({"invoiceNumber": None}, "invoiceNumber is missing"),
    "blank number": ({"invoiceNumber": "  "}, "invoiceNumber is missing"),
    "no date": ({"invoiceDate": None}, "invoiceDate is missing"),
    "unreadable date": ({"invoiceDate": "9 mars"}, "invoiceDate: '9 mars' is not a date"),
    "impossible date": ({"invoiceDate": "2026-02-30T23:00:00Z"}, "invoiceDate: .* is not a date"),
    "date at the end of time": ({"invoiceDate": "9999-12-31T23:30:00Z"}, "invoiceDate: .* is not a date"),
    "no status": ({"invoiceStatus": None}, "invoiceStatus is missing"),
    "unknown status": ({"invoiceStatus": 6}, "invoiceStatus is 6"),
    "status in words": ({"invoiceStatus": "sent"}, "invoiceStatus: 'sent' is not a number"),
    "status with decimals": ({"invoiceStatus": 2.5}, "invoiceStatus: 2.5 is not a code"),
    "unknown type": ({"invoiceType": 9}, "invoiceType is 9: it must be"),
    "no net": ({"totalAmount": None}, "totalAmount is missing"),
    "no vat": ({"totalTaxAmount": None}, "totalTaxAmount is missing"),
    "no total": ({"totalAmountInclTax": ""}, "totalAmountInclTax is missing"),
    "comma": ({"totalAmount": "100,00"}, "totalAmount: '100,00' is not a number"),
    "not a number": ({"totalTaxAmount": float("nan")}, "totalTaxAmount: nan is not a number"),
    "truth value": ({"totalAmount": True}, "totalAmount: True is not a number"),
    "rounding in words": ({"totalAmountRounding": "ja"}, "totalAmountRounding: 'ja' is not a number"),
    "rounding of kronor": (
        {"totalAmountRounding": 5, "totalAmountInclTax": 130},
        "totalAmountRounding is 5.00: rounding changes a total by less than 1",
    ),
    "rounding of a krona": (
        {"totalAmountRounding": 1, "totalAmountInclTax": 126},
        "totalAmountRounding is 1.00: rounding changes a total by less than 1",
    ),
    "no rows": ({"invoiceItems": []}, "it has no rows"),
    "null rows": ({"invoiceItems": None}, "it has no rows"),
    "rows that are none": ({"invoiceItems": "one"}, "invoiceItems is str, not a list"),
    "row that is none": ({"invoiceItems": [100]}, "row 1: 100 is not a row"),
    "row without amount": (
        {"invoiceItems": [{"itemType": "expense", "taxPercent": 25}]},
        "row 1: totalAmount is missing",
    ),
    "row in words": ({"invoiceItems": [{"itemType": "expense", "totalAmount": "x"}]}, "row 1: totalAmount: 'x' is not"),
    "only text rows": ({"invoiceItems": [{"itemType": "text"}]}, "the rows add up to 0, but totalAmount is 100.00"),
    "unknown tax percent": ({"taxPercent": 18}, "taxPercent is 18: it must be 25, 12, 6 or 0"),
    "no tax percent": ({"taxPercent": None}, "taxPercent is missing"),
    "tax percent in words": ({"taxPercent": "full"}, "taxPercent: 'full' is not a number"),
    "row of unknown tax percent": (
        {"multipleTaxesOnRows": True, "invoiceItems": [{"totalAmount": 100, "taxPercent": 7}]},
        "row 1: taxPercent is 7",
    ),
    "flag in words": ({"multipleTaxesOnRows": "kanske"}, "multipleTaxesOnRows: 'kanske' is neither true nor false"),
    "header that does not add up": (
        {"totalAmountInclTax": "126.01"},
        r"= 125.00, but totalAmountInclTax is 126.01 \(a difference of -1.01, more than the tolerance of 1.00\)",
    ),
    "rows that do not add up": (
        {"invoiceItems": [{"itemType": "general", "totalAmount": "98.99"}]},
        r"the rows add up to 98.99, but totalAmount is 100.00 \(a difference of 1.01\)",
    ),
    "rows that do not add up with a discount": (
        {"discountInPercent": 10, "invoiceItems": [{"itemType": "general", "totalAmount": 120}]},
        r"the rows add up to 108.00 \(with or without the discount of 10 %\), but totalAmount is 100.00",
    ),
    "discount beyond reason": ({"discountInPercent": 101}, "discountInPercent is 101"),
    "vat of another rate": (
        {"taxPercent": 12},
        "totalTaxAmount is 25.00, but the rows' rates give 12.00: 12 % of 100.00",
    ),
    "a little vat without a rate": (
        {"taxPercent": 0, "totalTaxAmount": "0.50", "totalAmountInclTax": "100.50"},
        "totalTaxAmount is 0.50, but the rows' rates give 0.00: 0 % of 100.00",
    ),
    "construction with vat": (
        {"invoiceType": 3},
        "totalTaxAmount is 25.00, but a construction invoice has reverse charge",
    ),
    "deduction that fits nowhere": (
        {"invoiceType": 1, "houseDeductionAmount": 30, "totalAmountInclTax": 110},
        r"matches neither the total before houseDeductionAmount \(125.00\) nor the total after it \(95.00\)",
    ),
    "deduction that fits both ways": (
        {"invoiceType": 1, "houseDeductionAmount": 1, "totalAmountInclTax": "124.50"},
        "matches neither",
    ),
    "foreign without rate": (
        {"currencyCode": "EUR", "currencyRate": None},
        "currencyRate is missing: an invoice in EUR",
    ),
    "foreign with rate 0": ({"currencyCode": "EUR", "currencyRate": 0}, "currencyRate is 0: an invoice in EUR"),
    "negative rate": ({"currencyCode": "EUR", "currencyRate": -11}, "currencyRate is -11"),
    "rate beyond reason": ({"currencyCode": "XXX", "currencyRate": "1e9"}, r"currencyRate is 1E\+9"),
    "rate upside down": ({"currencyCode": "eur", "currencyRate": "0.089"}, "a EUR is worth more than 1 SEK"),
    "krona with rate": ({"currencyRate": "11.2"}, "currencyRate is 11.2 although the currency is SEK"),
    "credit with mixed signs": (
        {"isCreditInvoice": True, "totalAmount": -100, "totalTaxAmount": -25, "totalAmountInclTax": -125},
        "the rows add up to 100.00, but totalAmount is -100.00",
    ),
}


@pytest.fixture
def plain(make_invoice):
    """Build an invoice of 100 and 25 with changed fields. Its row is not changed: it has 100."""
    return lambda **changes: {**make_invoice(100, 25, 125), **changes}


def test_the_error_has_the_reason(plain, zone, subtests):
    for case, (changes, reason) in _REFUSED.items():
        with subtests.test(case), pytest.raises(BookingError, match=reason):
            book_invoices([plain(**changes)], Chart(), zone)


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "24481 (_id 5fae99b072aa334cb539ab73): "),
        ({"_id": None}, "24481: "),
        ({"invoiceNumber": ""}, "_id 5fae99b072aa334cb539ab73: "),
        ({"invoiceNumber": "", "_id": None}, "invoice 2 of the batch, without number and _id: "),
    ],
    ids=["number-and-id", "number", "id", "neither"],
)
def test_the_invoice_is_named(plain, zone, changes, label):
    with pytest.raises(BookingError) as caught:
        book_invoices([plain(invoiceNumber="1"), plain(totalAmount="x", **changes)], Chart(), zone)
    assert [problem[: len(label)] for problem in caught.value.problems] == [label]


def test_every_invoice_that_cannot_be_booked_is_named_in_one_error(plain, zone):
    invoices = [
        plain(invoiceNumber="1"),
        plain(invoiceNumber="2", totalAmount="x"),
        plain(invoiceNumber="3", invoiceStatus=1),
        plain(invoiceNumber="4", invoiceItems=[]),
    ]
    with pytest.raises(BookingError) as caught:
        book_invoices(invoices, Chart(), zone)
    assert [problem.split()[0] for problem in caught.value.problems] == ["2", "4"]
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_two_invoices_of_one_number_are_refused(plain, zone):
    with pytest.raises(BookingError, match=r"24481 .*another invoice has the same number"):
        book_invoices([plain(), plain(_id="another")], Chart(), zone)


@pytest.mark.parametrize(("total", "accepted"), [("125.05", True), ("125.06", False)], ids=["at-the-limit", "beyond"])
def test_the_tolerance_is_configurable(plain, book, total, accepted):
    invoice = plain(totalAmountInclTax=total)
    if accepted:
        assert book(invoice, tolerance=Decimal("0.05")).totals.rounding == Decimal("0.05")
    else:
        with pytest.raises(BookingError, match=r"more than the tolerance of 0\.05"):
            book(invoice, tolerance=Decimal("0.05"))


def test_the_tolerance_is_in_kronor_for_a_foreign_invoice_too(plain, book):
    invoice = plain(currencyCode="EUR", currencyRate=10, totalAmountInclTax="125.11")
    with pytest.raises(BookingError, match="more than the"):
        book(invoice)
    assert book({**invoice, "totalAmountInclTax": "125.10"}).totals.rounding == Decimal("1.00")
    rows = [{"itemType": "general", "totalAmount": "99.89"}]
    with pytest.raises(BookingError, match=r"the rows add up to 99\.89, but totalAmount is 100\.00"):
        book({**invoice, "totalAmountInclTax": "125.00", "invoiceItems": rows})
