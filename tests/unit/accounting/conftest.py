"""Fixtures that build invoices and vouchers, and book and write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.company import Company, FiscalYear
from airflow_provider_seventime.accounting.sie import write_sie
from airflow_provider_seventime.accounting.vouchers import Voucher, VoucherRow, VoucherTotals, book_invoices

_BASE = {
    "_id": "5fae99b072aa334cb539ab73",
    "invoiceNumber": "24481",
    "invoiceStatus": 2,
    "invoiceType": 0,
    "invoiceDate": "2026-03-09T23:00:00.000Z",
    "customerName": "Hellapps AB",
    "multipleTaxesOnRows": False,
    "taxPercent": 25,
    "currencyCode": "SEK",
    "currencyRate": 1,
    "discountInPercent": 0,
    "houseDeductionAmount": 0,
    "isCreditInvoice": False,
    "creditForInvoiceNumber": "",
    "totalAmountRounding": 0,
}


@pytest.fixture(scope="session")
def zone():
    return ZoneInfo("Europe/Stockholm")


@pytest.fixture
def make_invoice():
    """Build an invoice of net, VAT and total. Its rows are (amount, tax percent), by default one with the net."""

    def make(net, vat, total, *, rows=None, **fields):
        amounts = [(net, fields.get("taxPercent", 25))] if rows is None else rows
        items = [{"itemType": "general", "totalAmount": amount, "taxPercent": percent} for amount, percent in amounts]
        return {
            **_BASE,
            "totalAmount": net,
            "totalTaxAmount": vat,
            "totalAmountInclTax": total,
            "invoiceItems": items,
            **fields,
        }

    return make


@pytest.fixture
def book(zone):
    """Book one invoice on BAS or on a chart, and return its voucher."""

    def booked(invoice, chart=None, **options):
        (voucher,) = book_invoices([invoice], chart or Chart(), zone, **options).vouchers
        return voucher

    return booked


@pytest.fixture
def rows_of(book):
    """Book one invoice, and return its rows as account to the text of the amount."""

    def rows(invoice, chart=None, **options):
        voucher = book(invoice, chart, **options)
        assert voucher.balance == 0
        return {row.account: str(row.amount) for row in voucher.rows}

    return rows


@pytest.fixture
def make_voucher():
    """Build a voucher without an invoice, also an invalid one, to test the writer's checks."""

    def make(amounts=(("1510", "125.00"), ("2611", "-25.00"), ("3001", "-100.00")), **fields):
        text = fields.get("text", "Faktura 24481 Hellapps AB")
        defaults = {
            "date": date(2026, 3, 10),
            "text": text,
            "rows": tuple(VoucherRow(account, Decimal(amount), text) for account, amount in amounts),
            "record_id": "5fae99b072aa334cb539ab73",
            "number": "24481",
            "totals": VoucherTotals(Decimal(100), Decimal(25), Decimal(0), Decimal(125), Decimal(0)),
        }
        return Voucher(**{**defaults, **fields})

    return make


@pytest.fixture
def write():
    """Write vouchers of one company in 2026 as a SIE file."""

    def written(vouchers, company=None, **options):
        settings = {
            "fiscal_year": FiscalYear(date(2026, 1, 1), date(2026, 12, 31)),
            "account_names": Chart().account_names(),
            "generated": date(2026, 11, 21),
            "program_version": "0.1.0",
            **options,
        }
        return write_sie(vouchers, company or Company("Åkessons Bygg & Öl AB", "556677-8899"), **settings)

    return written
