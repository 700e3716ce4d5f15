"""Schemas of single values in the API's own form, although the API and this package also accept other forms."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Any

from airflow_provider_seventime.contract.codes import TAX_PERCENTS, code_names
from airflow_provider_seventime.contract.openapi.components import Components, Schema
from airflow_provider_seventime.contract.records import fields
from airflow_provider_seventime.contract.spec import FieldKind, Filter, FilterKind

NOT_BLANK: Schema = {"type": "string", "minLength": 1, "pattern": r"\S"}
ID: Schema = {"type": "string", "minLength": 1, "pattern": f"^{fields.ONE_WORD.pattern}$"}  # any one word
NUMBER: Schema = {"type": "number"}
DATE: Schema = {"type": "string", "format": "date"}
LOCAL_TIME: Schema = {
    "type": "string",
    "pattern": "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    "description": "YYYY-MM-DD HH:MM or YYYY-MM-DD HH:MM:SS, in the account's local time (Sweden).",
}

# By the annotation of a field in a record model.
REQUEST_SCHEMAS: dict[Any, Schema] = {
    str: {"type": "string"},
    Any: {},
    fields.RequiredText: NOT_BLANK,
    fields.Id: ID,
    fields.Number: NUMBER,
    fields.Flag: {"type": "boolean"},
    fields.CalendarDate: DATE,
    fields.LocalTime: LOCAL_TIME,
    fields.TaxPercent: {"type": "number", "enum": list(TAX_PERCENTS)},
    fields.SharePercent: {"type": "number", "minimum": 1, "maximum": 100},
}

FILTER_SCHEMAS: dict[FilterKind, Schema] = {
    FilterKind.ID: ID,
    FilterKind.TEXT: NOT_BLANK,
    FilterKind.NUMBER: {"type": "integer"},  # the number of a work order or the id of a role
    FilterKind.BOOLEAN: {"type": "boolean"},
    FilterKind.DATE: DATE,
    FilterKind.TIME: LOCAL_TIME,
}

RESPONSE_SCHEMAS: dict[FieldKind, Schema] = {
    FieldKind.ID: {"type": "string", "description": "An id: opaque text."},
    FieldKind.TEXT: {"type": "string"},
    FieldKind.NUMBER: {"type": "number"},
    FieldKind.INTEGER: {"type": "integer"},
    FieldKind.BOOLEAN: {"type": "boolean"},
    FieldKind.INSTANT: {"type": "string", "format": "date-time"},
}
CHOSEN_NUMBER: Schema = {
    "type": ["string", "integer", "null"],
    "description": "A number that users may choose: an integer, or a text such as A-100.",
}


def enum_schema(members: Sequence[Enum]) -> Schema:
    """Return the schema of some or all members of an enumeration, with their names."""
    codes = type(members[0])
    documented = (codes.__doc__ or "").replace("``", "`")
    names = ", ".join(f"{member.value} is {member.name.lower()}" for member in members)
    return {
        "type": "integer" if issubclass(codes, IntEnum) else "string",
        "enum": [member.value for member in members],
        "x-enum-varnames": [member.name for member in members],
        "description": f"{documented} {names}." if issubclass(codes, IntEnum) else documented,
    }


def codes_schema(codes: type[Enum], components: Components) -> Schema:
    """Return a reference to the schema of a whole enumeration."""
    return components.add(codes.__name__, enum_schema(list(codes)))


def filter_schema(known: Filter, components: Components) -> Schema:
    """Return the schema of a filter's value."""
    return codes_schema(known.codes, components) if known.codes is not None else FILTER_SCHEMAS[known.kind]


def response_field_schema(kind: FieldKind, codes: type[IntEnum] | None = None) -> Schema:
    """Return the schema of a plain field of a response. The vendor's samples have null in nearly all of them.

    :param codes: the enumeration of a status. The API also returns statuses that are not documented.
    """
    schema = RESPONSE_SCHEMAS[kind]
    names = {"description": f"{code_names(codes)}; others are possible."} if codes is not None else {}
    return {**schema, "type": [schema["type"], "null"], **names}
