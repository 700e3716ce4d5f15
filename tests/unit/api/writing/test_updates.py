"""Fields that a PUT must repeat, and values that count as equal."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.api.writing.updates import complete_changes, has_changes_already
from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.contract.registry import COLLECTIONS


@pytest.mark.parametrize(
    ("held", "wanted", "same"),
    [
        (2, InvoiceStatus.SENT, True),
        ("2", InvoiceStatus.SENT, True),
        (1, InvoiceStatus.SENT, False),
        (Decimal("8.50"), Decimal("8.5"), True),
        (8, Decimal(8), True),
        (8, Decimal("8.1"), False),
        ("a", "a", True),
        ("a", "A", False),
        ("", "", True),
        (None, "", False),
        (None, "None", False),
        (True, True, True),
        (True, False, False),
        (1, True, False),
        (True, 1, False),
        ([1], [1], False),
        ({"a": 1}, {"a": 1}, False),
        ("2026-01-30T23:00:00.000Z", "2026-01-31", False),
    ],
    ids=repr,
)
def test_equal_and_different_values(held, wanted, same):
    assert has_changes_already({"field": held}, {"field": wanted}) is same


def test_a_missing_field_is_different():
    assert not has_changes_already({}, {"field": "a"})
    assert not has_changes_already({"field": "a"}, {"field": "a", "other": "b"})


@pytest.mark.parametrize(
    ("collection", "current", "completed"),
    [
        ("invoices", {"multipleTaxesOnRows": True, "taxPercent": 0, "invoiceItems": []},
         {"multipleTaxesOnRows": True, "taxPercent": 0, "invoiceItems": []}),
        ("invoices", {"multipleTaxesOnRows": False, "taxPercent": None, "invoiceItems": None},
         {"multipleTaxesOnRows": False}),
        ("invoices", {}, {}),
        ("timeLogs", {"user": "u-1", "time": 8}, {"user": "u-1"}),
        ("customers", {"name": "Häll"}, {}),
    ],
    ids=["all", "some", "none", "user", "nothing"],
)  # fmt: skip
def test_required_fields_are_taken_from_the_record(collection, current, completed):
    assert complete_changes(COLLECTIONS[collection], current, {"notes": None}) == {"notes": None, **completed}


def test_the_given_changes_are_not_modified():
    changes = {"notes": "Nytt"}
    complete_changes(COLLECTIONS["invoices"], {"notes": "[ref: a]", "multipleTaxesOnRows": True}, changes)
    assert changes == {"notes": "Nytt"}
