"""Strict reader of SIE 4I files, to verify a file before an accounting program imports it.

It follows the format description (SIE 4B) and shares no code with the writer, so that each verifies the other. It
refuses everything that the standard forbids, also what the readers of accounting programs accept.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from airflow_provider_seventime.accounting.sie_lexer import SieLine, read_lines
from airflow_provider_seventime.exceptions import SieFormatError

_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")
_DATE = re.compile(r"[0-9]{8}")
_DIGITS = re.compile(r"[0-9]+")
_ORGANIZATION_NUMBER = re.compile(r"[0-9]{6}-[0-9]{4}")

_COMPULSORY = ("#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN")
_FORBIDDEN = frozenset(
    {"#BKOD", "#OMFATTN", "#IB", "#UB", "#OIB", "#OUB", "#RES", "#PSALDO", "#PBUDGET"},
)
_GROUPS = (
    ("#FLAGGA",),
    ("#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#PROSA", "#FTYP", "#FNR", "#ORGNR", "#ADRESS", "#FNAMN", "#RAR",
     "#TAXAR", "#KPTYP", "#VALUTA"),
    ("#KONTO", "#KTYP", "#ENHET", "#SRU", "#DIM", "#UNDERDIM", "#OBJEKT"),
    ("#VER", "#TRANS", "#RTRANS", "#BTRANS", "{", "}"),
)  # fmt: skip
_VOUCHERS = len(_GROUPS) - 1
_GROUP_OF = {label: group for group, labels in enumerate(_GROUPS) for label in labels}


@dataclass(frozen=True)
class SieRow:
    """One ``#TRANS``.

    :param account: account number.
    :param amount: amount in SEK, debit positive.
    :param objects: pairs of dimension and object number.
    :param date: the row's own date. None: the voucher's date.
    :param text: the row's text, empty if it has none.
    """

    account: str
    amount: Decimal
    objects: tuple[tuple[str, str], ...]
    date: date | None
    text: str


@dataclass(frozen=True)
class SieVoucher:
    """One ``#VER`` with its rows, which sum to zero.

    Series and number are empty if the importing program gives them.
    """

    series: str
    number: str
    date: date
    text: str
    rows: tuple[SieRow, ...]


@dataclass(frozen=True)
class SieFile:
    """Content of a SIE 4I file.

    :param imported: True if a program has marked the file as imported (``#FLAGGA 1``).
    :param generated: date of ``#GEN``.
    :param company_name: ``#FNAMN``.
    :param organization_number: ``#ORGNR``. None: the file has none.
    :param fiscal_year: first and last date of ``#RAR 0``. None: the file has none.
    :param accounts: declared account numbers and their names.
    :param vouchers: vouchers in the order of the file.
    """

    imported: bool
    generated: date
    company_name: str
    organization_number: str | None
    fiscal_year: tuple[date, date] | None
    accounts: dict[str, str]
    vouchers: tuple[SieVoucher, ...]

    @property
    def account_totals(self) -> dict[str, Decimal]:
        """Total of each account in use, debit positive, sorted by account number."""
        totals: defaultdict[str, Decimal] = defaultdict(Decimal)
        for voucher in self.vouchers:
            for row in voucher.rows:
                totals[row.account] += row.amount
        return dict(sorted(totals.items()))


def read_sie(data: bytes) -> SieFile:
    """Read a SIE 4I file and check it: record order, dates, amounts, balance, declared accounts, braces, checksum.

    Unknown labels and additional fields are ignored, as the standard requires (7.1-7.3).

    :param data: the whole file.
    :raises SieFormatError: the file breaks a rule. The message names the first one, with its line.
    """
    lines = list(read_lines(data))
    if not lines or lines[0].label != "#FLAGGA":
        raise SieFormatError("the first record must be #FLAGGA", lines[0].number if lines else None)
    body = _checked_body(lines)
    _check_records(body)
    header = {line.label: line for line in reversed(body)}
    _one_of(header["#FORMAT"], "PC8")
    _one_of(header["#SIETYP"], "4")
    fiscal_year = _fiscal_year(body)
    accounts = {_digits(line, 0): _required(line, 1) for line in body if line.label == "#KONTO"}
    return SieFile(
        imported=_one_of(header["#FLAGGA"], "0", "1") == "1",
        generated=_date(header["#GEN"], 0),
        company_name=_required(header["#FNAMN"], 0),
        organization_number=_organization_number(header.get("#ORGNR")),
        fiscal_year=fiscal_year,
        accounts=accounts,
        vouchers=tuple(_vouchers(body, accounts, fiscal_year)),
    )


def _checked_body(lines: Sequence[SieLine]) -> Sequence[SieLine]:
    """Verify the checksum, if the file has one, and return the records without it."""
    sums = [line for line in lines if line.label == "#KSUMMA"]
    if not sums:
        return lines
    if lines[1].label != "#KSUMMA" or lines[1].fields:
        raise SieFormatError("a file with #KSUMMA needs one without fields after #FLAGGA", sums[0].number)
    closing = lines[-1]
    if len(sums) != len(("opening", "closing")) or closing.label != "#KSUMMA":
        raise SieFormatError("the closing #KSUMMA is missing at the end; the file may be truncated", closing.number)
    body = lines[2:-1]
    computed = zlib.crc32("".join(line.content for line in body).encode("cp437"))
    if _digits(closing, 0) != str(computed):
        raise SieFormatError(
            f"the checksum is {_digits(closing, 0)}, but the records give {computed}; the file was changed",
            closing.number,
        )
    return [lines[0], *body]


def _check_records(body: Sequence[SieLine]) -> None:
    reached = 0
    for line in body:
        if line.label in _FORBIDDEN:
            raise SieFormatError(f"{line.label} is not allowed in a file of vouchers (4I)", line.number)
        group = _GROUP_OF.get(line.label, reached)
        if group < reached:
            raise SieFormatError(f"{line.label} is out of order: flag, identification, accounts, vouchers", line.number)
        reached = group
    missing = [label for label in _COMPULSORY if all(line.label != label for line in body)]
    if missing:
        raise SieFormatError(f"{', '.join(missing)} missing")


def _vouchers(
    body: Sequence[SieLine], accounts: Mapping[str, str], fiscal_year: tuple[date, date] | None
) -> Iterator[SieVoucher]:
    last_numbers: dict[str, int] = {}
    lines = iter(body)
    for line in lines:
        if line.label == "#VER":
            voucher = _voucher(line, _block(line, lines), accounts)
            if fiscal_year and not fiscal_year[0] <= voucher.date <= fiscal_year[1]:
                raise SieFormatError(f"#VER is dated {voucher.date}, outside the fiscal year (#RAR 0)", line.number)
            if voucher.number.isdigit():
                if int(voucher.number) <= last_numbers.get(voucher.series, -1):
                    raise SieFormatError(f"#VER number {voucher.number} does not ascend in its series", line.number)
                last_numbers[voucher.series] = int(voucher.number)
            yield voucher
        elif _GROUP_OF.get(line.label) == _VOUCHERS:
            raise SieFormatError(f"{line.label} outside a #VER", line.number)


def _block(ver: SieLine, lines: Iterator[SieLine]) -> list[SieLine]:
    """Read the rows between the braces after a ``#VER``."""
    opening = next(lines, None)
    if opening is None or opening.label != "{":
        raise SieFormatError("#VER is not followed by {", ver.number)
    rows: list[SieLine] = []
    for line in lines:
        if line.label == "}":
            return rows
        if line.label in {"{", "#VER"}:
            raise SieFormatError(f"{line.label} before the }} of the #VER in line {ver.number}", line.number)
        rows.append(line)
    raise SieFormatError("the } of this #VER is missing", ver.number)


def _voucher(ver: SieLine, block: Sequence[SieLine], accounts: Mapping[str, str]) -> SieVoucher:
    # #RTRANS repeats the #TRANS that follows it, and #BTRANS is a removed row: neither counts.
    rows = tuple(_row(line, accounts) for line in block if line.label == "#TRANS")
    balance = sum((row.amount for row in rows), Decimal(0))
    if balance:
        raise SieFormatError(f"debit and credit of this #VER differ by {balance}", ver.number)
    if not rows:
        raise SieFormatError("this #VER has no rows", ver.number)
    return SieVoucher(_text(ver, 0), _text(ver, 1), _date(ver, 2), _text(ver, 3), rows)


def _row(line: SieLine, accounts: Mapping[str, str]) -> SieRow:
    account = _digits(line, 0)
    if account not in accounts:
        raise SieFormatError(f"account {account} is used but not declared (#KONTO)", line.number)
    objects = line.fields[1].objects if len(line.fields) > 1 else None
    if objects is None or len(objects) % 2:
        raise SieFormatError('an object list must follow the account: {} or pairs like {1 "KN"}', line.number)
    amount = _required(line, 2)
    if not _AMOUNT.fullmatch(amount):
        raise SieFormatError(f"{amount!r} is not an amount: digits, a point and at most two decimals", line.number)
    pairs = tuple(zip(objects[::2], objects[1::2], strict=True))
    own_date = _date(line, 3) if _text(line, 3) else None
    return SieRow(account, Decimal(amount), pairs, own_date, _text(line, 4))


def _fiscal_year(body: Sequence[SieLine]) -> tuple[date, date] | None:
    for line in body:
        if line.label == "#RAR" and _required(line, 0) == "0":
            start, end = _date(line, 1), _date(line, 2)
            if end < start:
                raise SieFormatError(f"the end of the fiscal year, {end}, is before its start, {start}", line.number)
            return start, end
    return None


def _organization_number(line: SieLine | None) -> str | None:
    if line is None:
        return None
    number = _required(line, 0)
    if not _ORGANIZATION_NUMBER.fullmatch(number):
        raise SieFormatError(f"#ORGNR {number!r} must be ten digits with a hyphen after the sixth", line.number)
    return number


def _text(line: SieLine, position: int) -> str:
    return line.fields[position].text if position < len(line.fields) else ""


def _required(line: SieLine, position: int) -> str:
    text = _text(line, position)
    if not text:
        raise SieFormatError(f"{line.label} lacks its field {position + 1}", line.number)
    return text


def _one_of(line: SieLine, *allowed: str) -> str:
    text = _required(line, 0)
    if text not in allowed:
        raise SieFormatError(f"{line.label} is {text!r}; expected {' or '.join(allowed)}", line.number)
    return text


def _digits(line: SieLine, position: int) -> str:
    text = _required(line, position)
    if not _DIGITS.fullmatch(text):
        raise SieFormatError(f"{line.label}: {text!r} must be digits", line.number)
    return text


def _date(line: SieLine, position: int) -> date:
    text = _required(line, position)
    try:
        if _DATE.fullmatch(text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as error:
        raise SieFormatError(f"{line.label}: there is no date {text}", line.number) from error
    raise SieFormatError(f"{line.label}: {text!r} is not a date in the form YYYYMMDD", line.number)
