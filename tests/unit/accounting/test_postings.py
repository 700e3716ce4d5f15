from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.invoice_fields import UnbookableError
from airflow_provider_seventime.accounting.invoice_totals import InvoiceTotals
from airflow_provider_seventime.accounting.postings import post
from airflow_provider_seventime.accounting.tax_split import TaxGroup

_TOTALS = InvoiceTotals(
    net=Decimal(100), vat=Decimal(25), rounding=Decimal(0), payable=Decimal(125), house_deduction=Decimal(0)
)


@pytest.mark.parametrize(
    ("rate", "accepted"),
    [("1", False), ("-1", False), ("1.5", True)],
    ids=["kronor", "reversed", "converted"],
)
def test_a_remainder_of_an_ore_is_accepted_after_a_conversion_only(rate, accepted):
    groups = [TaxGroup(25, Decimal("100.01"), Decimal(25))]
    if accepted:
        rounding = post(_TOTALS, groups, Chart(), to_krona=Decimal(rate), construction=False)[-1]
        assert (rounding.account, rounding.amount) == ("3740", Decimal("0.02"))
    else:
        with pytest.raises(UnbookableError, match=r"debit and credit of its postings differ by -?0\.01"):
            post(_TOTALS, groups, Chart(), to_krona=Decimal(rate), construction=False)


def test_a_remainder_of_kronor_is_refused_after_a_conversion():
    groups = [TaxGroup(25, Decimal(101), Decimal(25))]
    with pytest.raises(UnbookableError, match=r"debit and credit of its postings differ by -11\.00"):
        post(_TOTALS, groups, Chart(), to_krona=Decimal(11), construction=False)
