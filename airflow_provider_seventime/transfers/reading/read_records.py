"""The records that a plan asks for: read whole, told by their own instant, protected before anybody else sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError
from airflow_provider_seventime.transfers.reading.old_windows import read_old_window
from airflow_provider_seventime.transfers.reading.plan import Plan

if TYPE_CHECKING:  # the client is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.protection import Protection


def read_records(client: SevenTimeClient, plan: Plan, protection: Protection) -> Iterator[dict[str, Any]]:
    """Yield the records that belong to a plan, each once, with its personal data protected.

    :param client: to read from.
    :param plan: what is read.
    :param protection: what is left out or hashed.
    :raises IncompleteReadError: the list could not be shown to be whole.
    :raises ProtocolError: a record's instant, which decides whether it belongs to a window, cannot be read.
    """
    has_end = plan.window is not None and plan.resource.window is not None and plan.resource.window.ends_filter
    for record in read_old_window(client, plan) if has_end else client.list(plan.resource.name, plan.query):
        if plan.covers(instant_of(plan, record)):
            yield protection.apply(record)


def instant_of(plan: Plan, record: Mapping[str, Any]) -> datetime | None:
    """Return the instant that decides whether a record belongs to the plan's window; None: it has none, or no window.

    :raises ProtocolError: it is no instant.
    """
    from airflow_provider_seventime.warehouse.values import typed_value

    if plan.window is None:
        return None
    found: datetime | None = typed_value(plan.resource, record, plan.window[0], FieldKind.INSTANT)
    return found


def period_of(plan: Plan) -> dict[str, str | None]:
    """Return what a plan has of ``start``, ``end`` and ``modified_since`` for a manifest, as ISO text in UTC."""
    instants = {"start": plan.start, "end": plan.end, "modified_since": plan.modified_since}
    return {name: None if instant is None else format_instant(instant) for name, instant in instants.items()}


def check_min_expected_rows(given: Any) -> None:
    """Find out whether a number of rows was given, before anything is sent.

    :param given: the parameter; None: any number of rows will do.
    :raises ConfigError: it is no whole number from 0.
    """
    if given is not None and (isinstance(given, bool) or not isinstance(given, int) or given < 0):
        raise ConfigError(f"min_expected_rows must be a whole number from 0, not {given!r:.60}")


def require_rows(resource: CollectionSpec, rows_read: int, min_expected_rows: int | None) -> None:
    """Refuse a read that found less than there must be.

    :param resource: the collection.
    :param rows_read: records that were read.
    :param min_expected_rows: the fewest that make sense; None: any number.
    :raises IncompleteReadError: there were fewer.
    """
    if min_expected_rows is not None and rows_read < min_expected_rows:
        raise IncompleteReadError(
            f"{resource.name}: {rows_read} records were read where at least {min_expected_rows} are expected "
            "(min_expected_rows); nothing was written. Look whether Seven Time shows them, and whether filters and "
            "period are right"
        )
