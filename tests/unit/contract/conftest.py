"""A record with every documented field for each write, and the zone and user that the tests check them with."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime.contract.checking import Write, check_record
from airflow_provider_seventime.contract.resources import RESOURCES
from airflow_provider_seventime.exceptions import InvalidRecordError

COMPLETE = json.loads(Path(__file__).with_name("complete_records.json").read_text(encoding="utf-8"))

Check = Callable[..., dict[str, Any]]


@pytest.fixture
def zone() -> ZoneInfo:
    return ZoneInfo("Europe/Stockholm")


@pytest.fixture
def complete() -> Callable[[str, Write], dict[str, Any]]:
    """Return a fresh record that carries every field which the documents list for that write."""
    return lambda collection, write="create": copy.deepcopy(COMPLETE[f"{collection}.{write}"])


@pytest.fixture
def check(zone: ZoneInfo) -> Check:
    """Check a record of a collection, in Swedish time and without an acting user unless one is given."""

    def checked(
        collection: str, record: Any, write: Write = "create", acting_user: str | None = None
    ) -> dict[str, Any]:
        return check_record(RESOURCES[collection], write, record, zone, acting_user)

    return checked


@pytest.fixture
def problems(check: Check) -> Callable[..., tuple[str, ...]]:
    """Return every problem of a record that must be refused."""

    def refused(
        collection: str, record: Any, write: Write = "create", acting_user: str | None = None
    ) -> tuple[str, ...]:
        with pytest.raises(InvalidRecordError) as caught:
            check(collection, record, write, acting_user)
        assert str(caught.value).startswith(f"{collection}: {write} refused before sending, ")
        for problem in caught.value.problems:
            assert f"- {problem}" in str(caught.value)
        return caught.value.problems

    return refused
