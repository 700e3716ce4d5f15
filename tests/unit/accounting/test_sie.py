from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from airflow_provider_seventime.accounting.chart import Chart
from airflow_provider_seventime.accounting.company import Company, FiscalYear
from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.accounting.vouchers import book_invoices
from airflow_provider_seventime.exceptions import BookingError, ConfigError


def test_the_whole_file(write, make_voucher):
    expected = (
        "#FLAGGA 0\r\n"
        "#FORMAT PC8\r\n"
        "#SIETYP 4\r\n"
        '#PROGRAM "airflow-provider-seventime" "0.1.0"\r\n'
        "#GEN 20261121\r\n"
        '#FNAMN "Åkessons Bygg & Öl AB"\r\n'
        "#ORGNR 556677-8899\r\n"
        "#RAR 0 20260101 20261231\r\n"
        "#KPTYP EUBAS97\r\n"
        '#KONTO 1510 "Kundfordringar"\r\n'
        '#KONTO 2611 "Utgående moms på försäljning inom Sverige, 25 %"\r\n'
        '#KONTO 3001 "Försäljning inom Sverige, 25 % moms"\r\n'
        '#VER "LEV1" "" 20260310 "Faktura 24481 Hellapps AB" 20261121\r\n'
        "{\r\n"
        '#TRANS 1510 {} 125.00 20260310 "Faktura 24481 Hellapps AB"\r\n'
        '#TRANS 2611 {} -25.00 20260310 "Faktura 24481 Hellapps AB"\r\n'
        '#TRANS 3001 {} -100.00 20260310 "Faktura 24481 Hellapps AB"\r\n'
        "}\r\n"
    )
    assert write([make_voucher()], series="LEV1") == expected.encode("cp437")


def test_swedish_letters_are_bytes_of_code_page_437(write, make_voucher):
    data = write([make_voucher(text="åäöÅÄÖéü")])
    assert b'"\x86\x84\x94\x8f\x8e\x99\x82\x81"' in data
    assert b"\xc3" not in data


def test_the_series_is_empty_by_default(write, make_voucher):
    assert b'#VER "" "" 20260310 ' in write([make_voucher()])


def test_amounts_have_a_point_and_two_decimals(write, make_voucher):
    data = write([make_voucher((("1510", "1234567.5"), ("3740", "-0.5"), ("3001", "-1234567"), ("2611", "-0.00")))])
    amounts = re.findall(rb"#TRANS \d+ \{\} (\S+) ", data)
    assert amounts == [b"1234567.50", b"-0.50", b"-1234567.00", b"0.00"]


def test_the_accounts_in_use_are_declared_once(write, make_voucher):
    vouchers = [make_voucher(number="1"), make_voucher((("1510", "10"), ("3231", "-10")), number="2")]
    assert re.findall(rb"#KONTO (\d+) ", write(vouchers)) == [b"1510", b"2611", b"3001", b"3231"]


def test_vouchers_are_sorted_by_date_and_number(write, make_voucher):
    vouchers = [
        make_voucher(text=f"Faktura {number}", number=number, date=date(2026, 3, day))
        for day, number in [(11, "9"), (10, "100"), (10, "99"), (10, "20A")]
    ]
    data = write(vouchers)
    assert re.findall(rb'#VER .*"Faktura (\w+)"', data) == [b"99", b"100", b"20A", b"9"]
    assert write(reversed(vouchers)) == data


def test_texts_are_cut_and_replaced_to_fit_their_fields(write, make_voucher):
    data = write([make_voucher(text='Faktura 1 "Söta {bror}" \\ €\t' + "x" * 50)])
    texts = re.findall(r'"(Faktura[^"]*)"', data.decode("cp437"))
    assert set(texts) == {"Faktura 1 'Söta (bror)' / EUR " + "x" * 20}
    assert len(texts[0]) == 50


def test_a_file_without_vouchers_is_valid(write):
    assert read_sie(write([])).vouchers == ()


def test_an_unbalanced_voucher_is_refused(write, make_voucher):
    with pytest.raises(BookingError, match=r"24481: debit and credit differ by 0\.01"):
        write([make_voucher((("1510", "100.01"), ("3001", "-100.00")))])


def test_an_empty_voucher_is_refused(write, make_voucher):
    with pytest.raises(BookingError, match="24481: the voucher has no rows"):
        write([make_voucher(())])


def test_fractions_of_an_ore_are_refused(write, make_voucher):
    with pytest.raises(BookingError, match="24481: a row has fractions of an öre"):
        write([make_voucher((("1510", "100.001"), ("3001", "-100.001")))])


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)], ids=["before", "after"])
def test_a_voucher_of_another_fiscal_year_is_refused(write, make_voucher, day):
    with pytest.raises(
        BookingError, match=rf"24481: its date {day} is outside the fiscal year 2026-01-01 to 2026-12-31"
    ):
        write([make_voucher(date=day)])


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)], ids=["first", "last"])
def test_the_first_and_last_day_of_the_fiscal_year_are_accepted(write, make_voucher, day):
    assert read_sie(write([make_voucher(date=day)])).vouchers[0].date == day


def test_one_error_names_every_voucher_that_cannot_be_written(write, make_voucher):
    vouchers = [make_voucher((), number="1"), make_voucher(number="2"), make_voucher(date=date(2030, 1, 1), number="3")]
    with pytest.raises(BookingError) as caught:
        write(vouchers)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["1", "3"]


