"""The reader on files written by hand, with the forms that the standard allows and forbids."""

from __future__ import annotations

import pickle
import zlib
from datetime import date
from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.sie_reader import SieRow, read_sie
from airflow_provider_seventime.exceptions import SevenTimeError, SieFormatError

_HEAD = """\
#FLAGGA 0
#PROGRAM "Kassaboken" 2.1
#FORMAT PC8
#GEN 20260401 AB
#SIETYP 4
#FNAMN "Åkes Öl AB"
#ORGNR 556677-8899
#RAR 0 20260101 20261231
"""
_ACCOUNTS = '#KONTO 1510 Kundfordringar\n#KONTO 3001 "Försäljning 25 %"\n'
_VOUCHER = '#VER A 1 20260310 "Faktura 7" 20260401\n{\n#TRANS 1510 {} 125\n#TRANS 3001 {} -125.0\n}\n'
_WHOLE = _HEAD + _ACCOUNTS + _VOUCHER


def _read(text):
    return read_sie(text.encode("cp437"))


def test_a_file_of_another_program():
    file = _read(_WHOLE)
    assert not file.imported
    assert file.generated == date(2026, 4, 1)
    assert file.company_name == "Åkes Öl AB"
    assert file.organization_number == "556677-8899"
    assert file.fiscal_year == (date(2026, 1, 1), date(2026, 12, 31))
    assert file.accounts == {"1510": "Kundfordringar", "3001": "Försäljning 25 %"}
    (voucher,) = file.vouchers
    assert (voucher.series, voucher.number, voucher.date, voucher.text) == ("A", "1", date(2026, 3, 10), "Faktura 7")
    assert voucher.rows == (
        SieRow("1510", Decimal(125), (), None, ""),
        SieRow("3001", Decimal(-125), (), None, ""),
    )
    assert file.account_totals == {"1510": Decimal(125), "3001": Decimal(-125)}


def test_the_totals_include_all_vouchers():
    file = _read(_WHOLE + _VOUCHER.replace("A 1", "A 2").replace("} 125", "} 0.25").replace("-125.0", "-0.25"))
    assert file.account_totals == {"1510": Decimal("125.25"), "3001": Decimal("-125.25")}


@pytest.mark.parametrize(
    "allowed",
    [
        _WHOLE.replace("\n", "\r\n"),
        _WHOLE.replace("#KONTO 1510 ", "#KONTO\t1510 \t").replace("#TRANS 1510 {} ", "#TRANS\t1510\t{}\t"),
        _WHOLE.replace("{\n", "\n\n  {  \n").replace("#TRANS", "\t#TRANS"),
        _WHOLE.replace("#SIETYP 4", '#SIETYP "4" more fields {} here\n#FRAMTID "unknown label" 1'),
        _WHOLE.replace("#KONTO 3001", "#KTYP 1510 T\n#SRU 1510 7251\n#KONTO 3001"),
        _WHOLE.replace("#TRANS 3001", "#BTRANS 1510 {} 99\n#RTRANS 3001 {} -125\n#TRANS 3001"),
        _HEAD.replace("#RAR", "#RAR -1 20250101 20251231\n#RAR") + _ACCOUNTS + _VOUCHER,
    ],
    ids=["crlf", "tabs", "blank-lines", "unknown", "account-details", "changed-rows", "previous-year"],
)
def test_forms_that_the_standard_allows_are_read_alike(allowed):
    file, plain = _read(allowed), _read(_WHOLE)
    assert (file.vouchers, file.accounts, file.fiscal_year) == (plain.vouchers, plain.accounts, plain.fiscal_year)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"Bar \"Svea\" AB"', 'Bar "Svea" AB'),
        (r'"\"Svea\""', '"Svea"'),
        (r'"\""', '"'),
        ('"{x}"', "{x}"),
        (r'"a\b"', r"a\b"),
        ("Svea", "Svea"),
        ('""', ""),
    ],
)
def test_texts_are_unescaped(written, text):
    assert _read(_WHOLE.replace('"Faktura 7"', written)).vouchers[0].text == text


