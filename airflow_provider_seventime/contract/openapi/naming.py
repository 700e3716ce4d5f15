"""Names of schemas, operations and chapters, derived from the names of the collections."""

from __future__ import annotations

import re
from collections.abc import Iterable

from airflow_provider_seventime.contract.spec import CollectionSpec, Operation


def singular(name: str) -> str:
    """Return the name of one record of a collection: ``timeCategories`` gives ``timeCategory``."""
    for ending, single in (("ies", "y"), ("uses", "us"), ("ss", "ss"), ("s", "")):
        if name.endswith(ending):
            return name.removesuffix(ending) + single
    return name


def words(name: str) -> str:
    """Return a name in separate words: ``timeLogs`` gives ``time logs``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def schema_name(collection: CollectionSpec) -> str:
    """Return the name of the schema of a collection's records."""
    name = singular(collection.name)
    return name[:1].upper() + name[1:]


def operation_id(collection: CollectionSpec, operation: Operation) -> str:
    """Return the id of an operation, which generators use as the name of a method: ``listTimeLogs``.

    A collection that creates records of another one has its own name as id: ``startTimer``.
    """
    if operation == "create" and collection.created_resource:
        return collection.name
    many = operation in ("list", "analyse")
    name = collection.name if many else singular(collection.name)
    return f"{operation}{name[:1].upper()}{name[1:]}"


def chapter_of(collection: CollectionSpec, names: Iterable[str]) -> str:
    """Return the name of the chapter with a collection's operations, which is the name of a collection.

    The chapters are those of the vendor's documentation. A lookup table is in the chapter of the collection that its
    name begins with: ``projectTags`` is in ``projects``. An action is in the chapter of the record that it creates.

    :param names: names of all collections.
    """
    if collection.created_resource:
        return collection.created_resource
    return next((name for name in names if re.match(f"{singular(name)}[A-Z]", collection.name)), collection.name)
