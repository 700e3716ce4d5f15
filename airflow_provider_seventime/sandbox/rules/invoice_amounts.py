"""The arithmetic of a sales invoice: rows, taxes, rounding, deduction. Pure, in ``Decimal``."""

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
TIMED_ROWS = frozenset({ItemType.TIME_LOG.value, ItemType.MACHINE_TIME_LOG.value})
EMPTY_ROWS = frozenset({ItemType.TEXT.value, ItemType.BLANK.value})
# Percent of labour with tax that the tax agency pays; the two heat pump works carry theirs in the name.
DEDUCTION_PERCENT = {InvoiceType.ROT.value: Decimal(30), InvoiceType.RUT.value: Decimal(50)}
HEAT_PUMP_PERCENT = {HouseWorkType.HEAT_PUMP_30.value: Decimal(30), HouseWorkType.HEAT_PUMP_35.value: Decimal(35)}

Row = Mapping[str, Any]


def at_one_rate(tax_percent: Any = DEFAULT_TAX_PERCENT, currency_code: str = "SEK") -> dict[str, Any]:
    """Return what the arithmetic needs to know of a document with rows that is no sales invoice.

    :param tax_percent: the rate of every row.
    """
    return {
        "invoiceType": InvoiceType.NORMAL.value,
        "multipleTaxesOnRows": False,
        "taxPercent": tax_percent,
        "currencyCode": currency_code,
    }


def row_net(row: Row) -> Decimal:
    """Return what a row costs without tax, rounded to öre.

    A text+amount row has its amount, a text or blank row none, a timed row hours times price per hour, any other row
    quantity (1 when not given) times unit price; the discount is taken off.
    """
    kind = row["itemType"]
    if kind in EMPTY_ROWS:
        return Decimal(0)
    if kind == ItemType.ONLY_AMOUNT.value:
        return round_to_ore(decimal_of(row.get("totalAmount")))
    priced = "pricePerHour" if kind in TIMED_ROWS and row.get("pricePerHour") is not None else "unitPrice"
    full = row_quantity(row) * decimal_of(row.get(priced))
    return round_to_ore(full * (100 - decimal_of(row.get("discountPercent"))) / 100)


def row_quantity(row: Row) -> Decimal:
    """Return how many there are of a row; 1 where it does not say."""
    quantity = row.get("numberOfItems")
    return Decimal(1) if quantity is None else decimal_of(quantity)


def row_tax_percent(row: Row, invoice: Mapping[str, Any]) -> Decimal:
    """Return the tax rate of a row: its own when the invoice has several (25 when not given), else the invoice's."""
    if invoice["invoiceType"] == InvoiceType.CONSTRUCTION.value:
        return Decimal(0)  # reverse charge: the buyer reports the tax
    if not invoice["multipleTaxesOnRows"]:
        return decimal_of(invoice["taxPercent"])
    percent = row.get("taxPercent")
    return DEFAULT_TAX_PERCENT if percent is None else decimal_of(percent)


def row_amounts(row: Row, invoice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the computed fields of a row. Its tax is not rounded: the service shows 1920.425, and rounds the total."""
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
    """Return the totals of an invoice whose rows are computed.

    ``totalAmount + totalTaxAmount + totalAmountRounding = totalAmountInclTax``. Kronor are rounded to whole ones, other
    currencies to hundredths only. The deduction of a ROT or RUT invoice stands beside the totals and is not taken off.
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
    """Return the labour with tax that a ROT or RUT deduction is reckoned on, and the deduction in whole kronor.

    30 percent for ROT, 50 for RUT (Swedish Income Tax Act, chapter 67, rates from 2026); the yearly ceilings belong to
    persons and are not looked at.
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
