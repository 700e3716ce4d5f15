from __future__ import annotations

import pytest

from airflow_provider_seventime.accounting.sie_text import sie_text, unencodable_characters


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('Bar "Svea"', "Bar 'Svea'"),
        ('"', "'"),
        (r"a\b", "a/b"),
        ("{x}", "(x)"),
        ("{", "("),
        ("tab\there", "tab here"),
        ("line\r\nbreak", "line break"),
        ("null\x00 del\x7f c1\x85", "null del c1"),
        ("§ 5 \x0f", "par. 5"),
        ("  many   blanks ", "many blanks"),
        ("no\u00a0break", "no break"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("#1; 50 %, (ok) 'yes'", "#1; 50 %, (ok) 'yes'"),
    ],
)
def test_characters_that_readers_misread_are_replaced(text, written):
    assert sie_text(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Åkes Öl & Café Ålö", "Åkes Öl & Café Ålö"),
        ("a\u030a o\u0308", "å ö"),
        ("x\u0302", "x"),
        ("Søren Ørsted", "Sören Örsted"),
        ("Łódź", "Lódz"),
        ("Škoda Žižkov", "Skoda Zizkov"),
        ("Þór Ðað", "Thór Dad"),
        ("500 €", "500 EUR"),
        ("2–3 — 4 − 1", "2-3 - 4 - 1"),
        ("‘a’ “b” „c”", "'a' 'b' 'c'"),
        ("vänta…", "vänta..."),
        ("3×4 ™ ® ©", "3x4 TM (R) (C)"),
        ("10 m³ ¾ ½", "10 m3 3/4 ½"),
        ("｛＂＼｝", "('/)"),
        ("日本 🎉", "?? ?"),
        ("\ud800", "?"),
    ],
)
def test_characters_that_the_code_page_lacks_are_substituted(text, written):
    assert sie_text(text) == written


def test_a_text_of_any_character_can_be_read_again():
    for code_point in (*range(0x3000), *range(0xF000, 0x10000), 0x1F600):
        written = sie_text(f"a {chr(code_point)} b")
        encoded = written.encode("cp437")
        assert all(byte >= 32 and byte != 127 for byte in encoded), hex(code_point)
        assert not set(written) & set('"\\{}'), hex(code_point)
        assert (written.split()[0], written.split()[-1]) == ("a", "b"), hex(code_point)


@pytest.mark.parametrize(
    ("text", "limit", "written"),
    [("abc def", 4, "abc"), ("€€€€", 5, "EUREU"), ("abc", 3, "abc"), ("abc", None, "abc")],
    ids=["blank-at-the-cut", "cut-after-substitution", "just-fits", "no-limit"],
)
def test_the_limit_counts_the_characters_written(text, limit, written):
    assert sie_text(text, limit) == written


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("Åkes Öl", ""), ("a\u030a", ""), ("Ørsted € €", "Ø€"), ('"{}\\', "")],
    ids=["swedish", "decomposed", "each-once", "hazards-are-in-the-code-page"],
)
def test_unencodable_characters_are_found_once_each(text, foreign):
    assert unencodable_characters(text) == foreign
