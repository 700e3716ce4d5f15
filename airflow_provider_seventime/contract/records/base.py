"""The base of every record model: all problems at once, each with its path, a wrong name with the nearest right one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from airflow_provider_seventime.contract.codes import ITEM_TYPE_SPELLINGS, folded_name
from airflow_provider_seventime.contract.names import suggestion

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequiredWhen:
    """A field that is required only when another field has certain values.

    :param field: the required field.
    :param when: the deciding field.
    :param values: values of ``when`` that require it, as codes; empty: any value does.
    :param unless: in place of ``when``: another field that may stand in for the required one.
    """

    field: str
    when: str = ""
    values: tuple[object, ...] = ()
    unless: str = ""

    def problem(self, data: Mapping[str, Any]) -> str | None:
        """Return what is wrong with the data, or None."""
        if is_given(data, self.field):
            return None
        if self.unless:
            return None if is_given(data, self.unless) else f"required when {self.unless} is not given"
        if not self.values:
            return f"required when {self.when} is given" if is_given(data, self.when) else None
        if not self._decides(data.get(self.when)):
            return None
        shown = " or ".join(_shown(value) for value in self.values)
        return f"required when {self.when} is {shown}"

    def _decides(self, given: object) -> bool:
        return bool(spellings(given) & {form for value in self.values for form in spellings(value)})


def is_given(data: Mapping[str, Any], name: str) -> bool:
    """Tell whether a field is there and holds something."""
    return data.get(name) not in (None, "")


def spellings(value: object) -> frozenset[str]:
    """Return the folded forms of a code: ``2``, ``"2"`` and ``"rut"`` each share one with ``InvoiceType.RUT``."""
    if isinstance(value, Enum):
        return frozenset({str(value.value).casefold(), value.name.casefold()})
    folded = folded_name(str(value).strip())
    return frozenset({folded, str(ITEM_TYPE_SPELLINGS.get(folded, folded)).casefold()})


def _shown(value: object) -> str:
    if isinstance(value, Enum):
        return f"{value.value} ({value.name})" if isinstance(value.value, int) else str(value.value)
    return str(value).lower() if isinstance(value, bool) else str(value)


class Record(BaseModel):
    """A record, or a part of one.

    Unknown fields are refused with the nearest right name, numbers for text fields are taken as text, and None means
    "not given" unless a model says otherwise. Where the vendor names no fields (``documented_loosely``) unknown ones
    pass.
    """

    model_config = ConfigDict(
        extra="allow", coerce_numbers_to_str=True, str_strip_whitespace=False, populate_by_name=False, frozen=True
    )

    conditions: ClassVar[tuple[RequiredWhen, ...]] = ()
    right_names: ClassVar[dict[str, str]] = {}
    documented_loosely: ClassVar[bool] = False

    @classmethod
    def rules(cls, data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """Yield (field, problem) for what no type can say; the data may still be wrong in every other way."""
        for condition in cls.conditions:
            problem = condition.problem(data)
            if problem:
                yield condition.field, problem

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Return the API's names of the fields."""
        return tuple(info.alias or name for name, info in cls.model_fields.items())

    @classmethod
    def writable(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part of an answer that may be written back: what this model knows, in nested records too."""
        kept: dict[str, Any] = {}
        for name, info in cls.model_fields.items():
            value = data.get(info.alias or name)
            if value in (None, ""):
                continue
            part = record_type(info.annotation)
            if part is not None and isinstance(value, list):
                value = [part.writable(one) if isinstance(one, Mapping) else one for one in value]
            elif part is not None and isinstance(value, Mapping):
                value = part.writable(value)
            kept[info.alias or name] = value
        return kept

    @model_validator(mode="wrap")
    @classmethod
    def _collect_problems(cls, data: Any, handler: ModelWrapValidatorHandler[Record], info: ValidationInfo) -> Record:
        if not isinstance(data, Mapping):
            raise _problem(f"must be an object with the fields {', '.join(cls.field_names())}, not {_kind(data)}")
        given = {name: value for name, value in data.items() if value is not None}
        unknown = [] if cls.documented_loosely else [str(name) for name in given if name not in cls.field_names()]
        found = [_detail((name,), cls._unknown(name)) for name in _refused(unknown, info)]
        found += [_detail((name,), text) for name, text in cls.rules(given)]
        try:
            record = handler(given)
        except ValidationError as error:
            found += [_detail(one["loc"], _said(one), one["type"]) for one in error.errors()]
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return record

    @classmethod
    def _unknown(cls, name: str) -> str:
        right = cls.right_names.get(name)
        return f"unknown field; {f'did you mean {right!r}?' if right else suggestion(name, cls.field_names())}"


def record_type(annotation: Any) -> type[Record] | None:
    """Return the record model that an annotation holds, as in ``list[InvoiceItem] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    inner = (record_type(one) for one in get_args(annotation))
    return next((one for one in inner if one is not None), None)


def _refused(unknown: list[str], info: ValidationInfo) -> list[str]:
    """Return the unknown fields that are refused: all of them, or none and a warning where the caller is not strict."""
    context = info.context or {}
    if context.get("strict", True):
        return unknown
    for name in unknown:
        logger.warning("%s: unknown field %s is sent all the same", context.get("subject", "record"), name)
    return []


def _problem(text: str) -> PydanticCustomError:
    return PydanticCustomError("problem", "{text}", {"text": text})


def _detail(path: tuple[int | str, ...], text: str, kind: str = "problem") -> InitErrorDetails:
    error = PydanticCustomError(kind, "{text}", {"text": text})
    return InitErrorDetails(type=error, loc=path, input=None)


def _said(error: Any) -> str:
    """Put a pydantic error into this package's words."""
    if error["type"] == "missing":
        return "required"
    text = str(error["msg"])
    if error["type"] in ("problem", "value_error"):
        return text.removeprefix("Value error, ")
    text = text[:1].lower() + text[1:]
    given = error["input"]
    return f"{text}, not {given!r:.60}" if isinstance(given, str | int | float) else f"{text}, not {_kind(given)}"


def _kind(value: object) -> str:
    return {list: "a list", dict: "an object", str: "text", type(None): "nothing"}.get(
        type(value), type(value).__name__
    )
