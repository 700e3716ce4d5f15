"""Condition on a record's field that ends a wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered

if TYPE_CHECKING:  # the contract is loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """Field and values that end a wait.

    :param field: the field's name.
    :param values: the values, normalised by :func:`normalise`. None: any value but null, false and empty.
    """

    field: str
    values: tuple[str, ...] | None = None

    def matches(self, collection: CollectionSpec, record: Mapping[str, Any]) -> bool:
        """Return True if the record has one of the values."""
        value = record.get(self.field)
        if self.values is None:
            return is_set(value)
        return value is not None and _normalise_returned(value, collection.fields.get(self.field)) in self.values

    def describe(self, record: Mapping[str, Any]) -> str:
        """Return the state of the field as the end of a sentence, for example ``has no acceptedDate``."""
        value = record.get(self.field)
        if isinstance(value, bool):
            return f"has {self.field} {'true' if value else 'false'}"
        return f"has {self.field} {value}" if is_set(value) else f"has no {self.field}"


def is_set(value: Any) -> bool:
    """Return True unless the value is null, false or empty. Zero is set."""
    return value is not None and value is not False and value not in ("", [], {})


def parse_field_condition(
    collection: CollectionSpec, field: object, values: object, *, parameter: str, any_value: bool, strict: bool = True
) -> FieldCondition:
    """Return the condition of a sensor's field and values.

    :param collection: the collection.
    :param field: the field's name.
    :param values: a value or a list of them. A template may render several as text: ``"a, b"``.
    :param parameter: ``target`` or ``failed``, the prefix of both parameters' names, for errors.
    :param any_value: accept any value that is set, and ignore ``values``.
    :param strict: refuse an undocumented field. Defaults to True.
    :raises ConfigError: the field is unknown, or cannot have such a value.
    """
    from airflow_provider_seventime.contract.names import suggestion

    require_rendered(f"{parameter}_field", field)
    name = str(field).strip()
    if strict and name not in collection.fields and not _documented_loosely(collection):
        raise ConfigError(
            f"{parameter}_field: {collection.name} has no field {name!r}: {suggestion(name, collection.fields)}"
        )
    if any_value:
        return FieldCondition(name)
    return FieldCondition(name, _parse_values(collection, name, values, f"{parameter}_values"))


def _documented_loosely(collection: CollectionSpec) -> bool:
    """Return True if the vendor documents too few of the collection's fields to refuse an unknown one."""
    from airflow_provider_seventime.contract.checking import record_model

    return collection.create is not None and record_model(collection, "create").documented_loosely


def _parse_values(collection: CollectionSpec, field: str, values: object, parameter: str) -> tuple[str, ...]:
    from airflow_provider_seventime.contract.codes import parse_code
    from airflow_provider_seventime.contract.spec import FieldKind

    kind = collection.fields.get(field)
    if kind is FieldKind.INSTANT:
        raise ConfigError(f"{parameter}: {field} is an instant; remove {parameter} to wait until the field is set")
    listed = _as_list(values)
    require_rendered(parameter, listed)
    try:
        if field == collection.status_field and collection.status_codes is not None:
            return tuple(str(int(parse_code(collection.status_codes, value))) for value in listed)
        return tuple(normalise(value, kind) for value in listed)
    except ValueError as error:
        raise ConfigError(f"{parameter}: {field} {error}") from error


def _as_list(values: object) -> Sequence[Any]:
    if isinstance(values, str):
        return [part for part in values.split(",") if part.strip()]
    return list(values) if isinstance(values, list | tuple | set | frozenset) else [values]


def normalise(value: object, kind: FieldKind | None) -> str:
    """Return a value as text in one form, for comparison: ``true``, ``12.5``, text without surrounding blanks.

    :param value: a value of a response or a DAG.
    :param kind: the field's kind. None: the field is not documented, and the value's own type decides.
    :raises ValueError: the field cannot have such a value.
    """
    from airflow_provider_seventime.contract.records.fields import read_flag, read_number
    from airflow_provider_seventime.contract.spec import FieldKind

    if kind is FieldKind.BOOLEAN or isinstance(value, bool):
        return "true" if read_flag(value) else "false"
    if kind in (FieldKind.NUMBER, FieldKind.INTEGER) or isinstance(value, int | float | Decimal):
        return f"{read_number(value).normalize():f}"
    return str(value).strip()


def _normalise_returned(value: Any, kind: FieldKind | None) -> str:
    """Return a value of a response in the same form, or as it is if the field is documented with another kind."""
    try:
        return normalise(value, kind)
    except ValueError:
        return str(value)
