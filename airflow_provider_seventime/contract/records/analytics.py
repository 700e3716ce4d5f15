"""Query of ``analytics/<collection>``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import CalendarDate, Number, Text


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_as_list)]


class AnalyticsQuery(Record):
    """POST analytics/<collection>. It changes no record. The vendor documents the names of these fields only.

    ``groupBy`` and ``metrics`` may be one name or a list.
    """

    fromDate: CalendarDate | None = None
    toDate: CalendarDate | None = None
    groupBy: Names | None = None
    metrics: Names | None = None
    dateField: Text | None = None
    filters: dict[str, Any] | None = None
    sort: Any = None
    limit: Number | None = None
    page: Number | None = None
