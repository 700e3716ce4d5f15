"""Validation of records, filters, sorts and ids before a request. One error lists all problems."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import tzinfo
from functools import cache
from importlib import import_module
from typing import Any

from pydantic import ValidationError

from airflow_provider_seventime.contract.codes import parse_code
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import read_flag, read_id, read_number
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, Write
from airflow_provider_seventime.dates import format_local_time, read_date
from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError
from airflow_provider_seventime.templates import EMPTY, is_empty, require_rendered

logger = logging.getLogger(__name__)

ID_CHARACTERS = 24
ANALYTICS_QUERY = "analytics:AnalyticsQuery"

ACTING_USER_FIELDS: dict[Write, str] = {
    "create": "createdByUser",
    "update": "modifiedByUser",
    "delete": "deletedByUser",
}


def record_model(collection: CollectionSpec, write: Write) -> type[Record]:
    """Return the model of the body of a write.

    :param collection: the collection.
    :param write: ``create``, ``update``, ``delete`` or ``analyse``.
    :raises ConfigError: the collection does not have the write.
    """
    path = {
        "create": collection.create,
        "update": collection.update,
        "delete": collection.delete,
        "analyse": ANALYTICS_QUERY if collection.analysed else None,
    }[write]
    if path is None:
        raise ConfigError(f"{collection.name} has no {write}: it has {', '.join(sorted(collection.operations))}")
    return _load_model(path)


@cache
def _load_model(path: str) -> type[Record]:
    """Import a model by its path below ``contract.records``, for example ``customers:CustomerCreate``."""
    module, _, name = path.partition(":")
    model: type[Record] = getattr(import_module(f"airflow_provider_seventime.contract.records.{module}"), name)
    return model


def check_record(
    collection: CollectionSpec,
    write: Write,
    record: Mapping[str, Any],
    zone: tzinfo,
    acting_user: str | None = None,
    *,
    strict: bool = True,
) -> dict[str, Any]:
    """Validate the body of a write and return it in the API's form.

    :param collection: the collection.
    :param write: ``create``, ``update``, ``delete`` or ``analyse``.
    :param record: the record with the API's field names. Numbers may be text, dates may be ``date`` or ``datetime``.
    :param zone: the account's time zone.
    :param acting_user: value of ``createdByUser``, ``modifiedByUser`` or ``deletedByUser`` for a record without one.
        None: no field is set.
    :param strict: refuse unknown fields. False sends them with a warning, because the vendor adds fields before it
        documents them. Defaults to True.
    :raises ConfigError: the collection does not have the write.
    :raises InvalidRecordError: the record is invalid. The message lists every problem.
    """
    model = record_model(collection, write)
    subject = f"{collection.name}: {write}"
    if not isinstance(record, Mapping):
        raise InvalidRecordError(subject, [f"must be an object, not {type(record).__name__}"])
    given = dict(record)
    acting_field = ACTING_USER_FIELDS.get(write, "")
    if acting_user and acting_field in model.field_names() and given.get(acting_field) in (None, ""):
        given[acting_field] = acting_user
    try:
        checked = model.model_validate(given, context={"zone": zone, "strict": strict, "subject": subject})
    except ValidationError as error:
        problems = [_problem(one["loc"], one["msg"], acting_field) for one in error.errors()]
        raise InvalidRecordError(subject, list(dict.fromkeys(problems))) from error
    return checked.model_dump(by_alias=True, exclude_none=True)


def _problem(path: tuple[int | str, ...], text: str, acting_field: str) -> str:
    written = ""
    for step in path:
        written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else str(step)
    if written == acting_field and text.startswith("required"):
        text = f"{text}; set it, or set the acting user's id as the login of the connection"
    return f"{written}: {text}" if written else text


def check_filters(
    collection: CollectionSpec,
    filters: Mapping[str, Any] | None,
    zone: tzinfo,
    *,
    strict: bool = True,
    already_checked: Collection[str] = (),
) -> dict[str, str]:
    """Check the filters of a list and return them as query parameters.

    :param collection: the collection.
    :param filters: filter name to value. None as a value is refused: a list without the filter holds everything.
    :param zone: the account's time zone.
    :param strict: False lets unknown filters through with a warning. Defaults to True.
    :param already_checked: names of filters that the query has already; they may be missing here. Defaults to none.
    :raises InvalidRecordError: a filter is unknown, missing, or has a wrong value. The error lists every problem.
    """
    if not isinstance(filters, Mapping | None):
        raise InvalidRecordError(f"{collection.name}: filters", [f"must be an object, not {type(filters).__name__}"])
    given = dict(filters or {})
    present = {*given, *already_checked}
    problems = [
        f"{name}: required" for name, known in collection.filters.items() if known.required and name not in present
    ]
    query: dict[str, str] = {}
    for name, value in given.items():
        known = collection.filters.get(name)
        if known is None and not strict:
            logger.warning("%s: sending unknown filter %s, because the connection is not strict", collection.name, name)
            query[name] = str(value)
            continue
        if known is None:
            problems.append(f"{name}: unknown filter; {suggestion(name, collection.filters)}")
            continue
        try:
            query[name] = _filter_text(known, value, zone)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise InvalidRecordError(f"{collection.name}: filters", problems)
    for name, text in query.items():
        if name in collection.filters and looks_like_number(collection.filters[name], text):
            logger.warning("%s", number_hint(collection, name))
    return query


def looks_like_number(known: Filter, text: str) -> bool:
    """Return True if a filter takes an id and its value is a number for people, such as a customer number.

    :param known: the filter.
    :param text: its value.
    """
    return known.kind is FilterKind.ID and text.isdecimal() and len(text) != ID_CHARACTERS


def number_hint(collection: CollectionSpec, name: str) -> str:
    """Return the warning for a filter by id that has a number: the list is probably empty.

    The warning does not show the number, which may be that of a person.

    :param collection: the collection of the list.
    :param name: the filter.
    """
    said = f"{collection.name}: the filter {name} takes an id (24 letters and digits) and has a number.\n"
    own = f"{name}Number"
    if own in collection.filters:
        return f"{said}Use the filter {own} instead."
    target = COLLECTIONS.get(f"{name.removesuffix('Id')}s")
    if target is None or target.number_field is None:
        return f"{said}Use the _id of the record."
    if target.number_field in target.filters:
        return f"{said}Read the _id from {target.name} first, with the filter {target.number_field}."
    return f"{said}Read the _id from {target.name} first, by the field {target.number_field}."


def _filter_text(known: Filter, value: Any, zone: tzinfo) -> str:
    """Return the filter's value in the API's form.

    :raises ValueError: the value is invalid. The message gives the reason.
    """
    # A text may have the value "None", an id may not.
    if is_empty(value) and (known.kind is FilterKind.ID or value is None or not str(value).strip()):
        raise ValueError(f"{EMPTY}, or leave the filter out to read without it")
    if known.kind is FilterKind.DATE:
        return _dated(lambda: read_date(value, zone).isoformat(), value, "YYYY-MM-DD")
    if known.kind is FilterKind.TIME:
        return _dated(lambda: format_local_time(value, zone), value, "YYYY-MM-DD HH:MM")
    if known.kind is FilterKind.CODE and known.codes is not None:
        return str(parse_code(known.codes, value).value)
    return _plain(known, value)


def _plain(known: Filter, value: Any) -> str:
    if known.kind is FilterKind.BOOLEAN:
        return "true" if read_flag(value) else "false"
    if known.kind is FilterKind.NUMBER:
        return str(read_number(value))
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError(f"must be text, not {type(value).__name__}")
    text = str(value).strip()
    return read_id(text) if known.kind is FilterKind.ID else text


def _dated(read: Callable[[], str], value: Any, form: str) -> str:
    try:
        return read()
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"must be a date ({form}), not {value!r:.60}") from error


def check_sort(collection: CollectionSpec, sort_by: str | None) -> dict[str, str]:
    """Validate a sort and return its query parameters.

    :param collection: the collection.
    :param sort_by: a field of the records. A leading minus sorts in descending order: ``-invoiceDate``. None: ``_id``.
    :raises InvalidRecordError: the field is not documented.
    """
    field = (sort_by or "_id").removeprefix("-")
    if field != "_id" and field not in collection.fields:
        raise InvalidRecordError(
            f"{collection.name}: sort", [f"{field}: unknown field; {suggestion(field, collection.fields)}"]
        )
    return {"sortBy": field, "sortDirection": "descending" if (sort_by or "").startswith("-") else "ascending"}


def check_id(collection: CollectionSpec, record_id: str | None) -> str:
    """Validate the id of a record and return it for use in a path.

    :param collection: the collection.
    :param record_id: the id.
    :raises ConfigError: the id is empty, or is not one word without slashes.
    """
    require_rendered(f"{collection.name}: the id", record_id)
    try:
        return read_id(str(record_id))
    except ValueError as error:
        raise ConfigError(f"{collection.name}: {collection.id_field} {error}") from error
