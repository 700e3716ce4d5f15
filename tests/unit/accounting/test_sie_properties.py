"""Properties of SIE files: a voucher that is written and read again is equal, except for replaced characters."""

from __future__ import annotations

import string
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from airflow_provider_seventime.accounting.amounts import LIMIT, ORE
from airflow_provider_seventime.accounting.company import Company, FiscalYear
from airflow_provider_seventime.accounting.sie import write_sie
from airflow_provider_seventime.accounting.sie_reader import read_sie
from airflow_provider_seventime.accounting.sie_text import sie_text
from airflow_provider_seventime.accounting.vouchers import TEXT_LIMIT, Voucher, VoucherRow, VoucherTotals
from airflow_provider_seventime.exceptions import BookingError, ConfigError, SieFormatError
from tests.sizes import examples

stable = settings(derandomize=True, deadline=None, max_examples=examples(30))

YEAR = FiscalYear(date(2026, 1, 1), date(2026, 12, 31))
NUMBER = "556677-8899"
NOTHING = VoucherTotals(Decimal(0), Decimal(0), Decimal(0), Decimal(0), Decimal(0))

# Those that end, escape or break a field; those that code page 437 lacks; those that it shares with UTF-8.
HAZARDS = '"\\{}#\t\r\n\x00\x1a\x7f\x85\xa0\u2028\u200b\u0301€§Øßå日\ud800├Ñ░½■'
texts = st.one_of(
    st.text(st.characters(), max_size=80),
    st.text(st.sampled_from(HAZARDS), max_size=20),
    st.text(st.sampled_from(bytes(range(32, 256)).decode("cp437")), max_size=80),
)
words = st.text(st.sampled_from(string.ascii_letters + string.digits + "åäöÅÄÖéü'#;,.-()%&/"), min_size=1, max_size=8)
harmless_texts = st.lists(words, max_size=5).map(" ".join)
names = texts.filter(sie_text)

accounts = st.text(string.digits, min_size=1, max_size=6)
ore = st.one_of(st.integers(-(10**5), 10**5), st.integers(-(10**14), 10**14))


@st.composite
def kronor(draw, ore):
    """Return amounts in öre as decimals of different lengths: 150 as 1.5, 1.50 or 1.500."""
    amount = Decimal(ore).scaleb(-2)
    return draw(st.sampled_from([amount, amount.normalize(), amount.quantize(Decimal("0.00001"))]))


@st.composite
def vouchers_of(draw, texts):
    amounts = draw(st.lists(ore, min_size=1, max_size=6))
    amounts.append(-sum(amounts))
    rows = [VoucherRow(draw(accounts), draw(kronor(amount)), draw(texts)) for amount in amounts]
    return Voucher(
        date=draw(st.dates(YEAR.start, YEAR.end)),
        text=draw(texts),
        rows=tuple(rows),
        record_id=draw(st.text(string.hexdigits, max_size=4)),
        number=draw(st.one_of(st.integers(1, 10**6).map(str), texts)),
        totals=NOTHING,
    )


def batches(texts):
    return st.lists(vouchers_of(texts), max_size=5)


def write(vouchers, company="Åkessons Bygg", account_name="Försäljning 25 %", **options):
    accounts = {row.account for voucher in vouchers for row in voucher.rows}
    return write_sie(
        vouchers,
        Company(company, NUMBER),
        YEAR,
        dict.fromkeys(accounts, account_name),
        generated=date(2026, 11, 21),
        program_version="0.1.0",
        **options,
    )


def in_file_order(vouchers):
    return sorted(vouchers, key=lambda one: (one.date, len(one.number), one.number, one.record_id))


def as_plain(vouchers, text):
    """Return vouchers of the writer or the reader as comparable tuples. ``text`` converts each text."""
    return [
        (one.date, text(one.text), tuple((row.account, row.amount, text(row.text)) for row in one.rows))
        for one in vouchers
    ]


def to_write_again(read):
    return [
        Voucher(
            date=one.date,
            text=one.text,
            rows=tuple(VoucherRow(row.account, row.amount, row.text) for row in one.rows),
            record_id="",
            number=f"{place:06}",
            totals=NOTHING,
        )
        for place, one in enumerate(read.vouchers)
    ]


@stable
@given(vouchers=batches(harmless_texts), checksum=st.booleans())
def test_plain_texts_and_all_amounts_are_read_as_they_were_written(vouchers, checksum):
    read = read_sie(write(vouchers, checksum=checksum))

    assert as_plain(read.vouchers, str) == as_plain(in_file_order(vouchers), lambda text: text[:TEXT_LIMIT].rstrip())
    assert all(row.date == one.date for one in read.vouchers for row in one.rows)


