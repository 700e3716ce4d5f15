"""Company and fiscal year of a bookkeeping file."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from airflow_provider_seventime.accounting.sie_text import sie_text
from airflow_provider_seventime.exceptions import ConfigError

_TEN_DIGITS = re.compile(r"(?:16|19|20)?([0-9]{6})[-+]?([0-9]{4})")
_MONTHS_A_YEAR = 12
_LONGEST_YEAR_MONTHS = 18
_LAST_DIGIT = 9


@dataclass(frozen=True)
class Company:
    """Company that the vouchers belong to.

    :param name: legal name.
    :param organization_number: ten digits, with or without the hyphen after the sixth. A sole trader's personal number
        is accepted, and either of them with its century (twelve digits). Stored as ``556677-8899``: importing programs
        compare it with the company that is logged in.
    :raises ConfigError: the name has no visible characters, or the number has a wrong length or check digit.
    """

    name: str
    organization_number: str

    def __post_init__(self) -> None:
        if not sie_text(self.name):
            raise ConfigError("company_name is empty: a SIE file must name the company (#FNAMN)")
        # A frozen dataclass assigns its own fields by object.__setattr__.
        object.__setattr__(self, "organization_number", _organization_number(self.organization_number))


@dataclass(frozen=True)
class FiscalYear:
    """Fiscal year, both dates included.

    :raises ConfigError: the year ends before it starts, or is longer than 18 months (Bookkeeping Act, BFL 3:3).
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ConfigError(f"fiscal_year: its end {self.end} is before its start {self.start}; give the start first")
        if self.end > _last_day(self.start, _LONGEST_YEAR_MONTHS):
            raise ConfigError(
                f"fiscal_year: {self.start} to {self.end} is longer than the 18 months that the law allows (BFL 3:3)"
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @classmethod
    def of(cls, day: date, first_month: int = 1) -> FiscalYear:
        """Return the fiscal year of twelve months that contains a date.

        :param first_month: month in which the fiscal year begins, 1-12; 1 is the calendar year.
        :raises ConfigError: the month is not from 1 to 12.
        """
        if not 1 <= first_month <= _MONTHS_A_YEAR:
            raise ConfigError(f"fiscal_year_first_month: {first_month} is not a month; give a number from 1 to 12")
        start = date(day.year if day.month >= first_month else day.year - 1, first_month, 1)
        return cls(start, _last_day(start, _MONTHS_A_YEAR))


def _last_day(start: date, months: int) -> date:
    """Return the last day of a period of whole months that begins in the month of ``start``."""
    years, month = divmod(start.month - 1 + months - 1, _MONTHS_A_YEAR)
    year = start.year + years
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _organization_number(written: str) -> str:
    match = _TEN_DIGITS.fullmatch(written.strip())
    if match is None:
        raise ConfigError(
            f"organization_number: {written!r} is not an organisation number; give ten digits, for example 556677-8899"
        )
    number = "-".join(match.groups())
    if _luhn_sum(number.replace("-", "")) % 10:
        raise ConfigError(
            f"organization_number: {written!r} has a wrong check digit (its last digit); check the number"
        )
    return number


def _luhn_sum(digits: str) -> int:
    doubled = (int(digit) * (2 if position % 2 == 0 else 1) for position, digit in enumerate(digits))
    return sum(value - _LAST_DIGIT if value > _LAST_DIGIT else value for value in doubled)
