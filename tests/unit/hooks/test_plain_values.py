"""What of a record XCom would not keep as it is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.hooks.summary import label, plain_values


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(Decimal("12345678901234567890.10"), "12345678901234567890.10", id="decimal"),
        pytest.param({"rows": [{"price": Decimal("5.00")}]}, {"rows": [{"price": "5.00"}]}, id="nested"),
        pytest.param([7, "x", True, None, []], [7, "x", True, None, []], id="what-is-plain-already"),
    ],
)
def test_decimals_become_text(value, plain):
    result = plain_values(value)

    assert result == plain
    assert type(result) is type(plain)


def test_a_record_is_left_as_it_was():
    record = {"totalAmount": Decimal("5.00")}

    plain_values(record)

    assert record == {"totalAmount": Decimal("5.00")}


@pytest.mark.parametrize(
    ("resource", "record", "called"),
    [
        pytest.param(
            "invoices", {"_id": "5fae", "invoiceNumber": "24481"}, "invoices 5fae (number 24481)", id="number"
        ),
        pytest.param("invoices", {"_id": "5fae", "invoiceNumber": ""}, "invoices 5fae", id="draft"),
        pytest.param("timeLogs", {"_id": "5fae"}, "timeLogs 5fae", id="collection-without-numbers"),
    ],
)
def test_what_a_record_is_called(resource, record, called):
    assert label(COLLECTIONS[resource], record) == called