@stable
@given(vouchers=batches(texts), company=names, account_name=names, checksum=st.booleans())
@example(vouchers=[], company="├Ñ", account_name="ßéé", checksum=False)
def test_any_text_is_read_as_its_documented_replacement(vouchers, company, account_name, checksum):
    read = read_sie(write(vouchers, company, account_name, checksum=checksum))

    assert as_plain(read.vouchers, str) == as_plain(in_file_order(vouchers), lambda text: sie_text(text, TEXT_LIMIT))
    assert read.company_name == sie_text(company)
    assert read.organization_number == NUMBER
    assert set(read.accounts.values()) <= {sie_text(account_name)}
    assert sorted(read.accounts) == sorted({row.account for one in vouchers for row in one.rows})


@stable
@given(vouchers=batches(texts), company=names, checksum=st.booleans(), series=st.sampled_from(["", "A", "LEV1"]))
def test_writing_a_file_that_was_read_gives_the_same_bytes(vouchers, company, checksum, series):
    written = write(vouchers, company, checksum=checksum, series=series)
    read = read_sie(written)

    assert write(to_write_again(read), read.company_name, checksum=checksum, series=series) == written


@stable
@given(vouchers=batches(texts), shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_vouchers_changes_no_byte(vouchers, shuffled):
    keys = [(one.date, one.number, one.record_id) for one in vouchers]
    assume(len(set(keys)) == len(keys))
    others = list(vouchers)
    shuffled.shuffle(others)

    assert write(others) == write(vouchers)


@stable
@given(vouchers=batches(texts), data=st.data())
def test_a_truncated_file_is_refused_by_its_checksum(vouchers, data):
    written = write(vouchers, checksum=True)
    length = data.draw(st.integers(0, len(written) - 1))

    with pytest.raises(SieFormatError):
        read_sie(written[:length])


@stable
@given(vouchers=batches(texts), data=st.data())
def test_a_changed_letter_or_digit_is_refused_by_the_checksum(vouchers, data):
    written = write(vouchers, checksum=True)
    signs = (string.ascii_letters + string.digits).encode()
    position = data.draw(st.sampled_from([place for place, byte in enumerate(written) if byte in signs]))
    other = data.draw(st.sampled_from([sign for sign in signs if sign != written[position]]))

    with pytest.raises(SieFormatError):
        read_sie(written[:position] + bytes([other]) + written[position + 1 :])


@stable
@given(text=texts, limit=st.one_of(st.none(), st.integers(1, 60)))
def test_replacing_a_text_twice_changes_nothing(text, limit):
    written = sie_text(text, limit)

    assert sie_text(written, limit) == written
    assert written.encode("cp437").decode("cp437") == written
    assert limit is None or len(written) <= limit


@stable
@given(half=st.lists(st.one_of(st.decimals(), st.decimals(-(10**15), 10**15, places=2)), min_size=1, max_size=3))
@example(half=[Decimal("1E+30")])
@example(half=[Decimal("1E+28"), Decimal("0.01")])
@example(half=[Decimal("Infinity")])
@example(half=[Decimal("sNaN")])
@example(half=[Decimal("0.005")])
@example(half=[Decimal("999999999999999.99")])
def test_any_amount_is_written_exactly_or_refused(half):
    amounts = [*half, *(amount.copy_negate() for amount in half)]
    rows = tuple(VoucherRow("1510", amount, "") for amount in amounts)
    written: bytes = b""
    problems: tuple[str, ...] = ()
    try:
        written = write([Voucher(date(2026, 3, 10), "", rows, "", "24481", NOTHING)])
    except BookingError as error:
        problems = error.problems

    writable = all(amount.is_finite() and abs(amount) < LIMIT and not amount % ORE for amount in amounts)
    assert bool(written) == writable
    assert all(problem.startswith("24481: a row has ") for problem in problems)
    if written:
        assert [row.amount for row in read_sie(written).vouchers[0].rows] == amounts


@stable
@given(name=texts, of=st.sampled_from(["company", "account_name"]))
@example(name="\u200b", of="company")
@example(name="\u0301", of="account_name")
def test_any_name_can_be_read_again_or_is_refused(name, of):
    voucher = Voucher(date(2026, 3, 10), "", (VoucherRow("1510", Decimal(0), ""),), "", "1", NOTHING)
    if sie_text(name):
        read = read_sie(write([voucher], **{of: name}))
        assert {"company": read.company_name, "account_name": read.accounts["1510"]}[of] == sie_text(name)
    else:
        with pytest.raises(ConfigError, match=r"company_name is empty|account 1510 has no name"):
            write([voucher], **{of: name})


@stable
@given(data=st.binary(max_size=400))
def test_random_bytes_are_refused(data):
    with pytest.raises(SieFormatError):
        read_sie(data)


@stable
@given(vouchers=batches(texts), place=st.floats(0, 1), cut=st.integers(0, 9), put=st.binary(max_size=9))
def test_a_damaged_file_is_refused_or_still_valid(vouchers, place, cut, put):
    written = write(vouchers)
    position = int(place * len(written))
    try:
        read = read_sie(written[:position] + put + written[position + cut :])
    except SieFormatError:
        return
    assert all(sum(row.amount for row in one.rows) == 0 for one in read.vouchers)
