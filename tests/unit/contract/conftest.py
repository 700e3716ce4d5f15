"""Fixtures: a record with every documented field for each write, and functions that check records."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.contract.checking import check_record
from airflow_provider_seventime.contract.registry import find_collection
from airflow_provider_seventime.contract.spec import Write
from airflow_provider_seventime.exceptions import InvalidRecordError

DATA = Path(__file__).parents[2] / "contract"
COMPLETE = {
    1: json.loads((DATA / "v1_records.json").read_text(encoding="utf-8")),
    2: json.loads((DATA / "records.json").read_text(encoding="utf-8")),
}

Check = Callable[..., dict[str, Any]]


@pytest.fixture
def zone() -> ZoneInfo:
    return ZoneInfo("Europe/Stockholm")


@pytest.fixture
def complete() -> Callable[..., dict[str, Any]]:
    """Return a new record with every documented field of a write."""
    return lambda collection, write="create", version=2: copy.deepcopy(COMPLETE[version][f"{collection}.{write}"])


@pytest.fixture
def check(zone: ZoneInfo) -> Check:
    """Check a record in Swedish time, by default without an acting user."""

    def checked(
        collection: str,
        record: Any,
        write: Write = "create",
        acting_user: str | None = None,
        version: int = 2,
    ) -> dict[str, Any]:
        return check_record(find_collection(collection, write, version), write, record, zone, acting_user)

    return checked


@pytest.fixture
def problems(check: Check) -> Callable[..., tuple[str, ...]]:
    """Return the problems of an invalid record."""

    def refused(
        collection: str,
        record: Any,
        write: Write = "create",
        acting_user: str | None = None,
        version: int = 2,
    ) -> tuple[str, ...]:
        with pytest.raises(InvalidRecordError) as caught:
            check(collection, record, write, acting_user, version)
        assert str(caught.value).startswith(f"{collection}: {write} refused before sending, ")
        for problem in caught.value.problems:
            assert f"- {problem}" in str(caught.value)
        return caught.value.problems

    return refused
