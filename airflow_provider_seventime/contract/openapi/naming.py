"""Names in the document, derived from the collections' own."""

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
    """Return a name as people write it: ``timeLogs`` gives ``time logs``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def schema_name(collection: CollectionSpec) -> str:
    """Return the name of the schema of a collection's records."""
    name = singular(collection.name)
    return name[:1].upper() + name[1:]


def operation_id(collection: CollectionSpec, operation: Operation) -> str:
    """Return the id of an operation, from which generators make the name of a method.

    A collection that only makes records of another one is named after what it does: ``startTimer``.
    """
    if operation == "create" and collection.created_resource:
        return collection.name
    many = operation in ("list", "analyse")
    name = collection.name if many else singular(collection.name)
    return f"{operation}{name[:1].upper()}{name[1:]}"


def chapter_of(collection: CollectionSpec, names: Iterable[str]) -> str:
    """Return the collection under which another one is listed.

    As in the vendor's documents, types, tags and statuses stand beside what they belong to: a look-up belongs to the
    collection that its name begins with, and an action to the collection whose record it makes.

    :param names: of all collections.
    """
    if collection.created_resource:
        return collection.created_resource
    return next((name for name in names if re.match(f"{singular(name)}[A-Z]", collection.name)), collection.name)
