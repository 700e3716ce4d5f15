"""Balanced vouchers of sales invoices.

A sent invoice becomes one voucher on its invoice date (the invoice method of Swedish bookkeeping). Its status decides:

* 2 (sent) and 3 (paid): booked.
* 7 (customer loss): booked with a remark, because the sale took place when the invoice was sent. The accountant books
  the loss as a voucher of its own.
* 1 (draft): not booked, with a remark. A draft has no number.
* 4 (obliterated): not booked, with a remark. The accountant must be able to explain a number without a voucher.
* any other status: refused, because Seven Time documents none.

Amounts follow the SIE format: debit positive, credit negative.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any, Literal

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.invoice_fields import (
    UnbookableError,
    code_or_none,
    flag,
    invoice_date,
    text,
)
from airflow_provider_seventime.accounting.invoice_totals import booking_sign, krona_rate, read_totals
from airflow_provider_seventime.accounting.postings import Meaning, Posting, post
from airflow_provider_seventime.accounting.tax_split import split_by_rate
from airflow_provider_seventime.exceptions import BookingError

DRAFT, SENT, PAID, OBLITERATED, CUSTOMER_LOSS = 1, 2, 3, 4, 7
BOOKED_STATUSES = frozenset({SENT, PAID, CUSTOMER_LOSS})
NORMAL, ROT, RUT, CONSTRUCTION = 0, 1, 2, 3

DEFAULT_TOLERANCE = Decimal("1.00")

# Fortnox accepts no longer text on a voucher or a row.
TEXT_LIMIT = 50

RemarkKind = Literal["draft", "obliterated", "customer_loss", "zero_amount"]


@dataclass(frozen=True)
class VoucherRow:
    """One row of a voucher: account number, amount in SEK (debit positive) and text."""

    account: str
    amount: Decimal
    text: str


@dataclass(frozen=True)
class VoucherTotals:
    """Amounts of a voucher by meaning, in SEK: positive for a sale, negative for a credit.

    ``net + vat + rounding = receivable + house_deduction``.
    """

    net: Decimal
    vat: Decimal
    rounding: Decimal
    receivable: Decimal
    house_deduction: Decimal


@dataclass(frozen=True)
class Voucher:
    """Voucher of one invoice.

    :param date: accounting date.
    :param text: kind, number and customer, in Swedish, at most 50 characters.
    :param rows: the postings. They sum to zero.
    :param record_id: ``_id`` of the invoice.
    :param number: the invoice's number.
    :param totals: the same amounts by meaning.
    """

    date: date
    text: str
    rows: tuple[VoucherRow, ...]
    record_id: str
    number: str
    totals: VoucherTotals

    @property
    def balance(self) -> Decimal:
        """Sum of the rows. A voucher that may be booked has zero."""
        return sum((row.amount for row in self.rows), Decimal(0))


@dataclass(frozen=True)
class Remark:
    """Note to the accountant about one invoice that is not booked, or that needs another voucher."""

    kind: RemarkKind
    record_id: str
    number: str


@dataclass(frozen=True)
class Bookings:
    """Vouchers and remarks of a batch of invoices, in the order of the invoices.

    Every invoice has a voucher or a remark. A customer loss has both.
    """

    vouchers: tuple[Voucher, ...]
    remarks: tuple[Remark, ...]

    def remarked(self, kind: RemarkKind) -> tuple[Remark, ...]:
        """Return the remarks of one kind."""
        return tuple(remark for remark in self.remarks if remark.kind == kind)


def book_invoices(
    invoices: Iterable[Mapping[str, Any]],
    chart: Chart,
    zone: tzinfo,
    *,
    tolerance: Decimal = DEFAULT_TOLERANCE,
) -> Bookings:
    """Book a batch of invoices: all of them or none.

    :param invoices: the invoices as the API returns them.
    :param chart: the accounts to book on.
    :param zone: the time zone in which ``invoiceDate`` is a calendar date.
    :param tolerance: largest accepted difference between rows and header, and within the header, in SEK.
    :raises BookingError: one or more invoices cannot be booked, or have the same number. The message names each with
        its reason.
    """
    vouchers: list[Voucher] = []
    remarks: list[Remark] = []
    problems: list[str] = []
    for position, invoice in enumerate(invoices, start=1):
        try:
            voucher, kind = _book(invoice, chart, zone, tolerance)
        except UnbookableError as error:
            problems.append(f"{_label(invoice, position)}: {error}")
            continue
        if kind:
            remarks.append(Remark(kind, text(invoice, "_id"), text(invoice, "invoiceNumber")))
        if voucher:
            vouchers.append(voucher)
    problems.extend(_repetitions(vouchers))
    if problems:
        raise BookingError(problems)
    return Bookings(tuple(vouchers), tuple(remarks))


def belongs_to_period(invoice: Mapping[str, Any], zone: tzinfo, from_date: date, to_date: date) -> bool:
    """Return True if an invoice is booked in a period, both dates included.

    An invoice with an unreadable date belongs to every period, so that booking reports it.
    """
    try:
        return from_date <= invoice_date(invoice, zone) <= to_date
    except UnbookableError:
        return True


def _book(
    invoice: Mapping[str, Any], chart: Chart, zone: tzinfo, tolerance: Decimal
) -> tuple[Voucher | None, RemarkKind | None]:
    """Return the voucher and the remark of an invoice, by its status."""
    status = code_or_none(invoice, "invoiceStatus")
    if status in BOOKED_STATUSES:
        voucher = _voucher(invoice, chart, zone, tolerance)
        if not voucher.rows:
            return None, "zero_amount"
        return voucher, "customer_loss" if status == CUSTOMER_LOSS else None
    if status == DRAFT:
        return None, "draft"
    if status == OBLITERATED:
        return None, "obliterated"
    booked = ", ".join(map(str, sorted(BOOKED_STATUSES)))
    found = "is missing" if status is None else f"is {status}"
    raise UnbookableError(f"invoiceStatus {found}: known are {booked} (booked), 1 (draft) and 4 (obliterated)")


def _repetitions(vouchers: Iterable[Voucher]) -> list[str]:
    problems: list[str] = []
    seen: set[str] = set()
    for voucher in vouchers:
        if voucher.number in seen:
            problems.append(f"{voucher.number} (_id {voucher.record_id}): another invoice has the same number")
        seen.add(voucher.number)
    return problems


def _label(invoice: Mapping[str, Any], position: int) -> str:
    number, record_id = text(invoice, "invoiceNumber"), text(invoice, "_id")
    if number:
        return f"{number} (_id {record_id})" if record_id else number
    return f"_id {record_id}" if record_id else f"invoice {position} of the batch, without number and _id"


def _voucher(invoice: Mapping[str, Any], chart: Chart, zone: tzinfo, tolerance: Decimal) -> Voucher:
    """Book an invoice of any status. The voucher has no rows if every amount is 0."""
    number = text(invoice, "invoiceNumber")
    if not number:
        raise UnbookableError("invoiceNumber is missing: Seven Time gives it when the invoice is sent")
    accounting_date = invoice_date(invoice, zone)
    construction = _invoice_type(invoice) == CONSTRUCTION
    rate = krona_rate(invoice)
    totals = read_totals(invoice, tolerance / rate)
    groups = split_by_rate(invoice, totals.net, totals.vat, tolerance / rate, reverse_charge=construction)
    to_krona = booking_sign(invoice, totals) * rate
    postings = post(totals, groups, chart, to_krona=to_krona, construction=construction)
    voucher_text = _text(invoice, number)
    return Voucher(
        date=accounting_date,
        text=voucher_text,
        rows=tuple(VoucherRow(posting.account, posting.amount, voucher_text) for posting in postings),
        record_id=text(invoice, "_id"),
        number=number,
        totals=_totals(postings),
    )


def _invoice_type(invoice: Mapping[str, Any]) -> int:
    invoice_type = code_or_none(invoice, "invoiceType") or NORMAL
    if invoice_type not in {NORMAL, ROT, RUT, CONSTRUCTION}:
        raise UnbookableError(f"invoiceType is {invoice_type}: it must be 0, 1, 2 or 3")
    return invoice_type


def _text(invoice: Mapping[str, Any], number: str) -> str:
    """Return the voucher's text, in Swedish: a voucher names the transaction and the counterparty (BFL 5:7)."""
    credited = text(invoice, "creditForInvoiceNumber")
    if flag(invoice, "isCreditInvoice"):
        kind = f"Kreditfaktura {number} avser {credited}" if credited else f"Kreditfaktura {number}"
    else:
        kind = f"Faktura {number}"
    customer = " ".join(text(invoice, "customerName").split())
    return f"{kind} {customer}"[:TEXT_LIMIT].rstrip()


def _totals(postings: Iterable[Posting]) -> VoucherTotals:
    by_meaning: defaultdict[Meaning, Decimal] = defaultdict(Decimal)
    for posting in postings:
        by_meaning[posting.meaning] += posting.amount
    # Adding zero turns a negative zero into zero.
    return VoucherTotals(
        net=-by_meaning["net"] + 0,
        vat=-by_meaning["vat"] + 0,
        rounding=-by_meaning["rounding"] + 0,
        receivable=by_meaning["receivable"],
        house_deduction=by_meaning["house_deduction"],
    )
