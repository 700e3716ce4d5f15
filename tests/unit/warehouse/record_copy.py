"""A copy that takes records, and the expected row of a record."""

from __future__ import annotations

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.warehouse.copy import CollectionCopy
from airflow_provider_seventime.warehouse.schema.columns import column_name
from airflow_provider_seventime.warehouse.values import record_id, typed_value


class RecordCopy(CollectionCopy):
    def rows_of(self, records):
        return [self.row_of(record, exact_json.encode(record)) for record in records]

    def merge_records(self, records, synced_at):
        return self.merge(self.rows_of(records), synced_at).written


def typed_row(collection, record):
    """Return the row of a record by column, each value in its Python type, without ``synced_at``."""
    fields = {
        column_name(name): typed_value(collection, record, name, kind) for name, kind in collection.fields.items()
    }
    return {"id": record_id(collection, record), **fields, "record": record}
