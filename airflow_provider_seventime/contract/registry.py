"""Registry of all collections by name.

It collects every :class:`CollectionSpec` in the modules of ``contract.collections``. A new collection is added there:
client, hook, sandbox and transfers read its operations, filters, fields and special cases from it.
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

MODULES = (customers, users, projects, work, time, expenses, invoicing, quotes, purchasing, account)


def collections_in(modules: Iterable[ModuleType]) -> dict[str, CollectionSpec]:
    """Return the collections that modules define, by name."""
    return {
        collection.name: collection
        for module in modules
        for collection in vars(module).values()
        if isinstance(collection, CollectionSpec)
    }


COLLECTIONS: Mapping[str, CollectionSpec] = collections_in(MODULES)


def find_collection(name: str, operation: Operation | None = None, version: int = 2) -> CollectionSpec:
    """Return the collection of a name.

    :param name: the API's own name, for example ``timeLogs``.
    :param operation: operation that the collection must have. None: any.
    :param version: version of the API, 2 or 1. The collection is returned as that version has it.
    :raises ConfigError: the collection is unknown, or does not have the operation in that version.
    """
    known = COLLECTIONS.get(name)
    if known is None:
        raise ConfigError(f"unknown collection {name!r}: {suggestion(str(name), COLLECTIONS)}")
    collection = known.in_version(version)
    if collection is None:
        raise ConfigError(f"version 1 of the API has no {name}: set api_version to 2 in the connection")
    if operation is not None and operation not in collection.operations:
        where = " in version 1 of the API" if version == 1 else ""
        available = ", ".join(sorted(collection.operations)) or "no operations"
        raise ConfigError(f"{name} has no {operation}{where}: it has {available}")
    return collection
