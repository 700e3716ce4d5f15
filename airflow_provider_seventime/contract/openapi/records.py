"""Schemas of the bodies of create, update and delete, derived from the record models."""

from __future__ import annotations

from collections.abc import Iterator, Set
from copy import deepcopy
from enum import Enum
from inspect import cleandoc
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from airflow_provider_seventime.contract.codes import COLOURS, WEBHOOK_EVENTS
from airflow_provider_seventime.contract.openapi.components import Components, Schema, with_description
from airflow_provider_seventime.contract.openapi.values import NUMBER, REQUEST_SCHEMAS, codes_schema, enum_schema
from airflow_provider_seventime.contract.records.base import Record, RequiredWhen, record_type

VOCABULARIES = (sorted(COLOURS), list(WEBHOOK_EVENTS))
BASE64_SAMPLE = "aGVq"
OUTSIDE_EVERY_VOCABULARY = "\N{REPLACEMENT CHARACTER}"


def model_schema(model: type[Record], components: Components, integers: Set[str] = frozenset()) -> Schema:
    """Return a reference to the schema of a record model.

    :param components: receives the schema, and those of nested records.
    :param integers: names of the number fields that are integers in responses. Defaults to none.
    """
    hints = get_type_hints(model, include_extras=True)
    properties = {}
    required = []
    for name, info in model.model_fields.items():
        api_name = info.alias or name
        sentences = (condition_sentence(one) for one in model.conditions if one.field == api_name)
        schema = field_schema(hints[name], components)
        if api_name in integers and schema == NUMBER:
            schema = {"type": "integer"}
        properties[api_name] = with_description(schema, *sentences)
        if info.is_required():
            required.append(api_name)
    return components.add(
        model.__name__,
        {
            "type": "object",
            "description": cleandoc(model.__doc__ or "").replace("``", "`"),
            "properties": properties,
            **({"required": sorted(required)} if required else {}),
            "additionalProperties": model.documented_loosely,
        },
    )


def nested_models(model: type[Record]) -> Iterator[tuple[str, type[Record]]]:
    """Yield name and model of each field with nested records. A list has brackets in its name: ``invoiceItems[]``."""
    hints = get_type_hints(model, include_extras=True)
    for name in model.model_fields:
        base = _without_validators(_without_none(hints[name]))
        part = record_type(base)
        if part is not None:
            yield f"{name}{'[]' if get_origin(base) is list else ''}", part


def condition_sentence(condition: RequiredWhen) -> str:
    """Return the condition of a required field as a sentence, in the words of the error about its absence."""
    deciding = {condition.when: condition.values[0] if condition.values else "given"} if condition.when else {}
    problem = condition.problem(deciding) or ""
    return f"{problem[:1].upper()}{problem[1:]}."


def field_schema(annotation: Any, components: Components) -> Schema:
    """Return the schema of a field.

    :param annotation: the annotation in the model, including its validators.
    :raises ValueError: the annotation has no rule here.
    """
    annotation = _without_none(annotation)
    if annotation in REQUEST_SCHEMAS:
        return deepcopy(REQUEST_SCHEMAS[annotation])
    base = _without_validators(annotation)
    if get_origin(base) is list:
        return _list_schema(annotation, base, components)
    if get_origin(base) is dict:
        return {"type": "object", "additionalProperties": True}
    return _named_schema(annotation, base, components)


def _without_none(annotation: Any) -> Any:
    parts = [part for part in get_args(annotation) if part is not NoneType]
    return parts[0] if len(parts) == 1 and NoneType in get_args(annotation) else annotation


def _without_validators(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _named_schema(annotation: Any, base: Any, components: Components) -> Schema:
    kind = base if isinstance(base, type) else NoneType
    if issubclass(kind, Record):
        return model_schema(kind, components)
    if issubclass(kind, Enum):
        return _code_schema(annotation, kind, components)
    if kind is str:
        return _text_schema(annotation)
    raise ValueError(f"{annotation!r} has no OpenAPI schema; add one in contract/openapi/records.py")


def _list_schema(annotation: Any, base: Any, components: Components) -> Schema:
    schema: Schema = {"type": "array", "items": field_schema(get_args(base)[0], components)}
    return schema if accepts(annotation, []) else {**schema, "minItems": 1}


def _code_schema(annotation: Any, codes: type[Enum], components: Components) -> Schema:
    accepted = [member for member in codes if accepts(annotation, member)]
    return codes_schema(codes, components) if len(accepted) == len(codes) else enum_schema(accepted)


def _text_schema(annotation: Any) -> Schema:
    """Return the schema of text with a validator: an enumeration if it accepts exactly the words of a vocabulary."""
    for vocabulary in VOCABULARIES:
        if all(accepts(annotation, word) for word in vocabulary) and not accepts(annotation, OUTSIDE_EVERY_VOCABULARY):
            return {"type": "string", "enum": vocabulary}
    schema: Schema = {"type": "string"} if accepts(annotation, "") else {"type": "string", "minLength": 1}
    if accepts(annotation, BASE64_SAMPLE) and not accepts(annotation, OUTSIDE_EVERY_VOCABULARY):
        return {**schema, "format": "byte", "description": "In base64."}
    return schema


def accepts(annotation: Any, value: Any) -> bool:
    """Return True if a field with the annotation accepts a value."""
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True
