"""Read of the records of a plan: complete, limited to its window by the record's own instant, and protected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError
from airflow_provider_seventime.templates import require_rendered
from airflow_provider_seventime.transfers.reading.list_reader import ListReader, ReadRecord
from airflow_provider_seventime.transfers.reading.old_windows import read_old_window
from airflow_provider_seventime.transfers.reading.plan import Plan

if TYPE_CHECKING:  # the client is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection


def read_records(client: SevenTimeClient, plan: Plan, protection: Protection) -> Iterator[ReadRecord]:
    """Yield the records that belong to a plan, each once.

    :param client: to read from.
    :param plan: which records to read.
    :param protection: the fields that are left out or hashed.
    :raises IncompleteReadError: the list could not be shown to be complete.
    :raises ProtocolError: the instant that decides whether a record belongs to a window cannot be read.
    """
    reader = ListReader(client, plan.collection, protection)
    window = plan.collection.window
    if plan.window is not None and window is not None and window.ends_filter is not None:
        return read_old_window(reader, plan, client.settings.page_size)
    return reader.read(plan.query, plan.period_filters, plan=plan)


def period_of(plan: Plan) -> dict[str, str | None]:
    """Return ``start``, ``end`` and ``modified_since`` of a plan for a manifest: ISO text in UTC, or None."""
    instants = {"start": plan.start, "end": plan.end, "modified_since": plan.modified_since}
    return {name: None if instant is None else format_instant(instant) for name, instant in instants.items()}


def read_min_expected_rows(given: Any) -> int | None:
    """Return the parameter ``min_expected_rows`` as a number.

    :param given: its value, which a template renders to text; None: any number of rows.
    :raises ConfigError: it is not a whole number from 0.
    """
    if given is None:
        return None
    require_rendered("min_expected_rows", given)
    text = str(given).strip()
    if isinstance(given, bool) or not text.isascii() or not text.isdecimal():
        raise ConfigError(f"min_expected_rows must be a whole number from 0, not {given!r:.60}")
    return int(text)


def require_rows(collection: CollectionSpec, rows_read: int, min_expected_rows: int | str | None) -> None:
    """Check that a read has as many records as expected.

    :param collection: the collection.
    :param rows_read: how many records the read has.
    :param min_expected_rows: the fewest expected; None: any number.
    :raises IncompleteReadError: there are fewer.
    """
    fewest = read_min_expected_rows(min_expected_rows)
    if fewest is not None and rows_read < fewest:
        raise IncompleteReadError(
            f"{collection.name}: the read has {rows_read} records, and at least {fewest} are expected "
            "(min_expected_rows); nothing was written. Check in Seven Time whether the records exist, and whether "
            "filters and period are right"
        )
