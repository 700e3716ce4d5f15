"""Limits on the numbers and dates of a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.sandbox.refusal import bad_request

MAX_NUMBER = Decimal(10) ** 15  # below 2^53: the service's doubles hold such integers exactly


def check_number_sizes(value: Any) -> None:
    """Check that a body has no number beyond 10^15.

    :raises RequestRefusedError: it has one (400).
    """
    if isinstance(value, Mapping):
        for part in value.values():
            check_number_sizes(part)
    elif isinstance(value, list):
        for part in value:
            check_number_sizes(part)
    elif isinstance(value, int | Decimal) and abs(Decimal(value)) > MAX_NUMBER:
        raise bad_request(f"{value!s:.40}: is too large a number")


@contextmanager
def refuse_out_of_range() -> Iterator[None]:
    """Refuse a request whose dates or amounts overflow while it is processed.

    :raises RequestRefusedError: a date or amount overflows (400).
    """
    try:
        yield
    except (OverflowError, ArithmeticError) as error:
        raise bad_request("a date or an amount is out of range") from error
