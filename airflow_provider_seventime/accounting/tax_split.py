"""The rows of an invoice: how its net amount and its VAT divide between the VAT rates.

The header is the truth for both sums, the rows for their division: rounding each row gives other öre than rounding the
sum, and what was invoiced is the header (accounting rules: Skatteverket, rättslig vägledning 321578). What the rows
leave over goes to the highest rate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from airflow_provider_seventime.accounting.amounts import round_to_ore
from airflow_provider_seventime.accounting.invoice_fields import Record, UnbookableError, flag, number_or_none, text

TAX_PERCENTS = (25, 12, 6, 0)

_WHOLE = Decimal(100)

# Rows of these types are text on the invoice and need no amount.
_TEXT_ITEM_TYPES = frozenset({"blank", "general", "text"})


@dataclass(frozen=True)
class TaxGroup:
    """The part of an invoice that has one VAT rate, in the invoice's currency."""

    tax_percent: int
    net: Decimal
    vat: Decimal


def split_by_rate(
    invoice: Record, net: Decimal, vat: Decimal, tolerance: Decimal, *, reverse_charge: bool
) -> tuple[TaxGroup, ...]:
    """Divide an invoice between its VAT rates, the highest first.

    :param net: the header's net amount, which the groups add up to.
    :param vat: the header's VAT, which the groups add up to.
    :param tolerance: largest difference accepted between rows and header, in the invoice's currency.
    :param reverse_charge: the buyer accounts for the VAT: one group, without VAT, whatever rates the rows name.
    :raises UnbookableError: a row cannot be read, has an unknown rate, or the rows do not add up to the header.
    """
    nets: dict[int, Decimal] = defaultdict(Decimal)
    for where, row, amount in _rows_with_amounts(invoice):
        nets[0 if reverse_charge else _tax_percent(invoice, row, where)] += amount
    fitted = _fit_to_header(nets, net, _discount_percent(invoice), tolerance)
    if reverse_charge and vat:
        raise UnbookableError(f"a construction invoice has reverse charge and no VAT, but totalTaxAmount is {vat}")
    vats = _divide_vat(fitted, vat, tolerance)
    return tuple(TaxGroup(percent, fitted[percent], vats[percent]) for percent in TAX_PERCENTS if percent in fitted)


def _rows_with_amounts(invoice: Record) -> Iterator[tuple[str, Record, Decimal]]:
    rows = invoice.get("invoiceItems")
    if not rows:
        raise UnbookableError("it has no rows (invoiceItems)")
    if not isinstance(rows, list | tuple):
        raise UnbookableError(f"invoiceItems is {type(rows).__name__}, not a list of rows")
    for position, row in enumerate(rows, start=1):
        where = f"row {position}: "
        if not isinstance(row, Mapping):
            raise UnbookableError(f"{where}{row!r} is not a row")
        amount = number_or_none(row, "totalAmount", where)
        if amount is None and text(row, "itemType") not in _TEXT_ITEM_TYPES:
            raise UnbookableError(f"{where}totalAmount is missing")
        if amount:
            yield where, row, amount


def _tax_percent(invoice: Record, row: Record, where: str) -> int:
    on_rows = flag(invoice, "multipleTaxesOnRows")
    percent = number_or_none(row, "taxPercent", where) if on_rows else number_or_none(invoice, "taxPercent")
    if percent is None or percent not in TAX_PERCENTS:
        said = "is missing" if percent is None else f"is {percent}"
        raise UnbookableError(f"{where if on_rows else ''}taxPercent {said}: it has to be 25, 12, 6 or 0")
    return int(percent)


def _discount_percent(invoice: Record) -> Decimal:
    discount = number_or_none(invoice, "discountInPercent") or Decimal(0)
    if not 0 <= discount <= _WHOLE:
        raise UnbookableError(f"discountInPercent is {discount}: it has to be between 0 and 100")
    return discount


def _fit_to_header(
    nets: Mapping[int, Decimal], header_net: Decimal, discount_percent: Decimal, tolerance: Decimal
) -> dict[int, Decimal]:
    """Scale the rows' sums to the header's net amount.

    Whether row amounts are before or after the header's discount is not documented: the closer reading holds.
    """
    readings = [_scaled(nets, factor) for factor in (Decimal(1), 1 - discount_percent / _WHOLE)]
    fitted = min(readings, key=lambda reading: abs(header_net - sum(reading.values())))
    summed = sum(fitted.values(), Decimal(0))
    difference = header_net - summed
    if abs(difference) > tolerance or (difference and not fitted):
        discount = f" (with or without the discount of {discount_percent} %)" if discount_percent else ""
        raise UnbookableError(
            f"the rows add up to {summed}{discount}, but totalAmount is {header_net} (a difference of {difference})"
        )
    if difference:
        fitted[max(fitted)] += difference
    return fitted


def _scaled(nets: Mapping[int, Decimal], factor: Decimal) -> dict[int, Decimal]:
    scaled = {percent: round_to_ore(amount * factor) for percent, amount in nets.items()}
    return {percent: amount for percent, amount in scaled.items() if amount}


def _divide_vat(nets: Mapping[int, Decimal], header_vat: Decimal, tolerance: Decimal) -> dict[int, Decimal]:
    vats = {percent: round_to_ore(net * percent / _WHOLE) for percent, net in nets.items()}
    expected = sum(vats.values(), Decimal(0))
    difference = header_vat - expected
    highest = max(vats, default=0)
    if abs(difference) > tolerance or (difference and not highest):
        shares = ", ".join(f"{percent} % of {net}" for percent, net in sorted(nets.items(), reverse=True))
        raise UnbookableError(
            f"totalTaxAmount is {header_vat}, but the rows' rates give {expected}: {shares or 'no row has an amount'}"
        )
    if difference:
        vats[highest] += difference
    return vats
