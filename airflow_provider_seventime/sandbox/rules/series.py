"""Number series: the next number that nobody has."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.state.store import Store


def next_free_number(store: Store, collection: str, field: str, first: int) -> int:
    """Take the next number of a collection's series, past the ones that callers gave themselves or loaded.

    :param field: the field that holds the numbers.
    :param first: where the series begins when nothing was seeded into it.
    """
    taken = {str(record.get(field)) for record in store.collection(collection)}
    while True:
        number = store.next_number(collection, first)
        if str(number) not in taken:
            return number
