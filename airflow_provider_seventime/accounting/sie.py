"""Writer of SIE 4I files, the Swedish format in which accounting programs import vouchers from other systems.

It follows the format description of SIE-gruppen, edition 4B (2008-09-30). Edition 4C (2025-08-06) adds no syntax.
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

PROGRAM = "airflow-provider-seventime"

_SERIES = re.compile(r"[A-Za-z0-9]*")
_ACCOUNT = re.compile(r"[0-9]+")
_NO_OBJECTS = "{}"


@dataclass(frozen=True)
class _Record:
    """One line of the file: its label and its fields, including their quotation marks."""

    label: str
    fields: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return " ".join((self.label, *self.fields))

    @property
    def checksum_text(self) -> str:
        """The part that a checksum covers: no blanks, enclosing quotation marks or braces (SIE 4B, 10)."""
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
    """Write vouchers as one SIE 4I file. The same input gives the same bytes.

    Vouchers are sorted by date, then by invoice number. They have a series but no number: the importing program numbers
    them. Only the accounts in use are declared, because importing programs create every declared account.

    :param vouchers: balanced vouchers, all within the fiscal year.
    :param company: for ``#FNAMN`` and ``#ORGNR``.
    :param fiscal_year: for ``#RAR 0``. A SIE file holds one fiscal year.
    :param account_names: account number to name, as :meth:`Chart.account_names` returns. Every account in use needs
        a name.
    :param generated: date of ``#GEN``, and the registration date of the vouchers.
    :param program_version: version of this package, for ``#PROGRAM``.
    :param series: voucher series, letters and digits. Empty: the importing program chooses.
    :param strict_characters: refuse a text with characters that code page 437 lacks. False replaces them by the nearest
        ones.
    :param checksum: add ``#KSUMMA``. Defaults to False: few programs write it and some readers refuse it.
    :raises BookingError: a voucher is unbalanced, empty or outside the fiscal year, has fractions of an öre or an
        amount out of range, or has a text that ``strict_characters`` refuses. The message names each.
    :raises ConfigError: the series, an account or a name cannot be written.
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
        problems.append(f"series: {series!r} must be letters and digits, for example LEV1")
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
        yield "the voucher has no rows"
    yield from _amount_problems(voucher)
    if strict_characters:
        texts = dict.fromkeys((voucher.text, *(row.text for row in voucher.rows)))
        yield from (_unencodable(text) for text in texts if unencodable_characters(text))


def _amount_problems(voucher: Voucher) -> Iterator[str]:
    out_of_range = [row.amount for row in voucher.rows if not row.amount.is_finite() or abs(row.amount) >= LIMIT]
    # Decimal adds exactly only within its 28 digits, so the balance is checked last.
    if out_of_range:
        yield f"a row has {out_of_range[0]}, which is not an amount in SEK below 10^15"
    elif any(row.amount != round_to_ore(row.amount) for row in voucher.rows):
        yield "a row has fractions of an öre"
    elif voucher.balance:
        yield f"debit and credit differ by {voucher.balance}"


def _unencodable(text: str) -> str:
    return f"{text!r} has characters that code page 437 lacks: {' '.join(unencodable_characters(text))}"


def _identification(
    company: Company, fiscal_year: FiscalYear, generated: date, program_version: str
) -> Iterator[_Record]:
    # Plain values have no quotation marks: Fortnox has refused files that quoted them.
    yield _Record("#FORMAT", ("PC8",))
    yield _Record("#SIETYP", ("4",))
    yield _Record("#PROGRAM", (_quoted(PROGRAM), _quoted(program_version)))
    yield _Record("#GEN", (_date(generated),))
    yield _Record("#FNAMN", (_quoted(company.name),))
    yield _Record("#ORGNR", (company.organization_number,))
    yield _Record("#RAR", ("0", _date(fiscal_year.start), _date(fiscal_year.end)))
    # Without this record a reader must assume BAS 95, which has other accounts.
    yield _Record("#KPTYP", ("EUBAS97",))


def _voucher(voucher: Voucher, series: str, generated: date) -> Iterator[_Record]:
    day = _date(voucher.date)
    yield _Record("#VER", (_quoted(series), '""', day, _quoted(voucher.text, TEXT_LIMIT), _date(generated)))
    yield _Record("{")
    for row in voucher.rows:
        yield _Record("#TRANS", (row.account, _NO_OBJECTS, _amount(row.amount), day, _quoted(row.text, TEXT_LIMIT)))
    yield _Record("}")


def _checksum(records: Iterable[_Record]) -> int:
    return zlib.crc32("".join(record.checksum_text for record in records).encode(ENCODING))


def _quoted(text: str, limit: int | None = None) -> str:
    return f'"{sie_text(text, limit)}"'


def _amount(amount: Decimal) -> str:
    return f"{round_to_ore(amount):f}"


def _date(day: date) -> str:
    return day.isoformat().replace("-", "")
