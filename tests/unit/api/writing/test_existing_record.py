"""Differences between a record to create and the existing one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.api.writing.existing_record import differences
from airflow_provider_seventime.contract.registry import COLLECTIONS


def fields(resource, wanted, found):
    return [difference.field for difference in differences(COLLECTIONS[resource], wanted, found)]


def rows(*items):
    return {"invoiceItems": [{"itemType": "general", **item} for item in items]}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"customer": "c-1"}, {"customer": "c-1", "customerName": "Häll", "totalAmount": 7}),
        ({"customer": "c-1"}, {}),
        ({"project": None}, {"project": "p-1"}),
        ({"currencyCode": "sek"}, {"currencyCode": "SEK"}),
        ({"invoiceDate": "2026-01-31"}, {"invoiceDate": "2026-01-30T23:00:00.000Z"}),
        (rows({"unitPrice": 500}), rows({"unitPrice": Decimal("500.00"), "taxPercent": 12})),
        (rows({"unitPrice": "0.333"}), rows({"unitPrice": Decimal("0.33")})),
        (rows({"unitPrice": 0.1 + 0.2}), rows({"unitPrice": Decimal("0.3")})),
        (rows({"name": "Skruv & bult"}), rows({"name": "Skruv &amp;  bult"})),
        (rows({"name": "a"}, {"name": "b"}), rows({"name": "b"}, {"name": "a"})),
        (rows({"expenseItem": "e-1", "name": "a"}), rows({"expenseItem": "e-1", "name": "Artikelns namn"})),
        (rows({"itemType": "text", "name": "Tack"}), rows({"itemType": "text", "name": "Tack", "numberOfItems": 1})),
        (rows({"name": "a"}), {"invoiceItems": None}),
        (rows({"name": "a"}), {"invoiceItems": ["id-of-a-row"]}),
        ({}, rows({"name": "a"})),
    ],
    ids=str,
)
def test_what_the_server_adds_or_rewrites_is_no_difference(wanted, found):
    assert fields("invoices", wanted, found) == []


@pytest.mark.parametrize(
    ("wanted", "found", "listed"),
    [
        ({"customer": "c-1"}, {"customer": "c-2"}, ["customer"]),
        ({"project": "p-1"}, {"project": None}, ["project"]),
        (rows({"unitPrice": 1}), rows({"unitPrice": Decimal("1.01")}), ["unitPrice", "total"]),
        (rows({"numberOfItems": 2}), rows({"numberOfItems": 3}), ["numberOfItems"]),
        (rows({"name": "a"}), rows({"name": "b"}), ["name"]),
        (
            rows({"itemType": "onlyamount", "totalAmount": 5}),
            rows({"itemType": "onlyamount", "totalAmount": 6}),
            ["totalAmount", "total"],
        ),
        (rows({"unitPrice": 1}, {"unitPrice": 1}), rows({"unitPrice": 2}), ["number of invoiceItems"]),
        (rows({"unitPrice": 1}, {"name": "a"}), rows({"unitPrice": 2}), ["number of invoiceItems"]),
    ],
    ids=str,
)
def test_a_difference_is_listed(wanted, found, listed):
    short = {"total": "total of invoiceItems", "number of invoiceItems": "number of invoiceItems"}
    expected = [
        short.get(name, name if name in ("customer", "project") else f"invoiceItems[0].{name}") for name in listed
    ]
    assert fields("invoices", wanted, found) == expected


def test_personal_data_is_not_shown():
    (difference,) = differences(COLLECTIONS["customers"], {"name": "Åsa Ek"}, {"name": "Bo Ek"})
    assert difference.field == "name"
    assert "Ek" not in str(difference)
