"""Columns of a collection's table, from the fields of the contract."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column
from sqlalchemy.types import TypeEngine

from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind
from airflow_provider_seventime.warehouse.schema.types import ANY_TEXT, RECORD_ID, ExactJson, ExactNumber, UtcTimestamp

ID = "id"
RECORD = "record"
SYNCED_AT = "synced_at"
DELETED_AT = "deleted_at"
ACCOUNT = "account"

_TYPES: dict[FieldKind, TypeEngine[Any]] = {
    FieldKind.ID: RECORD_ID,
    FieldKind.TEXT: ANY_TEXT,
    FieldKind.NUMBER: ExactNumber(),
    FieldKind.INTEGER: BigInteger(),
    FieldKind.BOOLEAN: Boolean(),
    FieldKind.INSTANT: UtcTimestamp(),
}
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def column_name(field: str) -> str:
    """Return the column of a field: ``userName`` is ``user_name``, ``OCRNumber`` is ``ocr_number``."""
    return _WORD_BREAK.sub("_", field).lower()


def columns_of(
    collection: CollectionSpec, *, marks_deletions: bool = False, by_account: bool = False
) -> list[Column[Any]]:
    """Return the columns of a collection's table, unattached.

    ``id`` is the record's ``_id``. One column follows for every documented plain field. ``record`` holds the whole
    record, ``synced_at`` the instant of the read that a row's values come from.

    :param collection: the collection.
    :param marks_deletions: add ``deleted_at``, the instant of the read that found the record deleted.
    :param by_account: add ``account`` to the key, for a table that holds several accounts.
    """
    fields = [Column(column_name(field), _TYPES[kind]) for field, kind in collection.fields.items()]
    return [
        *([Column(ACCOUNT, RECORD_ID, primary_key=True)] if by_account else []),
        Column(ID, RECORD_ID, primary_key=True),
        *fields,
        Column(RECORD, ExactJson(), nullable=False),
        Column(SYNCED_AT, UtcTimestamp()),
        *([Column(DELETED_AT, UtcTimestamp())] if marks_deletions else []),
    ]
