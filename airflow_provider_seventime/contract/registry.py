"""Every collection by name: whatever collection stands in a module of ``contract.collections``.

Client, hook, sandbox and transfers know none by name: operations, filters, fields, reference field and quirks stand in
the entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

from airflow_provider_seventime.contract.collections import (
    account,
    customers,
    expenses,
    invoicing,
    projects,
    purchasing,
    quotes,
    time,
    users,
    work,
)
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.spec import CollectionSpec, Operation
from airflow_provider_seventime.exceptions import ConfigError

THEMES = (customers, users, projects, work, time, expenses, invoicing, quotes, purchasing, account)


def collections_of(themes: Iterable[ModuleType]) -> dict[str, CollectionSpec]:
    """Return the entries that stand in modules, by the collection's name."""
    return {
        collection.name: collection
        for theme in themes
        for collection in vars(theme).values()
        if isinstance(collection, CollectionSpec)
    }


COLLECTIONS: Mapping[str, CollectionSpec] = collections_of(THEMES)


def find_collection(name: str, operation: Operation | None = None, version: int = 2) -> CollectionSpec:
    """Return the collection of a collection.

    :param name: the API's own name, for example ``timeLogs``.
    :param operation: what is to be done with it; None: not checked.
    :param version: of the API, 2 or 1; the collection is as that version has it.
    :raises ConfigError: there is no such collection, or it has no such operation.
    """
    known = COLLECTIONS.get(name)
    if known is None:
        raise ConfigError(f"unknown collection {name!r}: {suggestion(str(name), COLLECTIONS)}")
    collection = known.in_version(version)
    if collection is None:
        raise ConfigError(f"version 1 of the API has no {name}: set api_version to 2 in the connection")
    if operation is not None and operation not in collection.operations:
        where = " in version 1 of the API" if version == 1 else ""
        raise ConfigError(f"{name} has no {operation}{where}: it has {_sentence(collection.operations)}")
    return collection


def _sentence(operations: Iterable[Operation]) -> str:
    return ", ".join(sorted(operations)) or "no operations"
