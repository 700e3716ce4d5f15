"""Division of an invoice's remainders between its VAT rates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.tax_split import split_by_rate


@pytest.fixture
def split(make_invoice):
    """Divide rows of (amount, tax percent) by rate: tax percent to the text of net and VAT."""

    def divide(rows, net, vat):
        invoice = make_invoice(0, 0, 0, rows=rows, multipleTaxesOnRows=True)
        groups = split_by_rate(invoice, Decimal(net), Decimal(vat), Decimal("1.00"), reverse_charge=False)
        return {group.tax_percent: (str(group.net), str(group.vat)) for group in groups}

    return divide


def test_a_remainder_of_vat_goes_to_the_largest_sales_and_not_to_the_highest_rate(split):
    assert split([(100, 25), (300, 12), (200, 6)], "600", "73.04") == {
        25: ("100.00", "25.00"),
        12: ("300.00", "36.04"),
        6: ("200.00", "12.00"),
    }


def test_a_remainder_of_the_net_goes_to_the_largest_sales(split):
    assert split([(100, 25), (300, 12)], "399.99", "61.00") == {25: ("100.00", "25.00"), 12: ("299.99", "36.00")}


def test_a_remainder_of_vat_between_equal_sales_goes_to_the_highest_rate(split):
    assert split([(100, 12), (100, 25)], "200.00", "36.96") == {25: ("100.00", "24.96"), 12: ("100.00", "12.00")}


def test_a_remainder_of_the_net_between_equal_sales_goes_to_the_highest_rate(split):
    assert split([(100, 12), (100, 25)], "199.99", "37.00") == {25: ("99.99", "25.00"), 12: ("100.00", "12.00")}


def test_the_sales_by_which_vat_is_divided_include_the_remainder_of_the_net(split):
    assert split([(100, 12), (100, 25)], "199.99", "37.01") == {25: ("99.99", "25.00"), 12: ("100.00", "12.01")}


def test_the_largest_sales_may_be_negative(split):
    assert split([(100, 25), (-300, 12)], "-199.99", "-10.99") == {25: ("100.00", "25.00"), 12: ("-299.99", "-35.99")}


def test_sales_at_0_percent_take_a_remainder_of_the_net_but_none_of_vat(split):
    assert split([(100, 25), (50, 12), (300, 0)], "450.01", "31.02") == {
        25: ("100.00", "25.02"),
        12: ("50.00", "6.00"),
        0: ("300.01", "0.00"),
    }
