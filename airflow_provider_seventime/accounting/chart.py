"""Chart of accounts for sales invoices: BAS numbers by default, each configurable.

Accounting programs identify an account by its number, not its name. BAS has renumbered accounts more than once, so no
number is fixed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches

from airflow_provider_seventime.exceptions import ConfigError

_ACCOUNT_NUMBER = re.compile(r"[1-9][0-9]{3,}")

# In Swedish: an importing program shows this name for an account that it creates from #KONTO.
_NAMES = {
    "receivables": "Kundfordringar",
    "house_work_receivables": "Kundfordringar, delad faktura (ROT/RUT)",
    "output_vat_25": "Utgående moms på försäljning inom Sverige, 25 %",
    "output_vat_12": "Utgående moms på försäljning inom Sverige, 12 %",
    "output_vat_6": "Utgående moms på försäljning inom Sverige, 6 %",
    "sales_25": "Försäljning inom Sverige, 25 % moms",
    "sales_12": "Försäljning inom Sverige, 12 % moms",
    "sales_6": "Försäljning inom Sverige, 6 % moms",
    "sales_0": "Försäljning inom Sverige, momsfri",
    "construction_sales": "Försäljning, omvänd betalningsskyldighet bygg",
    "rounding": "Öres- och kronutjämning",
}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Account number of each role in the booking of an invoice.

    :param receivables: amount that the customer owes.
    :param house_work_receivables: part of a ROT or RUT invoice that Skatteverket pays.
    :param output_vat_25: output VAT at 25 percent on domestic sales; likewise ``output_vat_12`` and ``output_vat_6``.
    :param sales_25: domestic sales at 25 percent VAT; likewise ``sales_12``, ``sales_6``, and ``sales_0`` without VAT.
    :param construction_sales: construction services with reverse charge: the buyer accounts for the VAT.
    :param rounding: öre and krona rounding of the invoice's total.
    """

    receivables: str = "1510"
    house_work_receivables: str = "1513"
    output_vat_25: str = "2611"
    output_vat_12: str = "2621"
    output_vat_6: str = "2631"
    sales_25: str = "3001"
    sales_12: str = "3002"
    sales_6: str = "3003"
    sales_0: str = "3004"
    construction_sales: str = "3231"
    rounding: str = "3740"

    @classmethod
    def from_mapping(cls, accounts: Mapping[str, str | int] | None) -> Chart:
        """Build a chart from the accounts that differ from the defaults.

        :param accounts: role to account number, for example ``{"sales_25": 3041}``. None or empty: BAS throughout.
        :raises ConfigError: a role is unknown or a number is not an account. The message names each.
        """
        roles = [field.name for field in fields(cls)]
        chosen: dict[str, str] = {}
        problems: list[str] = []
        for role, account in (accounts or {}).items():
            number = "" if isinstance(account, bool) else str(account).strip()
            if role not in roles:
                problems.append(f"unknown account role {role!r}{_suggestion(str(role), roles)}")
            elif not _ACCOUNT_NUMBER.fullmatch(number):
                problems.append(f"{role}: {account!r} is not an account; give at least four digits, for example 3041")
            else:
                chosen[role] = number
        if problems:
            raise ConfigError("accounts: " + "; ".join(problems))
        return cls(**chosen)

    def sales(self, tax_percent: int) -> str:
        """Return the sales account of a VAT rate: 25, 12, 6 or 0 percent."""
        return {25: self.sales_25, 12: self.sales_12, 6: self.sales_6, 0: self.sales_0}[tax_percent]

    def output_vat(self, tax_percent: int) -> str:
        """Return the output VAT account of a VAT rate: 25, 12 or 6 percent."""
        return {25: self.output_vat_25, 12: self.output_vat_12, 6: self.output_vat_6}[tax_percent]

    def account_names(self) -> dict[str, str]:
        """Return account number to Swedish name, for ``#KONTO``.

        An account with several roles has the name of the first one. To rename an account, update the dict.
        """
        names: dict[str, str] = {}
        for role, name in _NAMES.items():
            names.setdefault(getattr(self, role), name)
        return names


def _suggestion(role: str, roles: list[str]) -> str:
    nearest = get_close_matches(role, roles, n=1, cutoff=0.5)
    return f"; did you mean {nearest[0]!r}?" if nearest else f"; the roles are {', '.join(roles)}"
