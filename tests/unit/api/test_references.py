"""The reference in a text field: written, read, kept, and how the look-up is narrowed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.api.references import (
    LONGEST_REFERENCE,
    add_reference,
    check_reference,
    keep_references,
    match_reference,
    reference_field_of,
    references_in,
    search_filters,
)
from airflow_provider_seventime.contract.checking import check_filters
from airflow_provider_seventime.contract.resources import RESOURCES
from airflow_provider_seventime.exceptions import AmbiguousWriteError, ConfigError, InvalidRecordError

STOCKHOLM = ZoneInfo("Europe/Stockholm")
INVOICES = RESOURCES["invoices"]


class TestText:
    @pytest.mark.parametrize(
        ("text", "with_reference"),
        [
            (None, "[ref: r-1]"),
            ("", "[ref: r-1]"),
            (" \n", "[ref: r-1]"),
            ("Tack", "Tack\n[ref: r-1]"),
            ("Tack\n\n", "Tack\n[ref: r-1]"),
            ("Tack\n[ref: other]", "Tack\n[ref: other]\n[ref: r-1]"),
            ("Tack [ref: r-1] hej", "Tack [ref: r-1] hej"),
            ("[ref: r-10]", "[ref: r-10]\n[ref: r-1]"),
            ("ref: r-1", "ref: r-1\n[ref: r-1]"),
        ],
        ids=repr,
    )
    def test_a_reference_becomes_the_last_line_once(self, text, with_reference):
        assert add_reference(text, "r-1") == with_reference
        assert add_reference(with_reference, "r-1") == with_reference
        assert "r-1" in references_in(with_reference)

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (None, ()),
            (5, ()),
            ({"a": "[ref: x]"}, ()),
            ("", ()),
            ("[ref: a][ref: b]\n[ref: a b ]", ("a", "b", "a b")),
            ("[ref: ]", ()),
            ("[ref:a]", ()),
            ("[Ref: a]", ()),
            ("[ref: a\nb]", ()),
            ("[ref: [a]]", ()),
            ("[ref: a", ()),
        ],
        ids=repr,
    )
    def test_references_are_found(self, text, found):
        assert references_in(text) == found

    @pytest.mark.parametrize(
        ("before", "after", "kept"),
        [
            ("Tack\n[ref: a]", "Nytt", "Nytt\n[ref: a]"),
            ("[ref: a]\n[ref: b]", "", "[ref: a]\n[ref: b]"),
            ("[ref: a]", "Nytt [ref: a]", "Nytt [ref: a]"),
            ("Tack", "Nytt", "Nytt"),
            (None, "Nytt", "Nytt"),
            (5, "Nytt", "Nytt"),
        ],
        ids=repr,
    )
    def test_a_changed_text_keeps_them(self, before, after, kept):
        assert keep_references(before, after) == kept

    @pytest.mark.parametrize("reference", ["a", "dag/task/2026-01-31T00:00:00+00:00/3", "Häll & Søn €", "x" * 200])
    def test_a_reference_comes_back_as_it_went(self, reference):
        assert check_reference(f"  {reference} ") == reference
        assert references_in(add_reference("Tack", check_reference(reference))) == (reference,)

    @pytest.mark.parametrize("reference", ["", "  ", "None", None], ids=repr)
    def test_an_empty_one_is_refused(self, reference):
        with pytest.raises(ConfigError, match="reference: it is empty, perhaps because a template rendered to nothing"):
            check_reference(reference)

    @pytest.mark.parametrize("reference", ["a[b", "a]b", "a\nb", "a\rb", "x" * (LONGEST_REFERENCE + 1)], ids=repr)
    def test_one_that_would_not_be_found_again_is_refused(self, reference):
        with pytest.raises(ConfigError, match="must be one line of at most 200 characters"):
            check_reference(reference)


class TestField:
    @pytest.mark.parametrize(
        ("collection", "field"),
        [("invoices", "notes"), ("supplierInvoices", "notes"), ("customers", "notes"), ("projects", "notes"),
         ("workOrders", "description"), ("timeLogs", "internalDescription")],
    )  # fmt: skip
    def test_is_the_collections_own(self, collection, field):
        assert reference_field_of(RESOURCES[collection], None) == field

    def test_may_be_chosen(self):
        assert reference_field_of(INVOICES, "marking") == "marking"

    @pytest.mark.parametrize("field", ["totalAmount", "notez", "customerName", "invoiceNumber", "invoiceItems"])
    def test_that_cannot_be_written_as_text_is_refused(self, field):
        with pytest.raises(ConfigError, match=f"^reference_field '{field}' is no text field to write in invoices: "):
            reference_field_of(INVOICES, field)

    def test_that_is_not_there_is_refused(self):
        with pytest.raises(ConfigError, match=r"^users has no text field that could keep a reference"):
            reference_field_of(RESOURCES["users"], None)


class TestSearch:
    """``search_filters`` gives filters that ``check_filters`` takes."""

    @staticmethod
    def narrowed(collection, record, owner="never asked"):
        filters = search_filters(RESOURCES[collection], record, STOCKHOLM, lambda *asked: owner)
        check_filters(RESOURCES[collection], filters, STOCKHOLM)
        return filters

    @pytest.mark.parametrize("collection", ["invoices", "supplierInvoices"])
    def test_reaches_a_day_to_both_sides_of_the_invoice_date(self, collection):
        assert self.narrowed(collection, {"invoiceDate": "2026-03-01", "customer": "c"}) == {
            "fromInvoiceDate": date(2026, 2, 28),
            "toInvoiceDate": date(2026, 3, 2),
        }

    def test_begins_a_day_before_a_time_log(self):
        assert self.narrowed("timeLogs", {"timestamp": "2026-03-01 08:00", "user": "u"}) == {
            "timestamp": datetime(2026, 2, 28, tzinfo=UTC)
        }

    def test_stays_within_the_calendar(self):
        assert self.narrowed("invoices", {"invoiceDate": "9999-12-31"})["toInvoiceDate"] == date.max

    def test_goes_by_the_number_of_the_customer_without_a_date(self):
        asked = []

        def number_of(*what):
            asked.append(what)
            return "3028"

        filters = search_filters(INVOICES, {"customer": "c-1"}, STOCKHOLM, number_of)
        assert filters == {"customerNumber": "3028"}
        assert asked == [("customers", "c-1", "customerNumber")]

    def test_reads_everything_where_the_customer_has_no_number(self):
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
    def test_goes_by_the_owner_where_there_is_one(self, collection, record, filters):
        assert self.narrowed(collection, record) == filters


class TestMatch:
    @staticmethod
    def match(*records, record=None, reference="r-1"):
        return match_reference(INVOICES, records, "notes", reference, record or {"customer": "c-1"})

    def test_finds_the_one_that_carries_it(self):
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

    def test_several_are_nobodys_to_choose(self):
        records = [{"_id": one, "customer": "c-1", "notes": "[ref: r-1]"} for one in ("a", "b")]
        with pytest.raises(AmbiguousWriteError) as caught:
            self.match(*records)
        assert str(caught.value) == (
            "invoices: 2 records carry the reference 'r-1' (a, b). Delete what is too many in Seven Time, "
            "then try again"
        )

    @pytest.mark.parametrize("owner", ["c-2", None])
    def test_another_owners_record_is_not_returned(self, owner):
        with pytest.raises(InvalidRecordError) as caught:
            self.match({"_id": "a", "customer": owner, "notes": "[ref: r-1]"})
        (problem,) = caught.value.problems
        assert problem.startswith(f"customer: the reference 'r-1' is already on a, which belongs to customer {owner}, ")

    def test_where_there_is_no_owner_nobody_is_asked(self):
        found = {"_id": "a", "notes": "[ref: r-1]"}
        assert match_reference(RESOURCES["projects"], [found], "notes", "r-1", {"customer": "c-1"}) == found
