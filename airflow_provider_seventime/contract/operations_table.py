"""The operations of the API as tables in Markdown, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.openapi.records import condition_sentence, nested_models
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, Operation, Write

ORDER: Sequence[Operation] = ("list", "get", "create", "update", "delete", "analyse")
WRITES: Sequence[Write] = ("create", "update", "delete")
INTRODUCTION = """\
# The operations

Every collection of Seven Time's API as this provider knows it. [openapi.json](openapi.json) says the same to programs
(OpenAPI 3.1). `make openapi` writes both from `airflow_provider_seventime/contract/`; that is the place to change.
"""
VERSION_2 = """\
## Version 2

Every list also takes `sortBy` and `sortDirection`, and one with pages `limit` and `page`. A filter in **bold** is
required. The reference field is where a create keeps what makes it safe to repeat.
"""
WHAT_WRITES_CARRY = """\
## What writes must carry

`createdByUser`, `modifiedByUser` and `deletedByUser` are filled in from the login of the connection where a record has
none. A dot leads into a part of the record, `[]` into the rows of a list; what a part requires is required where the
part is given.
"""
VERSION_1 = """\
## Version 1

With `api_version` 1 in the connection: bodies are forms, answers are bare, and a list has 100 rows at most.
"""


def operations_page(collections: Mapping[str, CollectionSpec] = COLLECTIONS) -> str:
    """Return the page of the documentation that lists every operation, in Markdown.

    :param collections: the collections by name. Defaults to the whole contract.
    """
    ordered = [collections[name] for name in sorted(collections)]
    first = [old for old in (collection.in_version(1) for collection in ordered) if old is not None]
    parts = [
        INTRODUCTION,
        VERSION_2,
        _table(("collection", "operations", "filters", "reference field", "particulars"), map(_row, ordered)),
        WHAT_WRITES_CARRY,
        _table(
            ("write", "required", "required only when"), (row for collection in ordered for row in _writes(collection))
        ),
        VERSION_1,
        _table(("collection", "operations", "filters"), (_row(collection)[:3] for collection in first)),
    ]
    return "\n".join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _row(collection: CollectionSpec) -> Sequence[str]:
    filters = (f"**`{name}`**" if known.required else f"`{name}`" for name, known in collection.filters.items())
    return (
        f"`{collection.name}`",
        ", ".join(operation for operation in ORDER if operation in collection.operations),
        ", ".join(filters),
        _code(collection.reference_field) if collection.reference_field else "",
        "; ".join(particulars(collection)),
    )


def particulars(collection: CollectionSpec) -> Iterator[str]:
    """Yield in what a collection differs from the others."""
    if collection.singleton:
        yield "one record, without id"
    if collection.listed and collection.bare_list:
        yield "a bare array"
    elif collection.listed and not collection.paged:
        yield "no pages"
    if collection.id_field != "_id":
        yield f"known by {_code(collection.id_field)}"
    if collection.unique_number:
        yield f"no two share {_code(collection.unique_number.field)}"
    if collection.restated_on_update:
        yield f"an update repeats {', '.join(map(_code, collection.restated_on_update))}"
    if collection.created_status != 200:  # noqa: PLR2004 - what a create is answered with otherwise
        yield f"a create is answered with {collection.created_status}"
    if collection.created_resource:
        yield f"a create answers one of {_code(collection.created_resource)}"
    if collection.delete_in_path:
        yield "a delete has the id in its path"


def _writes(collection: CollectionSpec) -> Iterator[Sequence[str]]:
    for write in WRITES:
        if write in collection.operations:
            model = record_model(collection, write)
            required = ", ".join(_code(path) for path in _required(model))
            yield f"{_code(collection.name)} {write}", required, "<br>".join(_conditions(model))


def _required(model: type[Record], path: str = "") -> Iterator[str]:
    yield from (f"{path}{info.alias or name}" for name, info in model.model_fields.items() if info.is_required())
    for name, part in nested_models(model):
        yield from _required(part, f"{path}{name}.")


def _conditions(model: type[Record], path: str = "") -> Iterator[str]:
    for condition in model.conditions:
        sentence = condition_sentence(condition)
        yield f"{_code(path + condition.field)}: {sentence.removeprefix('Required ').removesuffix('.')}"
    for name, part in nested_models(model):
        yield from _conditions(part, f"{path}{name}.")


def _code(name: str) -> str:
    return f"`{name}`"
