from __future__ import annotations

from datetime import date

import pytest

from airflow_provider_seventime.accounting.company import Company, FiscalYear
from airflow_provider_seventime.exceptions import ConfigError


@pytest.mark.parametrize(
    "written",
    ["5566778899", "556677-8899", " 556677-8899 ", "165566778899", "16556677-8899"],
    ids=["digits", "hyphen", "blanks", "century", "century-hyphen"],
)
def test_an_organization_number_gets_its_hyphen(written):
    assert Company("Åkes Öl", written).organization_number == "556677-8899"


def test_a_sole_traders_personal_number_is_an_organization_number():
    assert Company("Målare Ek", "19811218-9876").organization_number == "811218-9876"


@pytest.mark.parametrize("written", ["", "556677-889", "55667-78899", "556677 8899", "SE556677889901", "255566778899"])
def test_a_value_that_is_not_an_organization_number_is_refused(written):
    with pytest.raises(ConfigError, match=r"organization_number: .* give ten digits"):
        Company("Åkes Öl", written)


def test_a_wrong_check_digit_is_refused():
    with pytest.raises(ConfigError, match="'556677-8898' has a wrong check digit"):
        Company("Åkes Öl", "556677-8898")


@pytest.mark.parametrize("name", ["", "  "])
def test_a_company_without_a_name_is_refused(name):
    with pytest.raises(ConfigError, match="company_name is empty"):
        Company(name, "556677-8899")


@pytest.mark.parametrize(
    ("day", "first_month", "start", "end"),
    [
        (date(2026, 3, 10), 1, date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 12, 31), 1, date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 8, 31), 9, date(2025, 9, 1), date(2026, 8, 31)),
        (date(2026, 9, 1), 9, date(2026, 9, 1), date(2027, 8, 31)),
        (date(2026, 11, 30), 12, date(2025, 12, 1), date(2026, 11, 30)),
        (date(2028, 1, 5), 3, date(2027, 3, 1), date(2028, 2, 29)),
    ],
    ids=["calendar", "last-day", "broken-last-day", "broken-first-day", "december", "leap-day"],
)
def test_the_fiscal_year_of_a_date(day, first_month, start, end):
    assert FiscalYear.of(day, first_month) == FiscalYear(start, end)


@pytest.mark.parametrize("first_month", [0, 13])
def test_an_unknown_first_month_is_refused(first_month):
    with pytest.raises(ConfigError, match="is not a month"):
        FiscalYear.of(date(2026, 1, 1), first_month)


def test_a_fiscal_year_contains_its_first_and_last_day():
    year = FiscalYear(date(2025, 9, 1), date(2026, 8, 31))
    assert date(2025, 9, 1) in year
    assert date(2026, 8, 31) in year
    assert date(2025, 8, 31) not in year
    assert date(2026, 9, 1) not in year


def test_a_fiscal_year_has_at_most_eighteen_months():
    FiscalYear(date(2025, 7, 1), date(2026, 12, 31))
    with pytest.raises(ConfigError, match="longer than the 18 months"):
        FiscalYear(date(2025, 7, 1), date(2027, 1, 1))


def test_a_fiscal_year_may_be_a_single_day():
    assert date(2026, 12, 31) in FiscalYear(date(2026, 12, 31), date(2026, 12, 31))


def test_a_fiscal_year_that_ends_before_it_starts_is_refused():
    with pytest.raises(ConfigError, match="is before its start"):
        FiscalYear(date(2026, 12, 31), date(2026, 1, 1))
