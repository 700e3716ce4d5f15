"""Page of the documentation with the API's operations, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.openapi.records import condition_sentence, nested_models
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.spec import CollectionSpec, Operation, Write

ORDER: Sequence[Operation] = ("list", "get", "create", "update", "delete", "analyse")
WRITES: Sequence[Write] = ("create", "update", "delete")
INTRODUCTION = """\
# Operations of the API

Look up the operations, filters and required fields of a collection before you write a task, for example the filter
`project` of `timeLogs`:

```python
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

SevenTimeHook().list("timeLogs", filters={"project": "571f61330c7f498a2d0001a4"})
```

[openapi.json](openapi.json) describes the same operations for programs (OpenAPI 3.1). `make openapi` writes both files
from `airflow_provider_seventime/contract/`: change them there.
"""
VERSION_2 = """\
## Version 2

Every list also takes `sortBy` and `sortDirection`, and a list with pages also `limit` and `page`. A filter in **bold**
is required. A create writes its reference into the reference field, so that it can be repeated without a duplicate.
"""
REQUIRED_FIELDS = """\
## Required fields of writes

If a record has no `createdByUser`, `modifiedByUser` or `deletedByUser`, the provider sets it to the login of the
connection. `billingSettings.deductionDistribution[].userName` is the field `userName` of each row in the list
`deductionDistribution` of the object `billingSettings`. Its fields are required only if the record has that list.
"""
VERSION_1 = """\
## Version 1

Set `api_version` to 1 in the connection. Bodies are forms, responses have no envelope, and a list has at most 100 rows.
"""


def operations_page(collections: Mapping[str, CollectionSpec]) -> str:
    """Return the page with every operation of collections, in Markdown.

    :param collections: the collections by name.
    """
    ordered = [collections[name] for name in sorted(collections)]
    in_v1 = [v1 for v1 in (collection.in_version(1) for collection in ordered) if v1 is not None]
    parts = [
        INTRODUCTION,
        VERSION_2,
        _table(("collection", "operations", "filters", "reference field", "special cases"), map(_row, ordered)),
        REQUIRED_FIELDS,
        _table(
            ("write", "required", "required only when"), (row for collection in ordered for row in _writes(collection))
        ),
        VERSION_1,
        _table(("collection", "operations", "filters"), (_row(collection)[:3] for collection in in_v1)),
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
        "; ".join(special_cases(collection)),
    )


def special_cases(collection: CollectionSpec) -> Iterator[str]:
    """Yield the differences of a collection from the others."""
    if collection.singleton:
        yield "one record without an id"
    if collection.listed and collection.bare_list:
        yield "the list is an array without `data`"
    elif collection.listed and not collection.paged:
        yield "the list has no pages"
    if collection.id_field != "_id":
        yield f"identified by {_code(collection.id_field)}"
    if collection.unique_number:
        yield f"{_code(collection.unique_number.field)} is unique"
    if collection.restated_on_update:
        yield f"an update repeats {', '.join(map(_code, collection.restated_on_update))}"
    if collection.created_status != 200:  # noqa: PLR2004 - the status of a create in every other collection
        yield f"a create returns the status {collection.created_status}"
    if collection.created_resource:
        yield f"a create returns a record of {_code(collection.created_resource)}"
    if collection.delete_in_path:
        yield "a delete has the id in its path"


def _writes(collection: CollectionSpec) -> Iterator[Sequence[str]]:
    for write in WRITES:
        if write in collection.operations:
            model = record_model(collection, write)
            required = ", ".join(_code(path) for path in required_fields(model))
            yield f"{_code(collection.name)} {write}", required, "<br>".join(_conditions(model))


def required_fields(model: type[Record], path: str = "") -> Iterator[str]:
    """Yield the paths of the fields that a write requires, also in nested records.

    :param model: the model of the body.
    :param path: path of the model in the body.
    """
    yield from (f"{path}{info.alias or name}" for name, info in model.model_fields.items() if info.is_required())
    for name, part in nested_models(model):
        yield from required_fields(part, f"{path}{name}.")


def _conditions(model: type[Record], path: str = "") -> Iterator[str]:
    for condition in model.conditions:
        sentence = condition_sentence(condition)
        yield f"{_code(path + condition.field)}: {sentence.removeprefix('Required ').removesuffix('.')}"
    for name, part in nested_models(model):
        yield from _conditions(part, f"{path}{name}.")


def _code(name: str) -> str:
    return f"`{name}`"
