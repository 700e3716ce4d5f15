from __future__ import annotations

from dataclasses import asdict

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.exceptions import ConfigError


@pytest.mark.parametrize("accounts", [None, {}], ids=["none", "empty"])
def test_defaults_are_bas(accounts):
    assert asdict(Chart.from_mapping(accounts)) == {
        "receivables": "1510",
        "house_work_receivables": "1513",
        "output_vat_25": "2611",
        "output_vat_12": "2621",
        "output_vat_6": "2631",
        "sales_25": "3001",
        "sales_12": "3002",
        "sales_6": "3003",
        "sales_0": "3004",
        "construction_sales": "3231",
        "rounding": "3740",
    }


def test_every_account_is_configurable(subtests):
    accounts: list[int | str] = [9876, "9876", " 9876 "]
    for account in accounts:
        for role in list(asdict(Chart())):
            with subtests.test(f"{role} {account!r}"):
                assert asdict(Chart.from_mapping({role: account})) == {**asdict(Chart()), role: "9876"}


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("sale_25", "sales_25"), ("recievables", "receivables"), ("output_vat25", "output_vat_25"), ("round", "rounding")],
)
def test_an_unknown_role_is_refused_with_the_nearest_one(given, nearest):
    with pytest.raises(ConfigError, match=f"unknown account role '{given}'; did you mean '{nearest}'"):
        Chart.from_mapping({given: 3041})


def test_an_unknown_role_is_refused_with_the_list():
    with pytest.raises(ConfigError, match=r"the roles are receivables, house_work_receivables, .*rounding"):
        Chart.from_mapping({"zzz": 3041})


@pytest.mark.parametrize("account", ["30A1", "", None, True, -3041, 3041.5, "304", "0304", "３０４１"])
def test_a_value_that_is_not_an_account_number_is_refused(account):
    with pytest.raises(ConfigError, match=r"sales_25: .* is not an account"):
        Chart.from_mapping({"sales_25": account})


def test_one_error_names_all_problems():
    with pytest.raises(ConfigError) as caught:
        Chart.from_mapping({"sale_12": 3002, "sales_25": "x", "rounding": "öre"})
    assert all(part in str(caught.value) for part in ("sale_12", "sales_25: 'x'", "rounding: 'öre'"))


def test_every_account_has_a_swedish_name_under_its_own_number():
    names = Chart.from_mapping({"sales_25": 3041}).account_names()
    assert names["3041"] == "Försäljning inom Sverige, 25 % moms"
    assert "3001" not in names
    assert set(names) == set(asdict(Chart.from_mapping({"sales_25": 3041})).values())


def test_an_account_with_several_roles_is_named_once():
    names = Chart.from_mapping({"sales_12": 3001, "sales_25": 3001}).account_names()
    assert names["3001"] == "Försäljning inom Sverige, 25 % moms"
