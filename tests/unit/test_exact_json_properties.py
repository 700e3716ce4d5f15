"""JSON of any shape goes through without an amount changing its value or its number of decimals.

What is written may be spelt otherwise than it was read: ``1e5`` becomes ``1E+5``, the same number with the same digits.
One thing is lost, as in Python itself: the sign of a whole ``-0``.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_seventime import exact_json
from tests.sizes import examples

stable = settings(derandomize=True, deadline=None, max_examples=examples(100))


def shapes(scalars):
    """Return a strategy of JSON values: these scalars in lists and objects, inside one another."""
    return st.recursive(
        scalars,
        lambda part: st.one_of(st.lists(part, max_size=5), st.dictionaries(texts, part, max_size=5)),
        max_leaves=20,
    )


signs = st.sampled_from(["", "-"])
digits = st.text("0123456789", min_size=1, max_size=60)
whole_digits = st.one_of(st.just("0"), st.builds(str.__add__, st.sampled_from("123456789"), st.text("0123456789")))
exponents = st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 999_999))
numbers = st.one_of(
    st.builds("{}{}".format, signs, whole_digits), st.builds("{}{}.{}".format, signs, whole_digits, digits)
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
decimals = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.builds(Decimal, st.tuples(st.integers(0, 1), st.lists(st.integers(0, 9), max_size=60), st.integers(-99, 99))),
)
plain = st.one_of(st.none(), st.booleans(), st.integers(), st.integers(10**18, 10**80), texts)
values = shapes(st.one_of(plain, decimals))


def as_written(value):
    """Return a value with every number as its sign, digits and exponent, so that 1.0 is not 1.00."""
    if isinstance(value, dict):
        return {name: as_written(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_written(part) for part in value]
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    sign, figures, exponent = Decimal(value).as_tuple()
    return (0 if (figures, exponent) == ((0,), 0) else sign), figures, exponent


def again(value):
    return exact_json.decode(exact_json.encode(value))


@stable
@given(text=numbers)
@example(text="99999999999999999999999999999999.10")
@example(text="18446744073709551616")
@example(text="-0.0")
def test_a_number_as_people_write_it_is_written_with_the_same_digits(text):
    expected = "0" if text == "-0" else text

    assert exact_json.encode(exact_json.decode(text)).decode() == expected


@stable
@given(number=numbers, exponent=exponents)
@example(number="1", exponent="E+2")
@example(number="-0.10", exponent="e-7")
@example(number="-0", exponent="e0")
def test_a_number_with_an_exponent_keeps_value_and_scale(number, exponent):
    read = exact_json.decode(number + exponent)

    assert read.as_tuple() == Decimal(number + exponent).as_tuple()
    assert as_written(again(read)) == as_written(read)


@stable
@given(value=values)
@example(value={"": '\x00\x7f\u2028\ufeff\U0001f600"\\/'})
@example(value=[Decimal("0E+5"), Decimal("-0.00"), Decimal("1E-500"), 2**64, -(2**63) - 1])
def test_what_is_written_is_read_alike(value):
    assert again(value) == value
    assert as_written(again(value)) == as_written(value)


@stable
@given(value=values)
def test_what_is_written_is_json_for_pythons_own_reader(value):
    written = exact_json.encode(value).decode()

    assert as_written(json.loads(written, parse_float=Decimal)) == as_written(value)
    assert not re.search(r"[\x00-\x1f]", written)


@stable
@given(value=shapes(plain), indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_blanks_and_escapes_of_another_writer_do_not_matter(value, indent, ascii_only):
    assert exact_json.decode(json.dumps(value, indent=indent, ensure_ascii=ascii_only)) == value


@stable
@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_written_as_the_shortest_number_that_stands_for_it(number):
    assert again(number) == Decimal(repr(number))


@stable
@given(value=values, place=st.floats(0, 1), cut=st.integers(0, 4), put=st.binary(max_size=4))
@example(value="", place=0.5, cut=0, put=b"\xed\xa0\x80")
@example(value=1, place=1.0, cut=0, put=b"e99999999999999999999")
@example(value=1, place=1.0, cut=0, put=b"0" * 5000)
def test_damaged_json_is_refused_as_a_value_error_or_is_json_still(value, place, cut, put):
    written = exact_json.encode(value)
    position = int(place * len(written))
    try:
        read = exact_json.decode(written[:position] + put + written[position + cut :])
    except ValueError:
        return
    assert again(read) == read
