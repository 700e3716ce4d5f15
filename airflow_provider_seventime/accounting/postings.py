"""Which accounts an invoice is posted on, in SEK, so that debit equals credit."""

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
    """One amount on one account (debit positive), and which part of the invoice it is."""

    meaning: Meaning
    account: str
    amount: Decimal


def post(
    totals: InvoiceTotals, groups: Sequence[TaxGroup], chart: Chart, *, to_krona: Decimal, construction: bool
) -> tuple[Posting, ...]:
    """Post an invoice: what is owed, its VAT and its sales by rate, and its rounding; amounts of zero are left out.

    :param to_krona: SEK per unit of the invoice's currency, negative where the amounts are to be reversed.
    :param construction: sales go to the account for reverse charge in construction.
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
    """Return the rounding to post: the invoice's own, and the öre that converting a currency leaves over."""
    own = round_to_ore(invoiced)
    left_over = own + sum((posting.amount for posting in postings), Decimal(0))
    explained = ORE * (len(postings) + 1) / 2 if converted else Decimal(0)
    if abs(left_over) > explained:
        raise UnbookableError(f"its postings do not balance: {left_over} is left over")
    return own - left_over
