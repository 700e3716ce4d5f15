"""Redaction of secrets in texts."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from airflow_provider_seventime.api.http.redaction import MAX_SEARCHED_CHARACTERS, redact

# Every sign that a key may hold.
KEY = "".join(map(chr, range(0x21, 0x7F)))
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "URL": lambda key: quote(key, safe=""),
    "URL, slashes left": quote,
    "URL, lower case": lambda key: quote(key, safe="").lower().replace(key.lower(), key),
    "form": quote_plus,
    "URL in a URL": lambda key: quote(quote(key, safe=""), safe=""),
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON in JSON": lambda key: json.dumps(json.dumps(key))[3:-3],
    "JSON with slashes escaped": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON, all escaped": lambda key: "".join(f"\\u{ord(character):04X}" for character in key),
    "HTML": html.escape,
    "HTML by number": lambda key: "".join(f"&#{ord(character)};" for character in key),
    "HTML by hexadecimal number": lambda key: "".join(f"&#x{ord(character):02X};" for character in key),
    "UTF-16": lambda key: key.encode("utf-16-le").decode("utf-8"),
    "UTF-32": lambda key: key.encode("utf-32-be").decode("utf-8"),
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nothing secret", "nothing secret"),
        ("key=sk-12345;", "key=***;"),
        ("sk-12345sk-12345", "******"),
        ("a\r\n\tb\x07c", "a b c"),
        ("Häll & Søn €", "Häll & Søn €"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 197 + "..."),
        ("", ""),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_text_is_shown_on_one_line_without_secrets(text, shown):
    assert redact(text, ["sk-12345"]) == shown


@pytest.mark.parametrize("place", [0, 150, 192, 195, 197, 199])
def test_no_part_of_a_secret_is_left_at_the_cut(place):
    assert "sk-1" not in redact("x" * place + "sk-12345" + "y" * 300, ["sk-12345"])


def test_a_secret_of_fewer_than_four_characters_is_not_replaced():
    assert redact("a banana", ["a", ""]) == "a banana"


def test_a_secret_is_found_in_every_form_that_a_response_repeats_it_in(subtests):
    for form in [form for form in FORMS if "lower" not in form]:
        for key in ["s3cr3t/Of+Seven=Time", 'a"b\\c&d<e>f%g', KEY]:
            with subtests.test(f"{form} of {key}"):
                assert redact(f"key: {FORMS[form](key)};", [key]) == "key: ***;"


def test_a_secret_is_found_in_a_url_of_lower_case_numbers():
    assert redact("s3cr3t%2fOf%2bTime%3d", ["s3cr3t/Of+Time="]) == "***"


@pytest.mark.parametrize("other", ["s3cr3t/of+Seven=Time", "s3cr3t%2fOF%2bSeven%3dTime"])
def test_a_text_in_another_case_is_not_the_secret(other):
    assert redact(other, ["s3cr3t/Of+Seven=Time"]) == other


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:pass@proxy:1/x", "http://***@proxy:1/x"),
        ("http://user:p/a?s#s@w@proxy:1", "http://***@proxy:1"),
        ("http://proxy:1 and a@b", "http://proxy:1 and a@b"),
    ],
)
def test_the_user_and_password_of_a_url_are_not_shown(text, shown):
    assert redact(text, []) == shown


@pytest.mark.parametrize("place", range(MAX_SEARCHED_CHARACTERS - 12, MAX_SEARCHED_CHARACTERS + 1))
def test_no_part_of_a_secret_is_left_at_the_end_of_the_search(place):
    assert "s" not in redact(" " * place + "sk-12345" + " " * 1000, ["sk-12345"])


@pytest.mark.parametrize("text", ["\\" * 64, "://" * 20, "%25" * 50, "&amp;" * 30], ids=repr)
def test_a_huge_text_is_redacted_quickly(text):
    assert len(redact(text * 500_000, [KEY, text[:40]])) <= 200
