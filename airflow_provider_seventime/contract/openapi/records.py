"""What create, update and delete may carry, as schemas: the record models seen from outside."""

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

    :param components: keeps the schema, and those of the parts that the record has.
    :param integers: the numbers among its fields that are integers ones in answers. Defaults to none.
    """
    hints = get_type_hints(model, include_extras=True)
    properties = {}
    required = []
    for name, info in model.model_fields.items():
        spelled = info.alias or name
        sentences = (condition_sentence(one) for one in model.conditions if one.field == spelled)
        schema = field_schema(hints[name], components)
        if spelled in integers and schema == NUMBER:
            schema = {"type": "integer"}
        properties[spelled] = with_description(schema, *sentences)
        if info.is_required():
            required.append(spelled)
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
    """Yield name and model of the fields that hold records of their own; a list of them is named ``invoiceItems[]``."""
    hints = get_type_hints(model, include_extras=True)
    for name in model.model_fields:
        base = _without_validators(_without_none(hints[name]))
        part = record_type(base)
        if part is not None:
            yield f"{name}{'[]' if get_origin(base) is list else ''}", part


def condition_sentence(condition: RequiredWhen) -> str:
    """Return when a field is required, in the words in which its absence is refused."""
    deciding = {condition.when: condition.values[0] if condition.values else "given"} if condition.when else {}
    problem = condition.problem(deciding) or ""
    return f"{problem[:1].upper()}{problem[1:]}."


def field_schema(annotation: Any, components: Components) -> Schema:
    """Return the schema of a field.

    :param annotation: as the model has it, with the validators in it.
    :raises ValueError: there is no rule for such an annotation.
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
    raise ValueError(f"{annotation!r} has no OpenAPI schema yet: add one in contract/openapi/records.py")


def _list_schema(annotation: Any, base: Any, components: Components) -> Schema:
    schema: Schema = {"type": "array", "items": field_schema(get_args(base)[0], components)}
    return schema if accepts(annotation, []) else {**schema, "minItems": 1}


def _code_schema(annotation: Any, codes: type[Enum], components: Components) -> Schema:
    taken = [member for member in codes if accepts(annotation, member)]
    return codes_schema(codes, components) if len(taken) == len(codes) else enum_schema(taken)


def _text_schema(annotation: Any) -> Schema:
    """Return the schema of text with a validator: words of a vocabulary where it accepts those and no others."""
    for vocabulary in VOCABULARIES:
        if all(accepts(annotation, word) for word in vocabulary) and not accepts(annotation, OUTSIDE_EVERY_VOCABULARY):
            return {"type": "string", "enum": vocabulary}
    schema: Schema = {"type": "string"} if accepts(annotation, "") else {"type": "string", "minLength": 1}
    if accepts(annotation, BASE64_SAMPLE) and not accepts(annotation, OUTSIDE_EVERY_VOCABULARY):
        return {**schema, "format": "byte", "description": "In base64."}
    return schema


def accepts(annotation: Any, value: Any) -> bool:
    """Tell whether a field with that annotation accepts a value."""
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True