@pytest.mark.parametrize(
    ("written", "objects"),
    [
        ("{}", ()),
        ("{ }", ()),
        ('{1 "KN" 6 "P100"}', (("1", "KN"), ("6", "P100"))),
        ('{"1" "K N"}', (("1", "K N"),)),
        ("{6 P100 }", (("6", "P100"),)),
    ],
)
def test_objects_are_pairs_of_dimension_and_number(written, objects):
    file = _read(_WHOLE.replace("#TRANS 1510 {}", f"#TRANS 1510 {written}"))
    assert file.vouchers[0].rows[0].objects == objects


def test_a_row_may_have_its_own_date_and_text():
    file = _read(_WHOLE.replace("{} 125\n", '{} 125 20260309 "Egen text" 1.5\n'))
    assert (file.vouchers[0].rows[0].date, file.vouchers[0].rows[0].text) == (date(2026, 3, 9), "Egen text")
    assert _read(_WHOLE.replace("{} 125\n", '{} 125 "" "Egen text"\n')).vouchers[0].rows[0].text == "Egen text"


def test_the_flag_of_an_imported_file_is_read():
    assert _read(_WHOLE.replace("#FLAGGA 0", "#FLAGGA 1")).imported


def test_organization_number_and_fiscal_year_are_optional():
    head = "".join(line for line in _HEAD.splitlines(keepends=True) if not line.startswith(("#ORGNR", "#RAR")))
    file = _read(head + _ACCOUNTS + _VOUCHER)
    assert (file.organization_number, file.fiscal_year) == (None, None)


