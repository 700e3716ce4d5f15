"""The pages on syncing and on files list the collections of each mode as the contract has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS

PAGES = Path(__file__).parents[2] / "docs"
CHANGED = "those with `lastModified`"
DATED = "those with a date filter"


def cells(page: str) -> list[str]:
    """Return the cells of all tables of a page."""
    lines = (PAGES / page).read_text(encoding="utf-8").splitlines()
    return [cell.strip() for line in lines if line.startswith("|") for cell in line.strip("|").split("|")]


def collections_in(page: str, group: str) -> list[str]:
    """Return the collections that a page lists before or after the description of a group."""
    found = [cell.replace(group, "") for cell in cells(page) if group in cell]
    assert len(found) == 1, f"docs/{page} must have one cell with {group!r}"
    return sorted(name for name in re.findall(r"`(\w+)`", found[0]))


@pytest.mark.parametrize("page", ["syncing.md", "object-storage.md"])
def test_the_listed_collections_are_those_of_the_contract(page):
    changed = sorted(name for name, collection in COLLECTIONS.items() if "lastModified" in collection.filters)
    dated = sorted(name for name, collection in COLLECTIONS.items() if collection.window)

    assert collections_in(page, CHANGED) == changed, f"correct the table of modes in docs/{page}"
    assert collections_in(page, DATED) == dated, f"correct the table of modes in docs/{page}"
