"""From the contract's fields to columns."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Text
from sqlalchemy.types import TypeEngine

from airflow_provider_seventime.contract.resource import FieldKind, Resource
from airflow_provider_seventime.warehouse.types import RECORD_ID, ExactJson, ExactNumber, UtcTimestamp

ID = "id"
RECORD = "record"
SYNCED_AT = "synced_at"

_TYPES: dict[FieldKind, type[TypeEngine[Any]]] = {
    FieldKind.ID: Text,
    FieldKind.TEXT: Text,
    FieldKind.NUMBER: ExactNumber,
    FieldKind.INTEGER: BigInteger,
    FieldKind.BOOLEAN: Boolean,
    FieldKind.INSTANT: UtcTimestamp,
}
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def column_name(field: str) -> str:
    """Return the column of a field: ``userName`` is ``user_name``, ``OCRNumber`` is ``ocr_number``."""
    return _WORD_BREAK.sub("_", field).lower()


def columns_of(resource: Resource) -> list[Column[Any]]:
    """Return the columns of a collection's table, unattached.

    ``id`` is the record's ``_id``; then one column for every documented plain field; ``record`` holds the whole record
    and ``synced_at`` the instant of the read that a row's content comes from.

    :param resource: the collection.
    """
    fields = [Column(column_name(field), _TYPES[kind]()) for field, kind in resource.fields.items()]
    return [
        Column(ID, RECORD_ID, primary_key=True),
        *fields,
        Column(RECORD, ExactJson(), nullable=False),
        Column(SYNCED_AT, UtcTimestamp()),
    ]
