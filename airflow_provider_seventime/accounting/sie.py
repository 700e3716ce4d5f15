"""Vouchers as a SIE 4I file, the Swedish format by which an accounting program takes vouchers from another system.

Written after the format description of SIE-gruppen, edition 4B (2008-09-30), to which 4C (2025-08-06) adds no syntax.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from airflow_provider_seventime.accounting.amounts import LIMIT, round_to_ore
from airflow_provider_seventime.accounting.company import Company, FiscalYear
from airflow_provider_seventime.accounting.sie_text import ENCODING, sie_text, unencodable_characters
from airflow_provider_seventime.accounting.vouchers import TEXT_LIMIT, Voucher
from airflow_provider_seventime.exceptions import BookingError, ConfigError

__all__ = ["Company", "FiscalYear", "write_sie"]

PROGRAM = "airflow-provider-seventime"

_SERIES = re.compile(r"[A-Za-z0-9]*")
_ACCOUNT = re.compile(r"[0-9]+")
_NO_OBJECTS = "{}"


@dataclass(frozen=True)
class _Record:
    """A line of the file: its label and its fields as they are written, quotation marks included."""

    label: str
    fields: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return " ".join((self.label, *self.fields))

    @property
    def checked(self) -> str:
        """What the checksum covers: label and contents, without blanks, quotation marks and braces (SIE 4B, 10)."""
        if self.label in {"{", "}"}:
            return ""
        return self.label + "".join(field.strip('"') for field in self.fields if field != _NO_OBJECTS)


def write_sie(
    vouchers: Iterable[Voucher],
    company: Company,
    fiscal_year: FiscalYear,
    account_names: Mapping[str, str],
    *,
    generated: date,
    program_version: str,
    series: str = "",
    strict_characters: bool = False,
    checksum: bool = False,
) -> bytes:
    """Write vouchers as one SIE 4I file; the same input gives the same bytes.

    Vouchers stand by date, then by invoice number. They carry a series but no number: the receiving program numbers
    them, and the text begins with the invoice's number. Only the accounts that are used are declared, because importing
    programs create what is declared.

    :param vouchers: balanced vouchers, all within the fiscal year.
    :param company: for ``#FNAMN`` and ``#ORGNR``.
    :param fiscal_year: for ``#RAR 0``; a SIE file holds one fiscal year.
    :param account_names: account number to name, as of :meth:`Chart.account_names`; every account used has to be in it.
    :param generated: date of ``#GEN``, and the registration date of the vouchers.
    :param program_version: version of this package, for ``#PROGRAM``.
    :param series: voucher series, letters and digits; empty lets the receiving program choose.
    :param strict_characters: True refuses a text with characters that code page 437 lacks instead of substituting them.
    :param checksum: True adds ``#KSUMMA``. Few programs write it and some readers refuse it, so it is off by default.
    :raises BookingError: a voucher is unbalanced, empty, outside the fiscal year, has fractions of an öre or what is no
        amount of money, or (strict_characters) holds foreign characters; names each.
    :raises ConfigError: the series, an account or (strict_characters) a name cannot be written.
    """
    ordered = sorted(
        vouchers, key=lambda voucher: (voucher.date, len(voucher.number), voucher.number, voucher.record_id)
    )
    accounts = sorted({row.account for voucher in ordered for row in voucher.rows})
    _check_configuration(company, accounts, account_names, series, strict_characters=strict_characters)
    problems = [
        f"{voucher.number}: {why}"
        for voucher in ordered
        for why in _problems(voucher, fiscal_year, strict_characters=strict_characters)
    ]
    if problems:
        raise BookingError(problems)
    records = [
        *_identification(company, fiscal_year, generated, program_version),
        *(_Record("#KONTO", (account, _quoted(account_names[account]))) for account in accounts),
    ]
    for voucher in ordered:
        records += _voucher(voucher, series, generated)
    opening = [_Record("#FLAGGA", ("0",))]
    if checksum:
        opening.append(_Record("#KSUMMA"))
        records.append(_Record("#KSUMMA", (str(_checksum(records)),)))
    return "".join(f"{record.line}\r\n" for record in (*opening, *records)).encode(ENCODING)


def _check_configuration(
    company: Company, accounts: Sequence[str], names: Mapping[str, str], series: str, *, strict_characters: bool
) -> None:
    problems: list[str] = []
    if not _SERIES.fullmatch(series):
        problems.append(f"series: {series!r} has to be letters and digits, like LEV1")
    problems += [f"account {account!r} is not a number" for account in accounts if not _ACCOUNT.fullmatch(account)]
    problems += [f"account {account} has no name" for account in accounts if not sie_text(names.get(account, ""))]
    texts = {
        "company_name": company.name,
        **{f"name of account {account}": names.get(account, "") for account in accounts},
    }
    if strict_characters:
        problems += [f"{what}: {_unencodable(text)}" for what, text in texts.items() if unencodable_characters(text)]
    if problems:
        raise ConfigError("SIE file: " + "; ".join(problems))


def _problems(voucher: Voucher, fiscal_year: FiscalYear, *, strict_characters: bool) -> Iterator[str]:
    if voucher.date not in fiscal_year:
        yield f"its date {voucher.date} is outside the fiscal year {fiscal_year.start} to {fiscal_year.end}"
    if not voucher.rows:
        yield "it has no rows"
    yield from _amount_problems(voucher)
    if strict_characters:
        texts = dict.fromkeys((voucher.text, *(row.text for row in voucher.rows)))
        yield from (_unencodable(text) for text in texts if unencodable_characters(text))


def _amount_problems(voucher: Voucher) -> Iterator[str]:
    beyond = [row.amount for row in voucher.rows if not row.amount.is_finite() or abs(row.amount) >= LIMIT]
    # Only the sum of whole öre, and not of too many, is exact.
    if beyond:
        yield f"a row has {beyond[0]}, which is no amount of money"
    elif any(row.amount != round_to_ore(row.amount) for row in voucher.rows):
        yield "a row has fractions of an öre"
    elif voucher.balance:
        yield f"debit and credit differ by {voucher.balance}"


def _unencodable(text: str) -> str:
    return f"{text!r} has characters that code page 437 lacks: {' '.join(unencodable_characters(text))}"


def _identification(
    company: Company, fiscal_year: FiscalYear, generated: date, program_version: str
) -> Iterator[_Record]:
    # Values without quotation marks on purpose: Fortnox has refused files that quoted them.
    yield _Record("#FORMAT", ("PC8",))
    yield _Record("#SIETYP", ("4",))
    yield _Record("#PROGRAM", (_quoted(PROGRAM), _quoted(program_version)))
    yield _Record("#GEN", (_date(generated),))
    yield _Record("#FNAMN", (_quoted(company.name),))
    yield _Record("#ORGNR", (company.organization_number,))
    yield _Record("#RAR", ("0", _date(fiscal_year.start), _date(fiscal_year.end)))
    # Without it a reader has to assume BAS 95, whose accounts differ.
    yield _Record("#KPTYP", ("EUBAS97",))


def _voucher(voucher: Voucher, series: str, generated: date) -> Iterator[_Record]:
    day = _date(voucher.date)
    yield _Record("#VER", (_quoted(series), '""', day, _quoted(voucher.text, TEXT_LIMIT), _date(generated)))
    yield _Record("{")
    for row in voucher.rows:
        yield _Record("#TRANS", (row.account, _NO_OBJECTS, _amount(row.amount), day, _quoted(row.text, TEXT_LIMIT)))
    yield _Record("}")


def _checksum(records: Iterable[_Record]) -> int:
    return zlib.crc32("".join(record.checked for record in records).encode(ENCODING))


def _quoted(text: str, limit: int | None = None) -> str:
    return f'"{sie_text(text, limit)}"'


def _amount(amount: Decimal) -> str:
    return f"{round_to_ore(amount):f}"


def _date(day: date) -> str:
    return day.isoformat().replace("-", "")
