"""The search for a key finds it in parts, in databases, and in what was encoded as a whole."""

from __future__ import annotations

from base64 import b64encode
from contextlib import closing
from sqlite3 import connect

import pytest

from tests.integration.key_search import KEY, WINDOW, places


@pytest.mark.parametrize("start", range(0, len(KEY) - WINDOW + 1, 5))
def test_the_search_finds_a_part_of_a_key(tmp_path, start):
    (tmp_path / "task.log").write_text(f"Client-Secret: {KEY[start : start + WINDOW]}...")

    assert len(places(tmp_path, [KEY])) == 1


@pytest.mark.parametrize("encode", [str.encode, lambda text: b64encode(text.encode())], ids=["plain", "base64"])
def test_the_search_finds_a_key_in_a_database(tmp_path, encode):
    with closing(connect(tmp_path / "airflow.db")) as database:
        database.execute("CREATE TABLE xcom (value)")
        # Longer than a page, so that the key is in no single piece of the file.
        for length in range(3900, 4100):
            database.execute("INSERT INTO xcom VALUES (?)", [encode("." * length + KEY)])
        database.commit()

    assert any(found.startswith("airflow.db: xcom: ") for found in places(tmp_path, [KEY]))


def test_the_search_finds_what_was_encoded_as_a_whole(tmp_path):
    for before in ("", "k", "ke", "key: "):
        (tmp_path / f"{len(before)}.log").write_bytes(b64encode(f"{before}{KEY} and more".encode()))

    assert len(places(tmp_path, [KEY])) == 4
