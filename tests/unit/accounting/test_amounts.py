from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.amounts import read_amount, round_to_ore


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (100000, "100000.00"),
        ("100000", "100000.00"),
        (" 12.50 ", "12.50"),
        (Decimal("327.24"), "327.24"),
        (0.1 + 0.2, "0.30"),
        (1116.9375, "1116.94"),
        (1.005, "1.01"),
        ("-0.24", "-0.24"),
        ("+7", "7.00"),
        (1e-7, "0.00"),
        (-1e-7, "0.00"),
        ("1E3", "1000.00"),
    ],
)
def test_numbers_of_every_type_are_read_to_the_ore(value, amount):
    assert str(round_to_ore(read_amount(value))) == amount


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.004", "0.00"), ("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68")]
)
def test_rounding_goes_by_the_third_decimal(value, rounded):
    assert str(round_to_ore(Decimal(value))) == rounded


@pytest.mark.parametrize(
    "value",
    [
        "",
        "12,50",
        "1 000",
        "1_000",
        "kr 5",
        "١٢",
        None,
        True,
        [],
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        "1e999999",
    ],
)
def test_a_value_that_is_not_a_number_is_refused(value):
    with pytest.raises(ValueError, match="is not a number"):
        read_amount(value)


@pytest.mark.parametrize("value", [10**15, "-1e15", "9e400"])
def test_a_number_beyond_the_limit_is_refused(value):
    with pytest.raises(ValueError, match="too large for an amount"):
        read_amount(value)
