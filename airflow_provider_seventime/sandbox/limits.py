"""Numbers and dates that the sandbox does not reckon with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.sandbox.refusal import bad_request

LARGEST_NUMBER = Decimal(10) ** 15  # what the service's doubles hold exactly


def refuse_large_numbers(value: Any) -> None:
    """Refuse a body with a number that no amount, quantity or price comes to.

    :raises RequestRefusedError: there is one.
    """
    if isinstance(value, Mapping):
        for part in value.values():
            refuse_large_numbers(part)
    elif isinstance(value, list):
        for part in value:
            refuse_large_numbers(part)
    elif isinstance(value, int | Decimal) and abs(Decimal(value)) > LARGEST_NUMBER:
        raise bad_request(f"{value!s:.40}: is too large a number")


@contextmanager
def refusing_what_is_out_of_range() -> Iterator[None]:
    """Refuse dates beyond the calendar and amounts beyond what can be reckoned with."""
    try:
        yield
    except (OverflowError, ArithmeticError) as error:
        raise bad_request("a date or an amount is out of range") from error
