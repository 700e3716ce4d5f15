"""Totals of an invoice's header, checked against each other, and the rate of its currency."""

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

# A total is rounded to whole units of its currency, so the rounding is less than one unit.
_LARGEST_ROUNDING = Decimal(1)

# One unit of these has cost more than one krona in every recorded year: a rate below 1 is inverted.
_DEARER_THAN_KRONA = frozenset({"CHF", "DKK", "EUR", "GBP", "USD"})
_LOWEST_RATE, _HIGHEST_RATE = Decimal("0.000001"), Decimal(1_000_000)


@dataclass(frozen=True)
class InvoiceTotals:
    """Totals of the header, in the invoice's currency and with the signs that the API returns.

    ``net + vat + rounding = payable + house_deduction`` holds exactly: a small difference in the header's own sum is
    part of ``rounding``.

    :param net: sales without VAT.
    :param vat: output VAT.
    :param rounding: amount that rounding added to the total.
    :param payable: amount that the customer owes.
    :param house_deduction: amount that Skatteverket pays instead of the customer (ROT, RUT); 0 for other invoices.
    """

    net: Decimal
    vat: Decimal
    rounding: Decimal
    payable: Decimal
    house_deduction: Decimal


def read_totals(invoice: Record, tolerance: Decimal) -> InvoiceTotals:
    """Read the header's totals and check that they add up.

    The API does not document whether ``totalAmountInclTax`` is before or after the ROT or RUT deduction. The reading
    that adds up is used.

    :param tolerance: largest accepted difference, in the invoice's currency.
    :raises UnbookableError: a total is missing or not a number, or the sum differs by more than the tolerance.
    """
    net = round_to_ore(required_number(invoice, "totalAmount"))
    vat = round_to_ore(required_number(invoice, "totalTaxAmount"))
    total = round_to_ore(required_number(invoice, "totalAmountInclTax"))
    rounding = round_to_ore(number_or_none(invoice, "totalAmountRounding") or Decimal(0))
    deduction = round_to_ore(number_or_none(invoice, "houseDeductionAmount") or Decimal(0))
    if abs(rounding) >= _LARGEST_ROUNDING:
        raise UnbookableError(f"totalAmountRounding is {rounding}: rounding changes a total by less than 1")

    # The deduction lowers the amount to pay, whatever its sign in the API. A credit note reverses it.
    deduction = abs(deduction) if net + vat >= 0 else -abs(deduction)
    payable = _payable(net + vat + rounding, total, deduction, tolerance)
    return InvoiceTotals(net, vat, payable + deduction - net - vat, payable, deduction)


def _payable(summed: Decimal, total: Decimal, deduction: Decimal, tolerance: Decimal) -> Decimal:
    if not deduction:
        if abs(summed - total) > tolerance:
            raise UnbookableError(
                f"totalAmount + totalTaxAmount + totalAmountRounding = {summed}, but totalAmountInclTax is {total} "
                f"(a difference of {summed - total}, more than the tolerance of {tolerance})"
            )
        return total
    difference_before = abs(summed - total)
    difference_after = abs(summed - deduction - total)
    if min(difference_before, difference_after) > tolerance or difference_before == difference_after:
        raise UnbookableError(
            f"totalAmountInclTax is {total}, which matches neither the total before houseDeductionAmount ({summed}) "
            f"nor the total after it ({summed - deduction})"
        )
    return total - deduction if difference_before < difference_after else total


def krona_rate(invoice: Record) -> Decimal:
    """Return the value of one unit of the invoice's currency in SEK; 1 for an invoice in SEK.

    ``currencyRate`` is read as SEK per unit. This is an assumption: the API's documentation says only "between SEK and
    the selected currency". A rate below 1 is therefore refused for a currency that is worth more than one krona.

    :raises UnbookableError: the rate is missing, out of range, or contradicts the currency.
    """
    currency = text(invoice, "currencyCode").upper() or KRONA
    rate = number_or_none(invoice, "currencyRate")
    if currency == KRONA:
        if rate not in {None, Decimal(0), Decimal(1)}:
            raise UnbookableError(f"currencyRate is {rate} although the currency is SEK")
        return Decimal(1)
    if rate is None or not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        found = "is missing" if rate is None else f"is {rate}"
        raise UnbookableError(f"currencyRate {found}: an invoice in {currency} needs its rate, in SEK per {currency}")
    if currency in _DEARER_THAN_KRONA and rate < 1:
        raise UnbookableError(
            f"currencyRate is {rate}: expected SEK per {currency}, and a {currency} is worth more than 1 SEK"
        )
    return rate


def booking_sign(invoice: Record, totals: InvoiceTotals) -> int:
    """Return -1 for a credit note with positive amounts, which must be negated; otherwise 1.

    The API does not document the sign of a credit note's amounts, so both are accepted.
    """
    return -1 if flag(invoice, "isCreditInvoice") and totals.net + totals.vat > 0 else 1
