"""What may be shown of what was sent and received."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.api.redaction import redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nothing secret", "nothing secret"),
        ("key=sk-12345;", "key=***;"),
        ("sk-12345sk-12345", "******"),
        ("a\r\n\tb\x00c", "a b c"),
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


def test_a_secret_of_a_few_letters_would_tear_every_text():
    assert redact("a banana", ["a", ""]) == "a banana"
