"""Comparison of a SIE file, as a reader finds it, with the invoices that it must contain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from typing import TypeVar

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.invoice_fields import Record
from airflow_provider_seventime.accounting.sie_reader import SieFile, SieVoucher
from airflow_provider_seventime.accounting.vouchers import (
    DEFAULT_TOLERANCE,
    Voucher,
    belongs_to_period,
    book_invoices,
)

AnyVoucher = TypeVar("AnyVoucher", Voucher, SieVoucher)
_Key = tuple[date, tuple[tuple[str, Decimal], ...]]


@dataclass(frozen=True)
class ExportCheck:
    """Result of the comparison.

    :param vouchers: number of vouchers in the file.
    :param receivable: amount that the file books as owed by customers and by Skatteverket, in SEK.
    :param problems: one line for each invoice without its voucher, and for each voucher without an invoice. Empty: the
        file has the voucher of every invoice, and no other.
    """

    vouchers: int
    receivable: Decimal
    problems: tuple[str, ...]


def check_export(
    books: SieFile,
    invoices: Iterable[Record],
    zone: tzinfo,
    from_date: date,
    to_date: date,
    *,
    accounts: Mapping[str, str | int] | None = None,
    tolerance: Decimal = DEFAULT_TOLERANCE,
) -> ExportCheck:
    """Compare a file with the invoices of its period, voucher by voucher.

    The rules are those of the export. A voucher has the invoice's Swedish date and its amounts in SEK on each account.
    Drafts, obliterated invoices, and invoices whose every amount is 0, have none.

    :param books: content of the file, from :func:`~airflow_provider_seventime.accounting.sie_reader.read_sie`.
    :param invoices: invoices as the API returns them. Those outside the period are ignored.
    :param zone: the time zone in which ``invoiceDate`` is a calendar date.
    :param from_date: first invoice date of the period.
    :param to_date: last invoice date, included.
    :param accounts: ``accounts`` of the export. None: BAS throughout.
    :param tolerance: ``tolerance`` of the export, in SEK.
    :raises BookingError: an invoice cannot be booked. It has changed since the export.
    :raises ConfigError: ``accounts`` names a wrong role or account.
    """
    chart = Chart.from_mapping(accounts)
    due = [invoice for invoice in invoices if belongs_to_period(invoice, zone, from_date, to_date)]
    booked = book_invoices(due, chart, zone, tolerance=tolerance).vouchers
    receivables = (chart.receivables, chart.house_work_receivables)
    totals = books.account_totals
    return ExportCheck(
        vouchers=len(books.vouchers),
        receivable=sum((totals.get(account, Decimal(0)) for account in set(receivables)), Decimal("0.00")),
        problems=(*_missing(booked, books.vouchers), *_surplus(booked, books.vouchers)),
    )


def _missing(booked: Iterable[Voucher], found: Iterable[SieVoucher]) -> Iterable[str]:
    for voucher in _unmatched(booked, found):
        receivable = voucher.totals.receivable + voucher.totals.house_deduction
        yield (
            f"{voucher.number} (_id {voucher.record_id}): the file has no voucher of {voucher.date} "
            f"with its amounts, {receivable} SEK receivable"
        )


def _surplus(booked: Iterable[Voucher], found: Iterable[SieVoucher]) -> Iterable[str]:
    for voucher in _unmatched(found, booked):
        yield f"the voucher {voucher.text!r} of {voucher.date} belongs to no invoice with its amounts"


def _unmatched(vouchers: Iterable[AnyVoucher], others: Iterable[Voucher | SieVoucher]) -> Iterable[AnyVoucher]:
    """Yield the vouchers that have no counterpart among others. Each counterpart serves one voucher."""
    left = Counter(map(_key, others))
    for voucher in vouchers:
        key = _key(voucher)
        if left[key]:
            left[key] -= 1
        else:
            yield voucher


def _key(voucher: Voucher | SieVoucher) -> _Key:
    """Return what identifies a voucher in both forms: its date, and the amount on each account."""
    by_account: dict[str, Decimal] = {}
    for row in voucher.rows:
        by_account[row.account] = by_account.get(row.account, Decimal(0)) + row.amount
    return voucher.date, tuple(sorted(by_account.items()))
