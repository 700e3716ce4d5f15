"""Amounts of invoices: rows, taxes, rounding and house deductions, computed in ``Decimal``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from airflow_provider_seventime.contract.codes import HouseWorkType, InvoiceType, ItemType
from airflow_provider_seventime.sandbox.state.values import (
    KRONA,
    decimal_of,
    plain_number,
    round_to_kronor,
    round_to_ore,
)

DEFAULT_TAX_PERCENT = Decimal(25)
TIME_ROWS = frozenset({ItemType.TIME_LOG.value, ItemType.MACHINE_TIME_LOG.value})
EMPTY_ROWS = frozenset({ItemType.TEXT.value, ItemType.BLANK.value})
# Percent of the labour with tax that the tax agency pays. Two kinds of heat pump work have percentages of their own.
DEDUCTION_PERCENT = {InvoiceType.ROT.value: Decimal(30), InvoiceType.RUT.value: Decimal(50)}
HEAT_PUMP_PERCENT = {HouseWorkType.HEAT_PUMP_30.value: Decimal(30), HouseWorkType.HEAT_PUMP_35.value: Decimal(35)}

Row = Mapping[str, Any]


def single_rate_terms(tax_percent: Any = DEFAULT_TAX_PERCENT, currency_code: str = "SEK") -> dict[str, Any]:
    """Return the fields of an invoice that the amounts depend on, for another document with one tax rate.

    :param tax_percent: tax rate of every row.
    """
    return {
        "invoiceType": InvoiceType.NORMAL.value,
        "multipleTaxesOnRows": False,
        "taxPercent": tax_percent,
        "currencyCode": currency_code,
    }


def row_net(row: Row) -> Decimal:
    """Return the price of a row without tax and after discount, rounded to öre.

    * a text or blank row: 0
    * a row with text and amount: its amount
    * a time row: hours times price per hour
    * any other row: quantity (default 1) times unit price
    """
    kind = row["itemType"]
    if kind in EMPTY_ROWS:
        return Decimal(0)
    if kind == ItemType.ONLY_AMOUNT.value:
        return round_to_ore(decimal_of(row.get("totalAmount")))
    priced = "pricePerHour" if kind in TIME_ROWS and row.get("pricePerHour") is not None else "unitPrice"
    full = row_quantity(row) * decimal_of(row.get(priced))
    return round_to_ore(full * (100 - decimal_of(row.get("discountPercent"))) / 100)


def row_quantity(row: Row) -> Decimal:
    """Return the quantity of a row; 1 if the row has none."""
    quantity = row.get("numberOfItems")
    return Decimal(1) if quantity is None else decimal_of(quantity)


def row_tax_percent(row: Row, invoice: Mapping[str, Any]) -> Decimal:
    """Return the tax rate of a row: the invoice's, or with several rates on the invoice the row's own (default 25)."""
    if invoice["invoiceType"] == InvoiceType.CONSTRUCTION.value:
        return Decimal(0)  # reverse charge: the buyer reports the tax
    if not invoice["multipleTaxesOnRows"]:
        return decimal_of(invoice["taxPercent"])
    percent = row.get("taxPercent")
    return DEFAULT_TAX_PERCENT if percent is None else decimal_of(percent)


def row_amounts(row: Row, invoice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the computed fields of a row. The tax of a row is not rounded: the vendor's samples have 1920.425."""
    net = row_net(row)
    percent = row_tax_percent(row, invoice)
    tax = net * percent / 100
    cost = Decimal(0) if row["itemType"] in EMPTY_ROWS else row_quantity(row) * decimal_of(row.get("unitCost"))
    return {
        "taxPercent": plain_number(percent),
        "totalAmount": plain_number(net),
        "totalTaxAmount": plain_number(tax),
        "totalAmountInclTax": plain_number(net + tax),
        "totalCost": plain_number(round_to_ore(cost)),
        "houseWorkFlag": bool(row.get("houseWorkTypeOfWork")),
    }


def invoice_amounts(rows: Sequence[Row], invoice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the totals of an invoice.

    ``totalAmount + totalTaxAmount + totalAmountRounding = totalAmountInclTax``. Totals in kronor are rounded to whole
    kronor, totals in other currencies to hundredths. The totals are before the deduction of a ROT or RUT invoice.

    :param rows: rows with their computed fields.
    """
    net = sum((decimal_of(row["totalAmount"]) for row in rows), Decimal(0))
    tax = round_to_ore(sum((decimal_of(row["totalTaxAmount"]) for row in rows), Decimal(0)))
    exact = net + tax
    total = round_to_kronor(exact) if invoice["currencyCode"] == "SEK" else exact
    basis, deduction = house_deduction(rows, invoice["invoiceType"])
    return {
        "totalAmount": plain_number(net),
        "totalTaxAmount": plain_number(tax),
        "totalAmountInclTax": plain_number(total),
        "totalAmountRounding": plain_number(total - exact),
        "totalCost": plain_number(sum((decimal_of(row["totalCost"]) for row in rows), Decimal(0))),
        "houseDeductionBasisAmount": plain_number(basis),
        "houseDeductionAmount": plain_number(deduction),
    }


def house_deduction(rows: Sequence[Row], invoice_type: int) -> tuple[Decimal, Decimal]:
    """Return the labour with tax, and the ROT or RUT deduction in whole kronor.

    The rates are 30 percent for ROT and 50 for RUT (Swedish Income Tax Act, chapter 67, from 2026). The yearly ceiling
    of a person is not checked.
    """
    percent = DEDUCTION_PERCENT.get(invoice_type)
    if percent is None:
        return Decimal(0), Decimal(0)
    labour = [row for row in rows if row["houseWorkFlag"]]
    basis = sum((decimal_of(row["totalAmountInclTax"]) for row in labour), Decimal(0))
    deduction = sum(
        (
            decimal_of(row["totalAmountInclTax"]) * HEAT_PUMP_PERCENT.get(row["houseWorkTypeOfWork"], percent) / 100
            for row in labour
        ),
        Decimal(0),
    )
    return round_to_ore(basis), deduction.quantize(KRONA, ROUND_DOWN)
