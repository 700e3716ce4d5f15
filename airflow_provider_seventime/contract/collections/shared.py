"""Filters that many collections have, and a short form for their fields."""

from __future__ import annotations

from airflow_provider_seventime.contract.spec import FieldKind, Filter, FilterKind, Match

# lastModified is not documented as a field of responses. The API compares it with the record's time of change.
LAST_MODIFIED = Filter(FilterKind.TIME, field="modifiedDate", match=Match.FROM)
BY_ID = Filter(FilterKind.ID)
BY_TEXT = Filter(FilterKind.TEXT, match=Match.CONTAINS)
BY_EXACT_TEXT = Filter(FilterKind.TEXT)
BY_NUMBER = Filter(FilterKind.NUMBER)
BY_FLAG = Filter(FilterKind.BOOLEAN)
FROM_DATE = Filter(FilterKind.DATE, field="timestamp", match=Match.FROM)
TO_DATE = Filter(FilterKind.DATE, field="timestamp", match=Match.TO)


def plain_fields(
    *, ids: str = "", texts: str = "", numbers: str = "", integers: str = "", booleans: str = "", instants: str = ""
) -> dict[str, FieldKind]:
    """Return field name to kind. Each parameter is a text of names separated by blanks."""
    named = {
        FieldKind.ID: ids,
        FieldKind.TEXT: texts,
        FieldKind.NUMBER: numbers,
        FieldKind.INTEGER: integers,
        FieldKind.BOOLEAN: booleans,
        FieldKind.INSTANT: instants,
    }
    return {name: kind for kind, names in named.items() for name in names.split()}
