"""Bulk statements for MySQL: every text is stored unchanged, with and without escapes by backslash."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, event

from airflow_provider_seventime.contract.collections.time import TIME_LOGS
from airflow_provider_seventime.exceptions import ConfigError
from tests.unit.warehouse.record_copy import RecordCopy

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
LATER = datetime(2026, 9, 3, 3, tzinfo=UTC)
TEXTS = (
    *(
        "",
        " ",
        "'",
        "''",
        "\\",
        "\\\\",
        "\\'",
        "'\\",
        "\\n",
        "\n\r\t",
        "\0",
        "\x1a",
        '"',
        "`",
        "%",
        "%s",
        "%%",
        "%(id)s",
        ":id",
        "?",
    ),
    *("'); DROP TABLE seventime_time_logs; -- ", "\\'); DROP TABLE seventime_time_logs; -- ", "/* */ # --", "NULL"),
    *("delimiter $$", "DELIMITER //\n", "' delimiter \"", "it's \"`delimiter ; x", "delimiter ' ` ;"),
    *("Åke Öström", "𝄞 \N{WHITE HEAVY CHECK MARK}", "\u2028\ufeff\uffff", "表\\", "ソ'"),
)


@pytest.fixture
def driver():
    return "mysqlconnector"


@pytest.fixture(params=["", "NO_BACKSLASH_ESCAPES"])
def sql_mode(request, engine):
    """Set the SQL mode of every session."""

    def choose(connection, _):
        cursor = connection.cursor()
        cursor.execute(f"SET SESSION sql_mode = '{request.param}'")
        cursor.close()

    event.listen(engine, "connect", choose)


@pytest.mark.usefixtures("sql_mode")
def test_every_text_is_stored_unchanged(copy, stored, time_log):
    records = [time_log(f"{number:02}", description=text, note=text) for number, text in enumerate(TEXTS)]

    assert copy.merge_records(records, NOW) == len(TEXTS)
    assert copy.merge_records(records, LATER) == 0

    rows = stored()
    assert [rows[record["_id"]]["description"] for record in records] == list(TEXTS)
    assert [rows[record["_id"]]["record"] for record in records] == records


@pytest.mark.usefixtures("sql_mode")
def test_every_text_can_be_an_id(copy, stored, time_log):
    # The driver interprets "delimiter" in a query as a command.
    texts = [text for text in TEXTS if text and "delimiter" not in text.lower()]
    # An id with blanks at its ends is refused before it is sent.
    ids = [text if text == text.strip() else f"<{text}>" for text in texts]

    assert copy.merge_records([time_log(text) for text in ids], NOW) == len(ids)
    assert copy.merge_records([time_log(text, time=5) for text in ids], LATER) == len(ids)

    assert set(stored()) == set(ids)


@pytest.mark.parametrize("number", ["1E+3", "12345678901234567890.123456789012345678", "-1E-18", "0.1"])
def test_numbers_are_stored_with_their_digits(copy, stored, time_log, number):
    copy.merge_records([time_log("a", cost=Decimal(number))], NOW)

    assert stored()["a"]["cost"] == Decimal(number)


def test_a_batch_larger_than_one_statement(copy, stored, query, time_log):
    ((largest,),) = query("select @@max_allowed_packet")
    records = [time_log(f"{number}", description="å" * (largest // 12)) for number in range(7)]

    assert copy.merge_records(records, NOW) == len(records)
    assert [row["description"] for row in stored().values()] == [record["description"] for record in records]


@pytest.mark.parametrize("character_set", ["latin1", "gbk"])
def test_a_connection_without_all_of_unicode_is_refused(engine, character_set):
    engine = create_engine(engine.url.update_query_dict({"charset": character_set}))
    copy = RecordCopy(engine, "hours", TIME_LOGS)

    with pytest.raises(ConfigError, match=f"has the character set {character_set}, which lacks most characters; set "):
        copy.check()
    engine.dispose()
