"""Postings of an invoice on accounts, in SEK: debit equals credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from airflow_provider_seventime.accounting.amounts import ORE, round_to_ore
from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.invoice_fields import UnbookableError
from airflow_provider_seventime.accounting.invoice_totals import InvoiceTotals
from airflow_provider_seventime.accounting.tax_split import TaxGroup

Meaning = Literal["receivable", "house_deduction", "vat", "net", "rounding"]


@dataclass(frozen=True)
class Posting:
    """One amount on one account (debit positive), with its meaning in the invoice."""

    meaning: Meaning
    account: str
    amount: Decimal


def post(
    totals: InvoiceTotals, groups: Sequence[TaxGroup], chart: Chart, *, to_krona: Decimal, construction: bool
) -> tuple[Posting, ...]:
    """Post an invoice: receivables, VAT and sales by rate, and rounding. Amounts of zero are left out.

    :param to_krona: SEK per unit of the invoice's currency. A negative rate reverses the amounts.
    :param construction: post sales on the account for reverse charge in construction.
    :raises UnbookableError: the amounts do not balance.
    """
    amounts: list[tuple[Meaning, str, Decimal]] = [
        ("receivable", chart.receivables, totals.payable),
        ("house_deduction", chart.house_work_receivables, totals.house_deduction),
    ]
    amounts += [("vat", chart.output_vat(group.tax_percent), -group.vat) for group in groups if group.vat]
    amounts += [
        ("net", chart.construction_sales if construction else chart.sales(group.tax_percent), -group.net)
        for group in groups
    ]
    postings = [Posting(meaning, account, round_to_ore(amount * to_krona)) for meaning, account, amount in amounts]
    rounding = _rounding(-totals.rounding * to_krona, postings, converted=abs(to_krona) != 1)
    postings.append(Posting("rounding", chart.rounding, rounding))
    return tuple(posting for posting in postings if posting.amount)


def _rounding(invoiced: Decimal, postings: Sequence[Posting], *, converted: bool) -> Decimal:
    """Return the rounding to post: the invoice's own rounding, less the remainder of a currency conversion."""
    own = round_to_ore(invoiced)
    remainder = own + sum((posting.amount for posting in postings), Decimal(0))
    # Converting rounds each amount, and the rounding itself, by at most half an öre.
    largest_remainder = ORE * (len(postings) + 1) / 2 if converted else Decimal(0)
    if abs(remainder) > largest_remainder:
        raise UnbookableError(f"debit and credit of its postings differ by {remainder}")
    return own - remainder
