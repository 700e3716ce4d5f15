"""The header of an invoice: whether its totals hold together, and what its currency is worth."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from airflow_provider_seventime.accounting.amounts import round_to_ore
from airflow_provider_seventime.accounting.invoice_fields import (
    Record,
    UnbookableError,
    flag,
    number_or_none,
    required_number,
    text,
)

KRONA = "SEK"

# A total is rounded to whole units of its currency, so what the rounding moves is less than one unit.
_LARGEST_ROUNDING = Decimal(1)

# A unit of these has cost more than a krona for as long as the rates are recorded: a rate below 1 is upside down.
_DEARER_THAN_KRONA = frozenset({"CHF", "DKK", "EUR", "GBP", "USD"})
_LOWEST_RATE, _HIGHEST_RATE = Decimal("0.000001"), Decimal(1_000_000)


@dataclass(frozen=True)
class InvoiceTotals:
    """What the header says, in the invoice's currency and with the signs it was written with.

    ``net + vat + rounding = payable + house_deduction`` holds exactly: a small difference in the header's own sum is
    part of ``rounding``.

    :param net: sales without VAT.
    :param vat: output VAT.
    :param rounding: what the rounding of the total added.
    :param payable: what the customer owes.
    :param house_deduction: what Skatteverket is asked for in the customer's place (ROT, RUT); 0 for other invoices.
    """

    net: Decimal
    vat: Decimal
    rounding: Decimal
    payable: Decimal
    house_deduction: Decimal


def read_totals(invoice: Record, tolerance: Decimal) -> InvoiceTotals:
    """Read the header's totals and check that they add up.

    Whether ``totalAmountInclTax`` is before or after the ROT or RUT deduction is not documented: the arithmetic of each
    invoice decides.

    :param tolerance: largest difference accepted, in the invoice's currency.
    :raises UnbookableError: a total is missing or no number, or the sum misses by more than the tolerance.
    """
    net = round_to_ore(required_number(invoice, "totalAmount"))
    vat = round_to_ore(required_number(invoice, "totalTaxAmount"))
    total = round_to_ore(required_number(invoice, "totalAmountInclTax"))
    rounding = round_to_ore(number_or_none(invoice, "totalAmountRounding") or Decimal(0))
    deduction = round_to_ore(number_or_none(invoice, "houseDeductionAmount") or Decimal(0))
    if abs(rounding) >= _LARGEST_ROUNDING:
        raise UnbookableError(f"totalAmountRounding is {rounding}: rounding moves a total by less than 1")

    # The deduction takes off the price whatever sign it is written with, and a credit takes it back.
    deduction = abs(deduction) if net + vat >= 0 else -abs(deduction)
    payable = _payable(net + vat + rounding, total, deduction, tolerance)
    return InvoiceTotals(net, vat, payable + deduction - net - vat, payable, deduction)


def _payable(summed: Decimal, total: Decimal, deduction: Decimal, tolerance: Decimal) -> Decimal:
    if not deduction:
        if abs(summed - total) > tolerance:
            raise UnbookableError(
                f"totalAmount + totalTaxAmount + totalAmountRounding = {summed}, but totalAmountInclTax is {total} "
                f"(a difference of {summed - total}, more than the {tolerance} accepted)"
            )
        return total
    misses_before = abs(summed - total)
    misses_after = abs(summed - deduction - total)
    if min(misses_before, misses_after) > tolerance or misses_before == misses_after:
        raise UnbookableError(
            f"totalAmountInclTax is {total}, which fits neither the total before houseDeductionAmount ({summed}) "
            f"nor the one after it ({summed - deduction})"
        )
    return total - deduction if misses_before < misses_after else total


def krona_rate(invoice: Record) -> Decimal:
    """Return what one unit of the invoice's currency is in SEK; 1 for an invoice in SEK.

    ``currencyRate`` is taken as SEK per unit: an assumption, as the API's documentation says only "between SEK and the
    selected currency". A rate below 1 for a currency that is dearer than the krona is therefore refused instead of
    booked upside down.

    :raises UnbookableError: the rate is missing, out of range, or contradicts the currency.
    """
    currency = text(invoice, "currencyCode").upper() or KRONA
    rate = number_or_none(invoice, "currencyRate")
    if currency == KRONA:
        if rate not in {None, Decimal(0), Decimal(1)}:
            raise UnbookableError(f"currencyRate is {rate} although the currency is SEK")
        return Decimal(1)
    if rate is None or not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        said = "is missing" if rate is None else f"is {rate}"
        raise UnbookableError(f"currencyRate {said}: an invoice in {currency} needs its rate, in SEK per {currency}")
    if currency in _DEARER_THAN_KRONA and rate < 1:
        raise UnbookableError(
            f"currencyRate is {rate}: expected SEK per {currency}, and a {currency} is worth more than 1 SEK"
        )
    return rate


def booking_sign(invoice: Record, totals: InvoiceTotals) -> int:
    """Return -1 where the amounts must be negated to be booked: a credit note written with positive amounts.

    Which sign the API gives a credit note is not documented, so both are accepted.
    """
    return -1 if flag(invoice, "isCreditInvoice") and totals.net + totals.vat > 0 else 1
