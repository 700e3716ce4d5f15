"""References in texts, whatever the texts: what was written is found, and nothing else."""

from __future__ import annotations

import html
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.api.writing.lookup import LookupKey, NewRecord, match_record
from airflow_provider_seventime.api.writing.references import (
    add_reference,
    check_reference,
    has_reference,
    normalised,
    preserve_references,
    references_in,
)
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.exceptions import ConfigError
from tests.sizes import examples

stable = settings(derandomize=True, deadline=None, max_examples=examples(100))


def _is_reference(text):
    try:
        return check_reference(text) == text.strip()
    except ConfigError:
        return False


# Near misses are what break matching: brackets, blanks, colons, prefixes of one another.
NEAR = st.text(alphabet="abAB1- :/[]ref\t\u00a0\u2028å&\u200b", max_size=12)
REFERENCES = st.one_of(NEAR, st.text(max_size=40)).filter(_is_reference).map(check_reference)
TEXTS = st.one_of(st.none(), st.text(max_size=80), NEAR, REFERENCES.map(lambda one: f"Tack\n[ref: {one}]\nhej"))


def _compared(text):
    return set(map(normalised, references_in(text)))


REWRITES = {
    "escaped": html.escape,
    "escaped twice": lambda text: html.escape(html.escape(text)),
    "upper case": str.upper,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "NFKC": lambda text: unicodedata.normalize("NFKC", text),
    "hard blanks": lambda text: text.replace(" ", "\u00a0"),
    "double blanks": lambda text: text.replace(" ", "  "),
    "zero width": "\u200b".join,
}


@stable
@given(REFERENCES, st.lists(st.sampled_from(sorted(REWRITES)), max_size=3))
def test_a_rewritten_text_still_has_its_reference(reference, rewrites):
    text = add_reference("Tack & hej", reference)
    for name in rewrites:
        text = REWRITES[name](text)
    assert has_reference(text, reference)


@stable
@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text):
    assert normalised(normalised(text)) == normalised(text)


@stable
@given(TEXTS, REFERENCES)
def test_an_added_reference_is_found_after_the_text(text, reference):
    added = add_reference(text, reference)
    assert has_reference(added, reference)
    assert added.startswith((text or "").rstrip())
    assert add_reference(added, reference) == added
    assert _compared(added) == {*_compared(text), normalised(reference)}


@stable
@given(TEXTS, st.lists(REFERENCES, max_size=4, unique=True), st.text(max_size=40))
def test_a_changed_text_preserves_every_reference(text, references, after):
    before = text
    for reference in references:
        before = add_reference(before, reference)
    kept = preserve_references(before, after)
    assert _compared(before) <= _compared(kept)
    assert kept.startswith(after.rstrip())


@stable
@given(REFERENCES, st.sampled_from(["\n", "\r\n", "\r", " "]), st.text(alphabet=" \n", max_size=3))
def test_references_survive_changed_whitespace(reference, line_end, rest):
    text = add_reference("Tack för i år", reference).replace("\n", line_end) + rest
    assert _compared(text) == {normalised(reference)}


@stable
@given(st.lists(st.tuples(TEXTS, st.lists(REFERENCES, max_size=2)), max_size=8), REFERENCES)
def test_the_record_with_the_reference_is_found_among_others(others, reference):
    def record(record_id, text, references):
        for one in references:
            text = add_reference(text, one)
        return {"_id": record_id, "notes": text}

    strangers = [record(f"s{index}", *other) for index, other in enumerate(others)]
    strangers = [one for one in strangers if not has_reference(one["notes"], reference)]
    ours = record("ours", "Tack", [reference])
    new_record = NewRecord({}, LookupKey("notes", reference))
    assert match_record(COLLECTIONS["projects"], strangers, new_record) is None
    assert match_record(COLLECTIONS["projects"], [*strangers, ours], new_record) == ours
