"""The reference in a text field: written, read and kept."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.writing.references import (
    MAX_REFERENCE_CHARACTERS,
    add_reference,
    check_reference,
    normalised,
    preserve_references,
    reference_field_of,
    references_in,
)
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.exceptions import ConfigError

INVOICES = COLLECTIONS["invoices"]


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
            ("[Ref: A]", ("A",)),
            ("&#91;ref:&nbsp;H&auml;ll&#93;", ("Häll",)),
            ("[re\u200bf: a\u00adb]", ("ab",)),
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
    def test_a_changed_text_preserves_references(self, before, after, kept):
        assert preserve_references(before, after) == kept

    @pytest.mark.parametrize("reference", ["a", "dag/task/2026-01-31T00:00:00+00:00/3", "Häll och Søn €", "x" * 200])
    def test_an_added_reference_is_found(self, reference):
        assert check_reference(f"  {reference} ") == reference
        assert references_in(add_reference("Tack", check_reference(reference))) == (reference,)

    @pytest.mark.parametrize("reference", ["", "  ", "None", None], ids=repr)
    def test_an_empty_reference_is_refused(self, reference):
        with pytest.raises(ConfigError, match="reference is empty, perhaps because a template rendered to nothing"):
            check_reference(reference)

    @pytest.mark.parametrize(
        "reference", ["a[b", "a]b", "a\nb", "a\rb", "x" * (MAX_REFERENCE_CHARACTERS + 1)], ids=repr
    )
    def test_a_reference_that_cannot_be_found_is_refused(self, reference):
        with pytest.raises(ConfigError, match="must be one line of at most 200 characters"):
            check_reference(reference)

    @pytest.mark.parametrize(
        ("fragile", "reason"),
        [
            ("a&b", "'&' changes when a text is escaped for HTML"),
            ("a<b", "'<' changes when a text is escaped for HTML"),
            ("a>b", "'>' changes when a text is escaped for HTML"),
            ("a\uff06b", "'&' changes when a text is escaped for HTML"),
            ("a\tb", r"'\\t' is invisible"),
            ("a\u200bb", r"'\\u200b' is invisible"),
            ("a\u00adb", r"'\\xad' is invisible"),
            ("a\u2028b", r"'\\u2028' is invisible"),
            ("a\ue000b", r"'\\ue000' is invisible"),
            ("\ufeffa", r"'\\ufeff' is invisible"),
        ],
        ids=ascii,
    )
    def test_a_reference_with_a_fragile_character_is_refused_with_the_reason(self, fragile, reason):
        with pytest.raises(ConfigError, match=f"might not be found again: {reason}"):
            check_reference(fragile)

    @pytest.mark.parametrize("reference", ["a\uff3bb", "a\uff3db"], ids=ascii)
    def test_a_reference_that_normalises_to_brackets_is_refused(self, reference):
        with pytest.raises(ConfigError, match="must be one line"):
            check_reference(reference)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("Order 17", "order 17"),
            ("order  17", " order\u00a017\t"),
            ("H\u00e4ll", "Ha\u0308ll"),
            ("\u216b-\uff11", "xii-1"),
            ("Stra\u00dfe", "STRASSE"),
            ("it's", "it&#39;s"),
            ('"a"', "&quot;a&quot;"),
            ('"a"', "&amp;quot;a&amp;quot;"),
            ("ab", "a\u200b\ufeffb"),
        ],
        ids=ascii,
    )
    def test_rewritten_references_are_equal(self, first, second):
        assert normalised(first) == normalised(second)

    @pytest.mark.parametrize(("first", "second"), [("a-1", "a-10"), ("a 1", "a1"), ("a-1", "a_1"), ("å", "a")], ids=str)
    def test_different_references_stay_different(self, first, second):
        assert normalised(first) != normalised(second)


class TestField:
    @pytest.mark.parametrize(
        ("collection", "field"),
        [("invoices", "notes"), ("supplierInvoices", "notes"), ("customers", "notes"), ("projects", "notes"),
         ("workOrders", "description"), ("timeLogs", "internalDescription")],
    )  # fmt: skip
    def test_the_default_is_the_collections_own_field(self, collection, field):
        assert reference_field_of(COLLECTIONS[collection], None) == field

    def test_another_field_may_be_given(self):
        assert reference_field_of(INVOICES, "marking") == "marking"

    @pytest.mark.parametrize("field", ["totalAmount", "notez", "customerName", "invoiceNumber", "invoiceItems"])
    def test_a_field_that_is_not_writable_text_is_refused(self, field):
        with pytest.raises(ConfigError, match=f"^reference_field '{field}' is not a writable text field of invoices: "):
            reference_field_of(INVOICES, field)

    def test_a_collection_without_text_fields_is_refused(self):
        with pytest.raises(ConfigError, match=r"^users has no text field for a reference"):
            reference_field_of(COLLECTIONS["users"], None)
