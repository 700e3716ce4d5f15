"""Filters of the search for an existing record, and the match among its results."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.api.writing.lookup import (
    LookupKey,
    NewRecord,
    differing_texts,
    match_record,
    search_filters,
    unique_number_key,
)
from airflow_provider_seventime.contract.checking import check_filters
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.exceptions import AmbiguousWriteError, InvalidRecordError

STOCKHOLM = ZoneInfo("Europe/Stockholm")
INVOICES = COLLECTIONS["invoices"]


class TestSearch:
    """``search_filters`` returns filters that ``check_filters`` accepts."""

    @staticmethod
    def narrowed(collection, *records, owner="never asked"):
        filters = search_filters(COLLECTIONS[collection], records, STOCKHOLM, lambda *asked: owner)
        check_filters(COLLECTIONS[collection], filters, STOCKHOLM)
        return filters

    @pytest.mark.parametrize("collection", ["invoices", "supplierInvoices"])
    def test_covers_a_day_on_both_sides_of_the_invoice_date(self, collection):
        assert self.narrowed(collection, {"invoiceDate": "2026-03-01", "customer": "c"}) == {
            "fromInvoiceDate": date(2026, 2, 28),
            "toInvoiceDate": date(2026, 3, 2),
        }

    def test_of_a_time_log_has_a_first_date_and_its_user(self):
        assert self.narrowed("timeLogs", {"timestamp": "2026-03-01 08:00", "user": "u"}) == {
            "timestamp": datetime(2026, 2, 28, tzinfo=UTC),
            "user": "u",
        }

    def test_uses_the_records_own_number(self):
        assert self.narrowed("customers", {"name": "Häll", "customerNumber": "C-77"}) == {"customerNumber": "C-77"}
        assert self.narrowed("projects", {"projectNumber": "P-1", "customer": "c"}) == {"projectNumber": "P-1"}
        assert self.narrowed("distributors", {"distributorNumber": "D-1"}) == {}

    @pytest.mark.parametrize(
        ("collection", "records", "filters"),
        [
            (
                "invoices",
                [{"invoiceDate": day, "customer": "c"} for day in ("2026-03-01", "2026-01-31", "2026-02-05")],
                {"fromInvoiceDate": date(2026, 1, 30), "toInvoiceDate": date(2026, 3, 2)},
            ),
            (
                "invoices",
                [{"invoiceDate": "2026-03-01", "customer": "c"}, {"customer": "c"}],
                {"customerNumber": "3028"},
            ),
            ("invoices", [{"customer": "c"}, {"customer": "d"}], {}),
            (
                "timeLogs",
                [{"timestamp": "2026-03-01 08:00", "user": user} for user in ("u", "v")],
                {"timestamp": datetime(2026, 2, 28, tzinfo=UTC)},
            ),
            ("workOrders", [{"customer": "c"}, {"customer": "c"}], {"customer": "c"}),
            ("workOrders", [{"customer": "c"}, {"title": "no customer"}], {}),
            ("customers", [{"customerNumber": "1"}, {"customerNumber": "2"}], {}),
        ],
        ids=str,
    )
    def test_of_many_records_uses_their_common_filters(self, collection, records, filters):
        assert self.narrowed(collection, *records, owner="3028") == filters

    def test_stays_within_the_calendar(self):
        assert self.narrowed("invoices", {"invoiceDate": "9999-12-31"})["toInvoiceDate"] == date.max

    def test_without_a_date_uses_the_number_of_the_customer(self):
        asked = []

        def number_of(*what):
            asked.append(what)
            return "3028"

        filters = search_filters(INVOICES, [{"customer": "c-1"}], STOCKHOLM, number_of)
        assert filters == {"customerNumber": "3028"}
        assert asked == [("customers", "c-1", "customerNumber")]

    def test_uses_no_filter_that_version_1_lacks(self):
        work_orders = COLLECTIONS["workOrders"].in_version(1)
        assert search_filters(work_orders, [{"customer": "c"}], STOCKHOLM, lambda *_: "unused") == {}

    def test_has_no_filter_if_the_customer_has_no_number(self):
        assert self.narrowed("invoices", {"customer": "c-1"}, owner="") == {}

    @pytest.mark.parametrize(
        ("collection", "record", "filters"),
        [
            ("workOrders", {"customer": "c-1", "startDate": "2026-03-01 08:00"}, {"customer": "c-1"}),
            ("supplierInvoices", {"distributor": "d-1"}, {"distributor": "d-1"}),
            ("timeLogs", {"user": "u-1"}, {"user": "u-1"}),
            ("customers", {"name": "Häll"}, {}),
            ("projects", {"customer": "c-1"}, {}),
        ],
        ids=str,
    )
    def test_uses_the_owner_if_there_is_one(self, collection, record, filters):
        assert self.narrowed(collection, record) == filters


class TestMatch:
    @staticmethod
    def match(*records, record=None, reference="r-1"):
        return match_record(INVOICES, records, NewRecord(record or {"customer": "c-1"}, LookupKey("notes", reference)))

    def test_finds_the_record_with_the_reference(self):
        right = {"_id": "2", "customer": "c-1", "notes": "Tack\n[ref: r-1]"}
        others = [
            {"_id": "1", "customer": "c-1", "notes": "[ref: r-10]"},
            {"_id": "3", "customer": "c-1", "notes": "r-1"},
            {"_id": "4", "customer": "c-1", "notes": None},
            {"_id": "5", "customer": "c-1"},
            {"_id": "6", "customer": "c-1", "description": "[ref: r-1]"},
        ]
        assert self.match(*others, right) == right
        assert self.match(*others) is None

    def test_several_matches_are_ambiguous(self):
        records = [{"_id": one, "customer": "c-1", "notes": "[ref: r-1]"} for one in ("a", "b")]
        with pytest.raises(AmbiguousWriteError) as caught:
            self.match(*records)
        assert str(caught.value) == (
            "invoices: 2 records have the reference 'r-1' (a, b). Delete the superfluous ones in Seven Time, "
            "then try again"
        )

    @pytest.mark.parametrize("owner", ["c-2", None])
    def test_another_owners_record_is_not_returned(self, owner):
        with pytest.raises(InvalidRecordError) as caught:
            self.match({"_id": "a", "customer": owner, "notes": "[ref: r-1]"})
        (problem,) = caught.value.problems
        assert problem.startswith(f"customer: the reference 'r-1' is already on a, which belongs to customer {owner}, ")

    def test_a_collection_without_owner_field_compares_none(self):
        found = {"_id": "a", "notes": "[ref: r-1]"}
        assert (
            match_record(COLLECTIONS["projects"], [found], NewRecord({"customer": "c-1"}, LookupKey("notes", "r-1")))
            == found
        )

    @pytest.mark.parametrize(
        "rewritten",
        [{"invoiceDate": "2020-01-01"}, {"customerName": "Annan"}, {"totalAmount": 1}, {"invoiceNumber": "7"}],
        ids=str,
    )
    def test_fields_that_the_server_changes_are_not_compared(self, rewritten):
        found = {"_id": "a", "customer": "c-1", "notes": "[ref: r-1]", **rewritten}
        record = {"customer": "c-1", "invoiceDate": "2026-01-01", "customerName": "Vår", "invoiceNumber": "1"}
        assert self.match(found, record=record) == found


class TestNumber:
    CUSTOMERS = COLLECTIONS["customers"]

    @pytest.mark.parametrize(
        ("collection", "record", "mark"),
        [
            ("customers", {"customerNumber": " C-1 "}, LookupKey("customerNumber", "C-1", is_reference=False)),
            ("projects", {"projectNumber": 17}, LookupKey("projectNumber", "17", is_reference=False)),
            ("users", {"userName": "anna"}, LookupKey("userName", "anna", is_reference=False)),
            ("customers", {"customerNumber": ""}, None),
            ("customers", {"name": "Häll"}, None),
            ("invoices", {"invoiceNumber": "1"}, None),
        ],
        ids=str,
    )
    def test_is_a_key_if_the_record_gives_it(self, collection, record, mark):
        assert unique_number_key(COLLECTIONS[collection], record) == mark

    def test_matches_the_whole_number(self):
        new_record = NewRecord({"customerNumber": "C-1"}, unique_number_key(self.CUSTOMERS, {"customerNumber": "C-1"}))
        right = {"_id": "1", "customerNumber": "C-1"}
        others = [{"_id": "2", "customerNumber": "C-10"}, {"_id": "3"}, {"_id": "4", "notes": "[ref: C-1]"}]
        assert match_record(self.CUSTOMERS, [*others, right], new_record) == right
        assert match_record(self.CUSTOMERS, others, new_record) is None

    def test_of_another_record_without_the_reference_is_refused(self):
        new_record = NewRecord({"customerNumber": "C-1"}, LookupKey("notes", "crm-1"))
        with pytest.raises(InvalidRecordError) as caught:
            match_record(self.CUSTOMERS, [{"_id": "1", "customerNumber": "C-1", "notes": "[ref: crm-2]"}], new_record)
        assert caught.value.problems == (
            "customerNumber 'C-1' is already on 1, which does not have the reference 'crm-1'",
        )

    def test_may_be_on_a_different_record(self):
        new_record = NewRecord(
            {"customerNumber": "C-1", "name": "Häll AB", "city": "Lund"},
            LookupKey("customerNumber", "C-1", is_reference=False),
        )
        ours = {"_id": "1", "customerNumber": "C-1", "name": "Häll AB"}
        assert differing_texts(self.CUSTOMERS, ours, new_record) == []
        assert differing_texts(self.CUSTOMERS, {**ours, "name": "Annan AB", "city": "Ystad"}, new_record) == [
            "name",
            "city",
        ]
