"""Division of an invoice's net amount and VAT between its VAT rates.

The header decides both sums, and the rows decide how they are divided. Rounding each row gives other öre than rounding
the sum, and the header is what the customer was invoiced (Skatteverket, rättslig vägledning 321578).

The remainder between rows and header goes to the rate with the largest sales. Between rates with equal sales it goes to
the highest rate. A remainder of VAT goes to a rate above 0 %, because sales at 0 % have no VAT account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
    """The part of an invoice with one VAT rate, in the invoice's currency."""

    tax_percent: int
    net: Decimal
    vat: Decimal


def split_by_rate(
    invoice: Record, net: Decimal, vat: Decimal, tolerance: Decimal, *, reverse_charge: bool
) -> tuple[TaxGroup, ...]:
    """Divide an invoice between its VAT rates, the highest first.

    :param net: the header's net amount. The groups add up to it.
    :param vat: the header's VAT. The groups add up to it.
    :param tolerance: largest accepted difference between rows and header, in the invoice's currency.
    :param reverse_charge: the buyer accounts for the VAT: one group without VAT, whatever rates the rows name.
    :raises UnbookableError: a row is unreadable or has an unknown rate, or the rows do not add up to the header.
    """
    row_sums: dict[int, Decimal] = defaultdict(Decimal)
    for where, row, amount in _rows_with_amounts(invoice):
        row_sums[0 if reverse_charge else _tax_percent(invoice, row, where)] += amount
    nets = _divide_net(row_sums, net, _discount_percent(invoice), tolerance)
    if reverse_charge and vat:
        raise UnbookableError(
            f"totalTaxAmount is {vat}, but a construction invoice has reverse charge and no VAT; set it to 0"
        )
    vats = _divide_vat(nets, vat, tolerance)
    return tuple(TaxGroup(percent, nets[percent], vats[percent]) for percent in TAX_PERCENTS if percent in nets)


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
        found = "is missing" if percent is None else f"is {percent}"
        raise UnbookableError(f"{where if on_rows else ''}taxPercent {found}: it must be 25, 12, 6 or 0")
    return int(percent)


def _discount_percent(invoice: Record) -> Decimal:
    discount = number_or_none(invoice, "discountInPercent") or Decimal(0)
    if not 0 <= discount <= _WHOLE:
        raise UnbookableError(f"discountInPercent is {discount}: it must be between 0 and 100")
    return discount


def _divide_net(
    row_sums: Mapping[int, Decimal], header_net: Decimal, discount_percent: Decimal, tolerance: Decimal
) -> dict[int, Decimal]:
    """Return the net amount by rate; the amounts add up to the header's net amount.

    The API does not document whether row amounts are before or after the header's discount. The reading that comes
    closer to the header is used.
    """
    readings = [_scaled(row_sums, factor) for factor in (Decimal(1), 1 - discount_percent / _WHOLE)]
    nets = min(readings, key=lambda reading: abs(header_net - sum(reading.values())))
    total = sum(nets.values(), Decimal(0))
    remainder = header_net - total
    if abs(remainder) > tolerance or (remainder and not nets):
        discount = f" (with or without the discount of {discount_percent} %)" if discount_percent else ""
        raise UnbookableError(
            f"the rows add up to {total}{discount}, but totalAmount is {header_net} (a difference of {remainder})"
        )
    if remainder:
        nets[_largest_sales(nets, nets)] += remainder
    return nets


def _scaled(amounts: Mapping[int, Decimal], factor: Decimal) -> dict[int, Decimal]:
    scaled = {percent: round_to_ore(amount * factor) for percent, amount in amounts.items()}
    return {percent: amount for percent, amount in scaled.items() if amount}


def _divide_vat(nets: Mapping[int, Decimal], header_vat: Decimal, tolerance: Decimal) -> dict[int, Decimal]:
    """Return the VAT by rate; the amounts add up to the header's VAT."""
    vats = {percent: round_to_ore(net * percent / _WHOLE) for percent, net in nets.items()}
    total = sum(vats.values(), Decimal(0))
    remainder = header_vat - total
    taxed = [percent for percent in nets if percent]
    if abs(remainder) > tolerance or (remainder and not taxed):
        shares = ", ".join(f"{percent} % of {net}" for percent, net in sorted(nets.items(), reverse=True))
        raise UnbookableError(
            f"totalTaxAmount is {header_vat}, but the rows' rates give {total}: {shares or 'no row has an amount'}"
        )
    if remainder:
        vats[_largest_sales(nets, taxed)] += remainder
    return vats


def _largest_sales(nets: Mapping[int, Decimal], percents: Iterable[int]) -> int:
    """Return the rate with the largest sales of either sign; between equal sales the highest rate."""
    return max(percents, key=lambda percent: (abs(nets[percent]), percent))
