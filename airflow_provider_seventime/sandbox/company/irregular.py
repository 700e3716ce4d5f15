"""Records with the shape of the vendor's samples: fields missing or null, HTML, and numbers as text.

``tables/irregular.json`` has them as the API returns them, in the form of :mod:`.table_rows`. The rules of the API do
not complete them, so a field that a row lacks is missing. Days are counted back from the 20th of the last month: an
export of that month meets the invoices and the time logs among them.
"""

from __future__ import annotations

from datetime import timedelta

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.sandbox.company.seeding import Seeding
from airflow_provider_seventime.sandbox.company.table_rows import read_table, resolved
from airflow_provider_seventime.sandbox.rules.references import referenced_names
from airflow_provider_seventime.sandbox.state.store import Record

DAY_OF_LAST_MONTH = 20


def make_irregular_records(seeding: Seeding, *, with_time_logs: bool) -> None:
    """Create the records of every collection after its other records.

    :param with_time_logs: create the time logs too.
    """
    last_month = seeding.today.replace(day=1) - timedelta(days=1)
    earlier = Seeding(seeding.seed, last_month.replace(day=DAY_OF_LAST_MONTH), seeding.zone)
    earlier.store = seeding.store
    for name, rows in read_table("irregular").items():
        if name != "timeLogs" or with_time_logs:
            for row in rows:
                _make(earlier, COLLECTIONS[name], row)


def _make(seeding: Seeding, collection: CollectionSpec, row: Record) -> Record:
    fields = resolved(seeding, collection, row)
    record_id = fields.get(collection.id_field) or seeding.store.new_id(collection.name, seeding.instant(seeding.today))
    record = {collection.id_field: record_id, **fields}
    record |= referenced_names(
        seeding.store, collection, {name: value for name, value in fields.items() if value is not None}
    )
    seeding.store.collection(collection.name).put(record)
    return record
