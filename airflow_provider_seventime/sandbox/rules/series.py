"""Number series of the collections."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.state.store import Store


def next_free_number(store: Store, collection: str, field: str, first: int) -> int:
    """Take the next number of a series. Numbers that a record already has are skipped.

    :param collection: name of the collection.
    :param field: field that holds the number.
    :param first: first number, if the series is new.
    """
    taken = {str(record.get(field)) for record in store.collection(collection)}
    while True:
        number = store.next_number(collection, first)
        if str(number) not in taken:
            return number
