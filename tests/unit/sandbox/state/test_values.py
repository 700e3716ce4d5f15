from decimal import Decimal

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.codes import InvoiceStatus, ItemType
from airflow_provider_seventime.sandbox.state.values import (
    decimal_of,
    hours_of,
    luhn_digit,
    ocr_number,
    plain_number,
    plain_value,
    round_to_kronor,
    round_to_ore,
)


@pytest.mark.parametrize(
    ("number", "written"),
    [("1E+5", "100000"), ("100.00", "100"), ("-0.50", "-0.5"), ("7681.70", "7681.7"), ("0", "0"), ("0E-4", "0")],
)
def test_numbers_have_no_exponent_and_no_trailing_zeros(number, written):
    assert exact_json.encode(plain_number(Decimal(number))).decode() == written


def test_checked_values_become_plain_json():
    checked = {"status": InvoiceStatus.SENT, "rows": [{"itemType": ItemType.TIME_LOG, "numberOfItems": Decimal("2.0")}]}
    assert exact_json.encode(plain_value(checked)) == b'{"status":2,"rows":[{"itemType":"timeLog","numberOfItems":2}]}'


@pytest.mark.parametrize(
    ("given", "number"), [(None, "0"), ("", "0"), ("2.5", "2.5"), (3, "3"), (Decimal("0.1"), "0.1")]
)
def test_a_number_of_a_record_is_read_exactly(given, number):
    assert decimal_of(given) == Decimal(number)


@pytest.mark.parametrize(
    ("amount", "ore", "kronor"),
    [("1116.9375", "1116.94", "1117"), ("0.005", "0.01", "0"), ("-0.005", "-0.01", "0"), ("658.5", "658.50", "659")],
)
def test_halves_are_rounded_away_from_zero(amount, ore, kronor):
    assert round_to_ore(Decimal(amount)) == Decimal(ore)
    assert round_to_kronor(Decimal(amount)) == Decimal(kronor)


def test_minus_a_half_krona_is_rounded_away_from_zero():
    assert round_to_kronor(Decimal("-658.5")) == Decimal(-659)


def test_hours_have_the_digits_of_a_double():
    assert hours_of(148269) == Decimal("41.18583333333333")
    assert hours_of(5400) == Decimal("1.5")


@pytest.mark.parametrize(("digits", "check"), [("244817", 3), ("245117", 7), ("556596075", 3)], ids=str)
def test_check_digits_of_documented_numbers(digits, check):
    assert luhn_digit(digits) == check


@pytest.mark.parametrize(("number", "ocr"), [("24481", "2448173"), ("24511", "2451177")])
def test_ocr_numbers_of_the_samples(number, ocr):
    assert ocr_number(number) == ocr
