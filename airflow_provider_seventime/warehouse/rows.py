"""From a record to a row: every documented field in its type, or an error that names the record and the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.warehouse.schema.columns import ID, RECORD, column_name
from airflow_provider_seventime.warehouse.values import EXACT_TYPES, READERS, misfit_error, record_id


class RowConverter:
    """Makes rows of one collection's records; what can be known of its fields beforehand is looked up once.

    :param resource: the collection.
    :ivar columns: of the row, in its order.
    """

    def __init__(self, resource: CollectionSpec) -> None:
        self.resource = resource
        self.columns = (ID, *map(column_name, resource.fields), RECORD)
        self._fields = [
            (field, column_name(field), kind, READERS[kind], EXACT_TYPES.get(kind))
            for field, kind in resource.fields.items()
        ]

    def row_of(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row of a record, by column; ``synced_at`` is not in it.

        A field that the record lacks is None, and so is a blank text where no text is promised.

        :param record: the record as the API answered it.
        :raises ProtocolError: the record has no id, or a value that its field cannot hold.
        """
        row: dict[str, Any] = {ID: record_id(self.resource, record)}
        for field, column, kind, read, already in self._fields:
            value = record.get(field)
            if value is not None and type(value) is not already:
                try:
                    value = read(value)
                except (ValueError, OverflowError) as error:
                    raise misfit_error(self.resource, record, field, kind) from error
            row[column] = value
        row[RECORD] = dict(record)
        return row


def row_of(resource: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of one record; see :meth:`RowConverter.row_of`."""
    return RowConverter(resource).row_of(record)