_BROKEN = {
    "empty": ("", "the first record must be #FLAGGA"),
    "flag not first": (
        _WHOLE.replace("#FLAGGA 0\n", "", 1) + "#FLAGGA 0\n",
        "line 1: the first record must be #FLAGGA",
    ),
    "flag of 2": (_WHOLE.replace("#FLAGGA 0", "#FLAGGA 2"), "line 1: #FLAGGA is '2'; expected 0 or 1"),
    "no program": (_WHOLE.replace("#PROGRAM", "#OKAND"), "#PROGRAM missing"),
    "no type and no name": (_WHOLE.replace("#SIETYP", "#A").replace("#FNAMN", "#B"), "#SIETYP, #FNAMN missing"),
    "type 3": (_WHOLE.replace("#SIETYP 4", "#SIETYP 3"), "#SIETYP is '3'; expected 4"),
    "another format": (_WHOLE.replace("PC8", "UTF8"), "#FORMAT is 'UTF8'; expected PC8"),
    "nameless company": (_WHOLE.replace('"Åkes Öl AB"', '""'), "line 6: #FNAMN lacks its field 1"),
    "number without hyphen": (_WHOLE.replace("556677-8899", "5566778899"), "#ORGNR '5566778899' must be ten digits"),
    "balance": (_WHOLE.replace("#VER", "#UB 0 1510 125\n#VER"), "#UB is not allowed in a file of vouchers"),
    "late account": (_WHOLE + "#KONTO 1930 Bank\n", "#KONTO is out of order"),
    "late name": (_HEAD + _ACCOUNTS + "#ADRESS a b c d\n" + _VOUCHER, "#ADRESS is out of order"),
    "account in letters": (_WHOLE.replace("#KONTO 1510", "#KONTO K1510"), "line 9: #KONTO: 'K1510' must be digits"),
    "account without name": (_WHOLE.replace("1510 Kundfordringar", "1510"), "line 9: #KONTO lacks its field 2"),
    "undeclared account": (
        _WHOLE.replace("#TRANS 3001", "#TRANS 3002"),
        "line 14: account 3002 is used but not declared",
    ),
    "unbalanced": (_WHOLE.replace("-125.0", "-124.99"), r"line 11: debit and credit of this #VER differ by 0\.01"),
    "no rows": (_HEAD + '#VER A 1 20260310 "x"\n{\n}\n', "line 9: this #VER has no rows"),
    "only removed rows": (_WHOLE.replace("#TRANS", "#BTRANS"), "this #VER has no rows"),
    "three decimals": (_WHOLE.replace("125\n", "125.000\n"), r"line 13: '125\.000' is not an amount"),
    "decimal comma": (_WHOLE.replace("{} 125\n", "{} 125,00\n"), "'125,00' is not an amount"),
    "plus sign": (_WHOLE.replace("{} 125\n", "{} +125\n"), r"'\+125' is not an amount"),
    "point without decimals": (_WHOLE.replace("{} 125\n", "{} 125.\n"), r"'125\.' is not an amount"),
    "no amount": (_WHOLE.replace("{} 125\n", "{}\n"), "line 13: #TRANS lacks its field 3"),
    "no object list": (_WHOLE.replace("1510 {} 125", "1510 125"), "line 13: an object list must follow the account"),
    "half an object": (_WHOLE.replace("1510 {}", "1510 {1}"), "an object list must follow the account"),
    "open object list": (_WHOLE.replace("1510 {}", "1510 {1 KN"), "line 13: '{1 KN 125' is not a field"),
    "hyphenated date": (
        _WHOLE.replace("20260310", "2026-03-10"),
        "#VER: '2026-03-10' is not a date in the form YYYYMMDD",
    ),
    "impossible date": (_WHOLE.replace("20260310", "20260230"), "#VER: there is no date 20260230"),
    "no date": (_WHOLE.replace("#VER A 1 20260310", '#VER A 1 ""'), "#VER lacks its field 3"),
    "date of another year": (_WHOLE.replace("20260310", "20270101"), "dated 2027-01-01, outside the fiscal year"),
    "year that ends before it starts": (
        _WHOLE.replace("20260101 20261231", "20261231 20260101"),
        "the end of the fiscal year, 2026-01-01, is before its start, 2026-12-31",
    ),
    "descending numbers": (_WHOLE + _VOUCHER.replace("A 1", "A 0"), "line 16: #VER number 0 does not ascend"),
    "repeated number": (_WHOLE + _VOUCHER, "#VER number 1 does not ascend"),
    "no opening brace": (_WHOLE.replace("{\n", "", 1), "line 11: #VER is not followed by {"),
    "voucher at the end": (_WHOLE + "#VER A 2 20260310\n", "line 16: #VER is not followed by {"),
    "no closing brace": (_WHOLE.removesuffix("}\n"), "line 11: the } of this #VER is missing"),
    "voucher inside a voucher": (_WHOLE.removesuffix("}\n") + _VOUCHER, "line 15: #VER before the }"),
    "brace inside a voucher": (_WHOLE.replace("#TRANS 3001", "{\n#TRANS 3001"), "line 14: { before the }"),
    "row outside a voucher": (_WHOLE + "#TRANS 1510 {} 0\n", "line 16: #TRANS outside a #VER"),
    "brace outside a voucher": (_WHOLE + "}\n", "line 16: } outside a #VER"),
    "brace on the line of its voucher": (
        _WHOLE.replace('" 20260401\n{', '" 20260401 {'),
        "line 11: '{' is not a field",
    ),
    "row on the line of its brace": (_WHOLE.replace("{\n#TRANS", "{ #TRANS", 1), "a brace .* alone on its line"),
    "unescaped quotation mark": (_WHOLE.replace('"Faktura 7"', '"Bar "Svea" AB"'), "line 11: .* is not a field"),
    "open quotation": (_WHOLE.replace('Faktura 7"', "Faktura 7"), "line 11: .* is not a field"),
    "quotation mark in a word": (_WHOLE.replace('"Faktura 7"', 'Fak"tura'), "line 11: .* is not a field"),
    "tab in a text": (_WHOLE.replace("Faktura 7", "Faktura\t7"), "line 11: .* is not a field"),
    "control character": (_WHOLE.replace("Faktura 7", "Faktura\x0b7"), "line 11: the line has a control character"),
    "no label": (_WHOLE + "hello\n", "line 16: 'hello' does not begin with a label"),
    "cut": (_WHOLE.removesuffix("\n"), "line 15: the last line has no line end"),
}


