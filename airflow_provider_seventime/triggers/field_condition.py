"""A field that ends a wait: which one, which values are meant, and whether a record shows one of them."""

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
    """A field with the values that end a wait.

    :param field: the field's name.
    :param values: spelled as :func:`normalise` does; None: anything that is not empty.
    """

    field: str
    values: tuple[str, ...] | None = None

    def matches(self, collection: CollectionSpec, record: Mapping[str, Any]) -> bool:
        """Tell whether a record shows one of the values."""
        held = record.get(self.field)
        if self.values is None:
            return is_set(held)
        return held is not None and _normalise_held(held, collection.fields.get(self.field)) in self.values

    def describe(self, record: Mapping[str, Any]) -> str:
        """Return what the record shows, as the end of a sentence: ``has no acceptedDate``."""
        held = record.get(self.field)
        if isinstance(held, bool):
            return f"has {self.field} {'true' if held else 'false'}"
        return f"has {self.field} {held}" if is_set(held) else f"has no {self.field}"


def is_set(held: Any) -> bool:
    """Tell whether a field holds anything: null, false and what is empty count as nothing, zero as something."""
    return held is not None and held is not False and held not in ("", [], {})


def parse_field_condition(
    collection: CollectionSpec, field: object, values: object, *, parameter: str, any_value: bool, strict: bool = True
) -> FieldCondition:
    """Read a field and its values as a DAG gives them.

    :param collection: the collection.
    :param field: the field's name.
    :param values: a value or a list of them; ``"a, b"`` too, as a template may make it.
    :param parameter: ``target`` or ``failed``, the beginning of both parameters' names.
    :param any_value: no values were asked for: the field may be set to anything.
    :param strict: refuse a field that is not documented.
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
    """Tell whether the vendor names too few of the collection's fields to know a wrong name from a right one."""
    from airflow_provider_seventime.contract.checking import record_model

    return collection.create is not None and record_model(collection, "create").documented_loosely


def _parse_values(collection: CollectionSpec, field: str, values: object, parameter: str) -> tuple[str, ...]:
    from airflow_provider_seventime.contract.codes import parse_code
    from airflow_provider_seventime.contract.spec import FieldKind

    kind = collection.fields.get(field)
    if kind is FieldKind.INSTANT:
        raise ConfigError(f"{parameter}: {field} is an instant; leave the values out to wait until it is set")
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
    """Return a value in the one spelling that values are compared in: ``true``, ``12.5``, text without blanks around.

    :param value: as an answer or a DAG gives it.
    :param kind: what the field holds; None: it is not documented, and the value's own type says it.
    :raises ValueError: the field cannot hold such a value.
    """
    from airflow_provider_seventime.contract.records.fields import read_flag, read_number
    from airflow_provider_seventime.contract.spec import FieldKind

    if kind is FieldKind.BOOLEAN or isinstance(value, bool):
        return "true" if read_flag(value) else "false"
    if kind in (FieldKind.NUMBER, FieldKind.INTEGER) or isinstance(value, int | float | Decimal):
        return f"{read_number(value).normalize():f}"
    return str(value).strip()


def _normalise_held(held: Any, kind: FieldKind | None) -> str:
    try:
        return normalise(held, kind)
    except ValueError:
        return str(held)
