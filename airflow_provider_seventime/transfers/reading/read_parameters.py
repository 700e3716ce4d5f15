"""Parameters of a read, which every transfer of a collection has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

OVERLAP_SECONDS = 300.0

Moment = date | datetime | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadParameters:
    """Parameters of a read.

    :param resource: the API's name of the collection.
    :param modified_since: read records that changed since then; None: see ``start``.
    :param start: with ``end``: read the records of the window ``[start, end)``. None for all three: read all records.
    :param end: first instant after the window.
    :param filters: the API's filters, without those for time; None: no filters.
    :param overlap_seconds: the read begins so many seconds before ``modified_since``.
    :param min_expected_rows: the fewest records that the read must have; None: any number.
    :param exclude_fields: dotted paths of fields that are left out.
    :param hash_fields: dotted paths of fields that are replaced by a keyed hash.
    :param seventime_conn_id: the Airflow connection of Seven Time.
    """

    resource: str
    modified_since: Moment | None = None
    start: Moment | None = None
    end: Moment | None = None
    filters: Mapping[str, Any] | None = None
    overlap_seconds: float = OVERLAP_SECONDS
    min_expected_rows: int | str | None = None
    exclude_fields: Sequence[str] = ()
    hash_fields: Sequence[str] = ()
    seventime_conn_id: str = ""
