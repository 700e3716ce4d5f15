"""Hours to invoice rows: what is billed, how it is rounded, and what is left out with which reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.billed_hours import bill_hours

CUSTOMERS = {"c-1", "c-2"}
CATEGORIES = {"t-1": "Normaltid", "t-2": "Restid"}


def log(**changed):
    return {
        "_id": "log",
        "customer": "c-1",
        "timeCategory": "t-1",
        "pricePerHour": 595,
        "invoiceableTime": 8,
        "isInvoiceable": True,
        "isInvoiced": False,
    } | changed


def bill(*logs):
    return bill_hours(logs, customers=CUSTOMERS, categories=CATEGORIES, period="2026-09")


def test_hours_of_a_customer_are_added_up_by_time_category_and_price():
    billed = bill(
        log(),
        log(customer="c-2", invoiceableTime=1),
        log(invoiceableTime="0.25"),
        log(timeCategory="t-2", pricePerHour=450, invoiceableTime=1.5),
        log(pricePerHour=Decimal("842.50"), invoiceableTime=2),
    )

    assert billed.left_out == ()
    assert list(billed.rows) == ["c-1", "c-2"]
    assert billed.rows["c-1"] == [
        {
            "itemType": "timeLog",
            "timeCategory": "t-1",
            "name": "Normaltid 2026-09",
            "numberOfItems": "8.25",
            "pricePerHour": "595",
            "unit": "tim",
        },
        {
            "itemType": "timeLog",
            "timeCategory": "t-2",
            "name": "Restid 2026-09",
            "numberOfItems": "1.50",
            "pricePerHour": "450",
            "unit": "tim",
        },
        {
            "itemType": "timeLog",
            "timeCategory": "t-1",
            "name": "Normaltid 2026-09",
            "numberOfItems": "2.00",
            "pricePerHour": "842.5",
            "unit": "tim",
        },
    ]


@pytest.mark.parametrize(
    ("hours", "billed"),
    [
        pytest.param(["0.125"], "0.13", id="half-up"),
        pytest.param(["0.115"], "0.12", id="half-up-to-even"),
        pytest.param(["0.125", "0.125"], "0.25", id="the-sum-is-rounded"),
        pytest.param([41.18577972222222], "41.19", id="a-float-of-14-decimals"),
        pytest.param([Decimal("41.18499999999999")], "41.18", id="14-decimals"),
        pytest.param([0.1] * 3, "0.30", id="floats-are-added-as-decimals"),
        pytest.param([5, "-1.5"], "3.50", id="a-correction"),
    ],
)
def test_hours_of_a_row_are_rounded_once_and_half_up(hours, billed):
    ((row,),) = bill(*(log(invoiceableTime=one) for one in hours)).rows.values()

    assert row["numberOfItems"] == billed


def test_the_api_prices_hours_without_a_price(subtests):
    for missing in ({"pricePerHour": None}, {"pricePerHour": ""}):
        with subtests.test(missing):
            ((row,),) = bill(log(**missing)).rows.values()
            assert "pricePerHour" not in row
    without = log()
    del without["pricePerHour"]
    ((row,),) = bill(without, log(pricePerHour=None)).rows.values()
    assert ("pricePerHour" in row, row["numberOfItems"]) == (False, "16.00")


def test_a_price_has_no_zeros_of_the_database():
    ((first, second),) = bill(
        log(pricePerHour=Decimal("600.000000000000000000")), log(pricePerHour=Decimal("842.500000"))
    ).rows.values()

    assert (first["pricePerHour"], second["pricePerHour"]) == ("600", "842.5")


def test_hours_at_a_price_of_0_are_billed_at_0():
    ((row,),) = bill(log(pricePerHour=0)).rows.values()

    assert row["pricePerHour"] == "0"


def test_hours_without_a_time_category_become_a_general_row_at_their_price():
    ((row,),) = bill(log(timeCategory=None)).rows.values()

    assert row == {
        "itemType": "general",
        "name": "Arbetad tid 2026-09",
        "numberOfItems": "8.00",
        "unitPrice": "595",
        "unit": "tim",
    }


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"customer": None}, "it has no customer", id="no-customer"),
        pytest.param({"customer": ""}, "it has no customer", id="an-empty-customer"),
        pytest.param({"customer": "c-9"}, "its customer c-9 does not exist", id="a-deleted-customer"),
        pytest.param({"timeCategory": "t-9"}, "its time category t-9 does not exist", id="a-deleted-category"),
        pytest.param(
            {"timeCategory": None, "pricePerHour": None},
            "it has neither a time category nor a price",
            id="no-category-and-no-price",
        ),
        pytest.param({"invoiceableTime": None}, "invoiceableTime is missing", id="no-hours"),
        pytest.param({"invoiceableTime": "åtta"}, "invoiceableTime: 'åtta' is not a number", id="words"),
        pytest.param({"pricePerHour": "fritt"}, "pricePerHour: 'fritt' is not a number", id="a-price-in-words"),
        pytest.param({"invoiceableTime": 0}, "the hours of its row are 0.00", id="zero-hours"),
        pytest.param({"pricePerHour": 1, "invoiceableTime": 0.0004}, "the hours of its row are 0.00", id="a-second"),
        pytest.param({"isInvoiceable": "kanske"}, "isInvoiceable: 'kanske' is neither true nor false", id="a-flag"),
    ],
)
def test_a_log_that_cannot_be_billed_is_named_and_the_others_are_billed(changed, reason):
    billed = bill(log(_id="odd", **changed), log(customer="c-2"))

    assert [str(one) for one in billed.left_out] == [f"timeLogs odd: {reason}"]
    assert list(billed.rows) == ["c-2"]


def test_logs_are_left_out_in_their_order():
    billed = bill(log(_id="a", invoiceableTime=0), log(_id="b", customer=None), log(_id="c", invoiceableTime=0))

    assert [one.record_id for one in billed.left_out] == ["a", "b", "c"]


def test_what_is_not_invoiceable_or_already_invoiced_is_neither_billed_nor_named(subtests):
    for changed in (
        {"isInvoiceable": False},
        {"isInvoiceable": 0},
        {"isInvoiceable": None},
        {"isInvoiced": True},
        {"isInvoiced": 1},
        {"isInvoiceable": "false"},
    ):
        with subtests.test(changed):
            billed = bill(log(customer=None, **changed))
            assert (billed.rows, billed.left_out) == ({}, ())


def test_flags_of_a_database_and_missing_flags():
    ((row,),) = bill(log(isInvoiceable=1, isInvoiced=0), log(isInvoiced=None)).rows.values()

    assert row["numberOfItems"] == "16.00"


def test_no_logs():
    assert bill().rows == {}
