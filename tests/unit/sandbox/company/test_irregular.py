"""Irregular records of the seeded company: in every collection, with the shape of the vendor's samples."""

from datetime import date

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.company import build_company
from airflow_provider_seventime.sandbox.company.table_rows import read_table

TODAY = date(2026, 10, 1)
# Statuses are those of projects and work orders again; the seed has no subscriptions.
WITHOUT = {"statuses", "webhookSubscriptions"}


@pytest.fixture(scope="module")
def irregular():
    """Return the records that the option adds, by collection."""
    tidy = build_company(7, TODAY).collections
    return {name: rows[len(tidy[name]) :] for name, rows in build_company(7, TODAY, None, True).collections.items()}


def test_every_collection_has_irregular_records(irregular):
    listed = {name for name, one in COLLECTIONS.items() if one.listed and one.created_resource is None}

    assert {name for name, rows in irregular.items() if rows} == listed - WITHOUT == set(read_table("irregular"))


def test_the_tidy_records_are_the_same(subtests):
    tidy, both = build_company(7, TODAY), build_company(7, TODAY, None, True)
    for name, rows in tidy.collections.items():
        with subtests.test(name):
            assert list(both.collections[name][: len(rows)]) == list(rows)
    assert both.series == tidy.series


def test_fields_are_missing_and_null(irregular, subtests):
    for name, rows in irregular.items():
        for row in rows:
            with subtests.test(name):
                assert COLLECTIONS[name].fields.keys() - row.keys() or None in row.values()


def test_texts_have_html_and_numbers_are_text_and_hours_have_14_decimals(irregular):
    encoded = exact_json.encode(irregular).decode()

    assert "<table width" in encoded
    assert '"currencyRate":"11.25"' in encoded
    assert "41.18577972222222" in encoded


def test_time_logs_and_invoices_are_of_the_last_month(irregular):
    assert {log["timestamp"][:7] for log in irregular["timeLogs"]} == {"2026-09"}
    assert {invoice["invoiceDate"][:7] for invoice in irregular["invoices"]} == {"2026-09"}


def test_a_number_of_time_logs_is_exact():
    assert len(build_company(7, TODAY, 10, True).collections["timeLogs"]) == 10


def test_ids_ascend(irregular):
    for name, rows in build_company(7, TODAY, None, True).collections.items():
        ids = [row[COLLECTIONS[name].id_field] for row in rows]
        assert ids == sorted(set(ids)), name