@pytest.mark.parametrize("series", ["A B", 'A"', "Å", "A-1"])
def test_a_series_of_other_characters_is_refused(write, make_voucher, series):
    with pytest.raises(ConfigError, match=r"series: .* must be letters and digits"):
        write([make_voucher()], series=series)


@pytest.mark.parametrize(
    ("amounts", "problem"),
    [
        ((("1510", "1"), ("30A1", "-1")), "account '30A1' is not a number"),
        ((("1510", "1"), ("3999", "-1")), "account 3999 has no name"),
    ],
    ids=["letters", "nameless"],
)
def test_an_account_that_cannot_be_declared_is_refused(write, make_voucher, amounts, problem):
    with pytest.raises(ConfigError, match=problem):
        write([make_voucher(amounts)])


def test_strict_characters_accept_characters_of_the_code_page(write, make_voucher):
    voucher = make_voucher(text='Faktura 1 "Åke"')
    assert write([voucher], strict_characters=True) == write([voucher])


def test_strict_characters_refuse_texts_with_other_characters(write, make_voucher):
    with pytest.raises(BookingError, match=r"24481: 'Faktura 1 Ørsted €' has characters that code page 437 lacks: Ø €"):
        write([make_voucher(text="Faktura 1 Ørsted €")], strict_characters=True)


@pytest.mark.parametrize(
    ("company", "names", "problem"),
    [
        (Company("Ørsted AB", "556677-8899"), {}, "company_name: 'Ørsted AB' has characters"),
        (None, {"1510": "Fordringar €"}, "name of account 1510: 'Fordringar €' has characters"),
    ],
    ids=["company", "account"],
)
def test_strict_characters_refuse_names_with_other_characters(write, make_voucher, company, names, problem):
    with pytest.raises(ConfigError, match=problem):
        write([make_voucher()], company, account_names={**Chart().account_names(), **names}, strict_characters=True)


def _crc32_bit_by_bit(data: bytes) -> int:
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0xEDB88320 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def test_the_checksum_covers_labels_and_contents_between_its_two_records(write, make_voucher):
    voucher = make_voucher((("1510", "10.00"), ("3004", "-10.00")), text="Faktura 7 Åke")
    data = write([voucher], account_names={"1510": "Kundfordringar", "3004": "Momsfri"}, series="A", checksum=True)
    covered = (
        "#FORMATPC8"
        "#SIETYP4"
        "#PROGRAMairflow-provider-seventime0.1.0"
        "#GEN20261121"
        "#FNAMNÅkessons Bygg & Öl AB"
        "#ORGNR556677-8899"
        "#RAR02026010120261231"
        "#KPTYPEUBAS97"
        "#KONTO1510Kundfordringar"
        "#KONTO3004Momsfri"
        "#VERA20260310Faktura 7 Åke20261121"
        "#TRANS151010.0020260310Faktura 7 Åke"
        "#TRANS3004-10.0020260310Faktura 7 Åke"
    )
    lines = data.split(b"\r\n")
    assert lines[:2] == [b"#FLAGGA 0", b"#KSUMMA"]
    assert lines[-2:] == [f"#KSUMMA {_crc32_bit_by_bit(covered.encode('cp437'))}".encode(), b""]


def test_there_is_no_checksum_by_default(write, make_voucher):
    assert b"#KSUMMA" not in write([make_voucher()])


@pytest.mark.parametrize("checksum", [False, True], ids=["plain", "checksum"])
def test_a_file_of_invoices_can_be_read_again(make_invoice, zone, write, checksum):
    invoices = [
        make_invoice(527, 131.75, 659, totalAmountRounding=0.25, invoiceNumber="1", customerName='Café "Ö" {Øst}'),
        make_invoice(18400, 4600, 19250, houseDeductionAmount=3750, invoiceType=1, invoiceNumber="2"),
        make_invoice(100000, 0, 100000, invoiceType=3, invoiceNumber="3"),
        make_invoice(527, 131.75, 659, totalAmountRounding=0.25, invoiceNumber="4", isCreditInvoice=True),
    ]
    vouchers = book_invoices(invoices, Chart(), zone).vouchers
    file = read_sie(write(vouchers, checksum=checksum))

    assert (file.company_name, file.organization_number) == ("Åkessons Bygg & Öl AB", "556677-8899")
    assert file.fiscal_year == (date(2026, 1, 1), date(2026, 12, 31))
    assert file.generated == date(2026, 11, 21)
    assert file.vouchers[0].text == "Faktura 1 Café 'Ö' (Öst)"
    assert [[(row.account, row.amount) for row in voucher.rows] for voucher in file.vouchers] == [
        [(row.account, row.amount) for row in voucher.rows] for voucher in vouchers
    ]
    assert file.account_totals == {
        "1510": Decimal("119250.00"),
        "1513": Decimal("3750.00"),
        "2611": Decimal("-4600.00"),
        "3001": Decimal("-18400.00"),
        "3231": Decimal("-100000.00"),
        "3740": Decimal("0.00"),
    }


def test_a_fiscal_year_may_begin_in_any_month(write, make_voucher):
    data = write([make_voucher()], fiscal_year=FiscalYear.of(date(2026, 3, 10), 9))
    assert b"#RAR 0 20250901 20260831\r\n" in data
