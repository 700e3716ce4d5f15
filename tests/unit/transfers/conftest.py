"""Invoices in the sandbox as the API answers them, and the operator that books them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.transfers.invoices_to_sie import InvoicesToSieOperator

IDS = (f"6957a0a0c0ffee5eed0f{number:04x}" for number in range(0x10000))


@pytest.fixture
def load_invoice(sandbox):
    """Put an invoice of 1000 SEK and 25 % VAT into the sandbox, dated in a period that the seed knows nothing of."""

    def load(number, invoice_date="2026-01-14T23:00:00.000Z", **fields):
        record = {
            "_id": next(IDS),
            "invoiceNumber": number,
            "invoiceStatus": 2,
            "invoiceType": 0,
            "invoiceDate": invoice_date,
            "customerName": "Västra Kvarnen AB",
            "multipleTaxesOnRows": False,
            "taxPercent": 25,
            "currencyCode": "SEK",
            "currencyRate": 1,
            "houseDeductionAmount": 0,
            "isCreditInvoice": False,
            "totalAmount": Decimal(1000),
            "totalTaxAmount": Decimal(250),
            "totalAmountRounding": 0,
            "totalAmountInclTax": Decimal(1250),
            "invoiceItems": [{"itemType": "general", "totalAmount": Decimal(1000), "taxPercent": 25}],
            **fields,
        }
        sandbox.load({"invoices": [record]})
        return record["_id"]

    return load


@pytest.fixture
def path(tmp_path):
    return tmp_path / "books" / "FAKT.SI"


@pytest.fixture
def export(sandbox, context, path):
    """Export January 2026, apart from what is given."""

    def exported(**arguments):
        given = {"task_id": "export", "path": str(path), "from_date": "2026-01-01", "to_date": "2026-01-31"}
        return InvoicesToSieOperator(**{**given, **arguments}).execute(context())

    return exported
