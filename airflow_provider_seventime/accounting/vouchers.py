"""From invoices to balanced vouchers.

An invoice that was sent becomes one voucher on its invoice date (the invoice method of Swedish bookkeeping):

* status 2 (sent) and 3 (paid) are booked; so is 7 (customer loss), because the sale took place when the invoice was
  sent: its loss is a later event with a voucher of its own, remarked on and left to the accountant;
* status 1 (draft) has no number and is passed over with a remark;
* status 4 (obliterated) is remarked on: a number without a voucher has to be explained;
* any other status is refused, since Seven Time documents none.

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

# Fortnox takes no longer text of a voucher or of a row.
TEXT_LIMIT = 50

RemarkKind = Literal["draft", "obliterated", "customer_loss", "zero_amount"]


@dataclass(frozen=True)
class VoucherRow:
    """One posting: account number, amount in SEK (debit positive), text."""

    account: str
    amount: Decimal
    text: str


@dataclass(frozen=True)
class VoucherTotals:
    """What a voucher says about its invoice, in SEK: positive for a sale, negative for a credit.

    ``net + vat + rounding = receivable + house_deduction``.
    """

    net: Decimal
    vat: Decimal
    rounding: Decimal
    receivable: Decimal
    house_deduction: Decimal


@dataclass(frozen=True)
class Voucher:
    """An invoice as it is booked.

    :param date: accounting date.
    :param text: kind, number and customer, in Swedish, at most 50 characters.
    :param rows: the postings; they sum to zero.
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
        """What the rows sum to: zero, or the voucher may not be booked."""
        return sum((row.amount for row in self.rows), Decimal(0))


@dataclass(frozen=True)
class Remark:
    """An invoice that a person should know of: not booked, or booked with something left to do."""

    kind: RemarkKind
    record_id: str
    number: str


@dataclass(frozen=True)
class Bookings:
    """The vouchers of a batch of invoices, in the order of the invoices, and what is to be said about the others.

    Every invoice is in one of the two; one that became a customer loss is in both.
    """

    vouchers: tuple[Voucher, ...]
    remarks: tuple[Remark, ...]

    def remarked(self, kind: RemarkKind) -> tuple[Remark, ...]:
        """Return the remarks of one kind."""
        return tuple(remark for remark in self.remarks if remark.kind == kind)


def book_invoice(
    invoice: Mapping[str, Any],
    chart: Chart,
    zone: tzinfo,
    *,
    tolerance: Decimal = DEFAULT_TOLERANCE,
    booked_statuses: frozenset[int] = BOOKED_STATUSES,
) -> Voucher:
    """Book one invoice.

    :param invoice: the invoice as the API answered it.
    :param chart: the accounts.
    :param zone: the account's time zone, in which ``invoiceDate`` is a calendar date.
    :param tolerance: largest difference accepted between rows and header, and within the header, in SEK.
    :param booked_statuses: codes of ``invoiceStatus`` that are booked.
    :raises BookingError: the invoice cannot be booked, for the reason given.
    """
    try:
        voucher, remark = _outcome(invoice, chart, zone, tolerance, booked_statuses)
    except UnbookableError as error:
        raise BookingError([f"{_label(invoice)}: {error}"]) from error
    if voucher is None:
        raise BookingError([f"{_label(invoice)}: not to be booked ({remark})"])
    return voucher


def book_invoices(
    invoices: Iterable[Mapping[str, Any]],
    chart: Chart,
    zone: tzinfo,
    *,
    tolerance: Decimal = DEFAULT_TOLERANCE,
    booked_statuses: frozenset[int] = BOOKED_STATUSES,
) -> Bookings:
    """Book a batch of invoices: all of them or none.

    The parameters are those of :func:`book_invoice`.

    :raises BookingError: names every invoice that cannot be booked, and why; an invoice that comes twice is one.
    """
    vouchers: list[Voucher] = []
    remarks: list[Remark] = []
    problems: list[str] = []
    for position, invoice in enumerate(invoices, start=1):
        try:
            voucher, kind = _outcome(invoice, chart, zone, tolerance, booked_statuses)
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
    """Tell whether an invoice is booked in a period, both dates included.

    An invoice whose date cannot be read belongs to every period, so that booking names it instead of losing it.
    """
    try:
        return from_date <= invoice_date(invoice, zone) <= to_date
    except UnbookableError:
        return True


def _outcome(
    invoice: Mapping[str, Any], chart: Chart, zone: tzinfo, tolerance: Decimal, booked_statuses: frozenset[int]
) -> tuple[Voucher | None, RemarkKind | None]:
    status = code_or_none(invoice, "invoiceStatus")
    if status in booked_statuses:
        voucher = _voucher(invoice, chart, zone, tolerance)
        if not voucher.rows:
            return None, "zero_amount"
        return voucher, "customer_loss" if status == CUSTOMER_LOSS else None
    if status == DRAFT:
        return None, "draft"
    if status == OBLITERATED:
        return None, "obliterated"
    booked = ", ".join(map(str, sorted(booked_statuses)))
    said = "is missing" if status is None else f"is {status}"
    raise UnbookableError(f"invoiceStatus {said}: known are {booked} (booked), 1 (draft) and 4 (obliterated)")


def _repetitions(vouchers: Iterable[Voucher]) -> list[str]:
    problems: list[str] = []
    seen: set[str] = set()
    for voucher in vouchers:
        if voucher.number in seen:
            problems.append(f"{voucher.number} (_id {voucher.record_id}): this number comes more than once")
        seen.add(voucher.number)
    return problems


def _label(invoice: Mapping[str, Any], position: int = 1) -> str:
    number, record_id = text(invoice, "invoiceNumber"), text(invoice, "_id")
    if number:
        return f"{number} (_id {record_id})" if record_id else number
    return f"_id {record_id}" if record_id else f"invoice {position} of the batch, without number and _id"


def _voucher(invoice: Mapping[str, Any], chart: Chart, zone: tzinfo, tolerance: Decimal) -> Voucher:
    """Book an invoice whatever its status; the voucher has no rows where every amount is 0."""
    number = text(invoice, "invoiceNumber")
    if not number:
        raise UnbookableError("invoiceNumber is missing: only an invoice that was sent has one")
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
        raise UnbookableError(f"invoiceType {invoice_type} is unknown: it has to be 0, 1, 2 or 3")
    return invoice_type


def _text(invoice: Mapping[str, Any], number: str) -> str:
    """Say what was sold and to whom, as the Bookkeeping Act (BFL 5:7) asks of a voucher."""
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
    # Adding zero turns a negative zero into a plain one.
    return VoucherTotals(
        net=-by_meaning["net"] + 0,
        vat=-by_meaning["vat"] + 0,
        rounding=-by_meaning["rounding"] + 0,
        receivable=by_meaning["receivable"],
        house_deduction=by_meaning["house_deduction"],
    )
