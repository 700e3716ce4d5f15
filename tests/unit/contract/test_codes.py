"""Enumerations, and suggestions for misspelt names."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.contract.codes import (
    InvoiceStatus,
    InvoiceType,
    ItemType,
    ProjectBillingMethod,
    code_names,
    parse_code,
)
from airflow_provider_seventime.contract.names import nearest_name, suggestion


@pytest.mark.parametrize(
    ("codes", "given", "code"),
    [
        (InvoiceStatus, 3, InvoiceStatus.PAID),
        (InvoiceStatus, "3", InvoiceStatus.PAID),
        (InvoiceStatus, "Customer Loss", InvoiceStatus.CUSTOMER_LOSS),
        (InvoiceType, 0, InvoiceType.NORMAL),
        (InvoiceType, "construction", InvoiceType.CONSTRUCTION),
        (ItemType, "time", ItemType.TIME_LOG),
        (ItemType, "ONLYAMOUNT", ItemType.ONLY_AMOUNT),
        (ItemType, "only amount", ItemType.ONLY_AMOUNT),
        (ProjectBillingMethod, "hourly per-timecategory", ProjectBillingMethod.HOURLY_PER_TIMECATEGORY),
    ],
    ids=str,
)
def test_a_code_is_read(codes, given, code):
    assert parse_code(codes, given) is code


@pytest.mark.parametrize("given", [None, "", "03", 3.0, False, [], "paid!", "sent paid"], ids=repr)
def test_an_unknown_code_is_refused(given):
    with pytest.raises(ValueError, match=r"is not one of 1 \(draft\), 2 \(sent\)"):
        parse_code(InvoiceStatus, given)


def test_code_names_lists_codes_and_names():
    assert code_names(InvoiceType) == "0 (normal), 1 (rot), 2 (rut), 3 (construction)"
    assert code_names(ItemType).startswith("expense, timeLog, general")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("TIMELOGS", "timeLogs"), ("timeLog", "timeLogs"), (" users", "users"), ("xyz", None), ("", None), (5, None)],
    ids=repr,
)
def test_the_nearest_name(wrong, near):
    assert nearest_name(wrong, ["users", "timeLogs"]) == near


def test_without_a_similar_name_the_suggestion_lists_all_names():
    assert suggestion("xyz", ["users", "timeLogs"]) == "known are: timeLogs, users"
    assert suggestion("user", ["users", "timeLogs"]) == "did you mean 'users'?"
