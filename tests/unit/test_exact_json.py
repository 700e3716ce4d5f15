"""JSON that keeps the digits of its numbers."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import IntEnum, StrEnum

import pytest

from airflow_provider_seventime import exact_json


class Status(IntEnum):
    SENT = 2


class Kind(StrEnum):
    TEXT = "text"


@pytest.mark.parametrize(
    "digits",
    ["0", "-1", "12345", "10690.5824", "41.18577972222222", "-0.24", "0.10", "100.00", "0.1000000000000000055511151231",
     "99999999999999999999", "123456789012345678901234567890", "12345678901234567890.123456789"],
)  # fmt: skip
def test_a_number_is_written_with_the_digits_it_was_read_with(digits):
    assert exact_json.encode(exact_json.decode(digits)) == digits.encode()
    assert str(exact_json.decode(digits)) == digits


@pytest.mark.parametrize("digits", ["1e5", "0.0000001", "1.50E+3", "2e-9"])
def test_a_number_with_an_exponent_keeps_value_and_digits(digits):
    again = exact_json.decode(exact_json.encode(exact_json.decode(digits)))
    assert again.as_tuple() == Decimal(digits).as_tuple()


def test_only_numbers_with_decimals_are_decimals():
    decoded = exact_json.decode(b'{"a": 5, "b": 5.0, "c": "5.0", "d": [1.5], "e": null, "f": true}')
    assert decoded == {"a": 5, "b": Decimal("5.0"), "c": "5.0", "d": [Decimal("1.5")], "e": None, "f": True}
    assert [type(decoded[name]) for name in "abc"] == [int, Decimal, str]
    assert type(decoded["d"][0]) is Decimal


def test_what_is_written_is_json_without_blanks_in_utf8():
    value = {
        "namn": 'Häll "&" {Søn}\t€',
        "summa": Decimal("12.50"),
        "rader": [],
        "status": Status.SENT,
        "typ": Kind.TEXT,
    }
    text = exact_json.encode(value)
    assert text == '{"namn":"Häll \\"&\\" {Søn}\\t€","summa":12.50,"rader":[],"status":2,"typ":"text"}'.encode()
    assert json.loads(text) == {**value, "summa": 12.5, "status": 2, "typ": "text"}


@pytest.mark.parametrize(
    "text",
    [b"", b" ", b"<html>", b'{"a": 1', b'{"a": 1,}', b"NaN", b"Infinity", b"{'a': 1}", b'"\xff"', b'"\\ud800"',
     b"{} {}", b'\xef\xbb\xbf{"a": ', b"[" * 100_000, b'{"a":' * 100_000,
     b"1e99999999999999999999", b"[-1e-99999999999999999999]", b"9" * 5000, '{"a": 1}'.encode("utf-16")],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        exact_json.decode(text)


def test_the_error_about_a_text_that_is_no_utf_8_does_not_carry_the_text():
    with pytest.raises(ValueError, match="a text is not UTF-8: invalid start byte") as caught:
        exact_json.decode(b'{"key": "of the house \xff"}')
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_what_has_no_json_form_is_refused():
    with pytest.raises(TypeError):
        exact_json.encode({"a": object()})
