"""The table that docs/syncing.md shows."""

from __future__ import annotations

from pathlib import Path

DOCUMENT = Path(__file__).parents[4] / "docs" / "syncing.md"


def test_the_documented_table_is_the_created_one(copy, query):
    shown = DOCUMENT.read_text(encoding="utf-8").split("```sql\n", 1)[1].split("```", 1)[0]

    ((created,),) = query("select sql from sqlite_master where type = 'table'")

    assert shown.split() == created.split()