def test_forms_that_the_standard_forbids_are_refused(subtests):
    for case, (text, reason) in _BROKEN.items():
        pattern = reason.replace("{", r"\{").replace("}", r"\}")
        with subtests.test(case), pytest.raises(SieFormatError, match=pattern):
            _read(text)


def test_numbers_ascend_within_their_series_only():
    assert len(_read(_WHOLE + _VOUCHER.replace("A 1", "B 1") + _VOUCHER.replace("A 1", "A 10")).vouchers) == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_WHOLE.encode("utf-8"), "the file is encoded as UTF-8"),
        (_WHOLE.encode("utf-8-sig"), "byte order mark"),
        (_WHOLE.encode("utf-16"), "byte order mark"),
    ],
    ids=["utf-8", "byte-order-mark", "utf-16"],
)
def test_another_encoding_is_refused(data, reason):
    with pytest.raises(SieFormatError, match=reason):
        read_sie(data)


def test_ascii_is_code_page_437():
    assert read_sie(_WHOLE.replace("Å", "A").replace("Ö", "O").replace("ö", "o").replace("ä", "a").encode("ascii"))


_COVERED = (
    '#PROGRAMKassaboken2.1#FORMATPC8#GEN20260401AB#SIETYP4#FNAMNÅkes "Öl" AB#KONTO1510Kundfordringar#KONTO3001Varor'
    "#VERA120260310Faktura 720260401#TRANS15101KN125#TRANS3001-125"
)


def _with_checksum(checksum):
    return (
        '#FLAGGA 0\n#KSUMMA\n#PROGRAM "Kassaboken" 2.1\n#FORMAT PC8\n#GEN 20260401 AB\n#SIETYP 4\n'
        '#FNAMN "Åkes \\"Öl\\" AB"\n#KONTO 1510  "Kundfordringar"\n#KONTO\t3001 Varor\n\n'
        '#VER A 1 20260310 "Faktura 7" 20260401\n{\n\t#TRANS 1510 {1 "KN"} 125\n\t#TRANS 3001 {} -125\n}\n'
        f"#KSUMMA {checksum}\n"
    )


def test_a_checksum_is_verified():
    checksum = zlib.crc32(_COVERED.encode("cp437"))
    assert len(_read(_with_checksum(checksum)).vouchers) == 1
    with pytest.raises(SieFormatError, match=rf"line 16: the checksum is {checksum}, but the records give \d+"):
        _read(_with_checksum(checksum).replace("Varor", "Varer"))
    with pytest.raises(SieFormatError, match="the checksum is 1, but"):
        _read(_with_checksum(1))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("#KSUMMA 1\n", ""), "the closing #KSUMMA is missing"),
        (("#KSUMMA 1\n", "#KSUMMA 1\n#VER A 2 20260310\n"), "the closing #KSUMMA is missing"),
        (("#FLAGGA 0\n#KSUMMA\n", "#FLAGGA 0\n"), "a file with #KSUMMA needs one without fields"),
        (("#KSUMMA\n", "#KSUMMA 1\n"), "a file with #KSUMMA needs one without fields"),
        (("#KSUMMA 1\n", "#KSUMMA -1\n"), "'-1' must be digits"),
        (("#KSUMMA 1\n", "#KSUMMA\n"), "#KSUMMA lacks its field 1"),
    ],
    ids=["cut", "not-last", "not-opened", "opened-with-a-sum", "negative", "bare"],
)
def test_an_incomplete_checksum_is_refused(change, reason):
    with pytest.raises(SieFormatError, match=reason):
        _read(_with_checksum(1).replace(*change))


def test_a_very_long_line_is_refused_quickly():
    with pytest.raises(SieFormatError, match="is not a field"):
        _read(_WHOLE.replace("1510 {}", "1510 {" + "a" * 50_000 + ' "b\\"' * 5_000))


def test_the_error_has_its_line_and_can_be_pickled():
    with pytest.raises(SieFormatError) as caught:
        _read(_WHOLE + "}\n")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.line_number, copy.reason, str(copy)) == (16, "} outside a #VER", "SIE file, line 16: } outside a #VER")
    assert isinstance(copy, SevenTimeError)
    assert isinstance(copy, ValueError)
