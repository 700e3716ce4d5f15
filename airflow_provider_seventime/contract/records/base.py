"""Base class of the record models. Validation reports all problems at once, each with the path of its field."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
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
    """Condition under which a field is required.

    :param field: the required field.
    :param when: the field that decides.
    :param values: values of ``when`` that require the field, as codes. Empty: any value.
    :param unless: instead of ``when``: the field is required unless one of these is given.
    """

    field: str
    when: str = ""
    values: tuple[object, ...] = ()
    unless: tuple[str, ...] = ()

    def problem(self, data: Mapping[str, Any]) -> str | None:
        """Return the problem of the data, or None if the condition is met."""
        if is_given(data, self.field):
            return None
        if self.unless:
            given = any(is_given(data, name) for name in self.unless)
            return None if given else f"required when {_none_given(self.unless)}"
        if not self.values:
            return f"required when {self.when} is given" if is_given(data, self.when) else None
        if not self._decides(data.get(self.when)):
            return None
        shown = " or ".join(_shown(value) for value in self.values)
        return f"required when {self.when} is {shown}"

    def _decides(self, given: object) -> bool:
        return bool(spellings(given) & {form for value in self.values for form in spellings(value)})


def _none_given(names: Sequence[str]) -> str:
    return f"{names[0]} is not given" if len(names) == 1 else f"neither {' nor '.join(names)} is given"


def is_given(data: Mapping[str, Any], name: str) -> bool:
    """Return True if a field is present and neither None nor an empty text."""
    return data.get(name) not in (None, "")


def spellings(value: object) -> frozenset[str]:
    """Return the forms of a code for comparison.

    For example ``2``, ``"2"`` and ``"rut"`` each have a form in common with ``InvoiceType.RUT``.
    """
    if isinstance(value, Enum):
        return frozenset({str(value.value).casefold(), value.name.casefold()})
    folded = folded_name(str(value).strip())
    return frozenset({folded, str(ITEM_TYPE_SPELLINGS.get(folded, folded)).casefold()})


def _shown(value: object) -> str:
    if isinstance(value, Enum):
        return f"{value.value} ({value.name})" if isinstance(value.value, int) else str(value.value)
    return str(value).lower() if isinstance(value, bool) else str(value)


class Record(BaseModel):
    """Record, or an object within a record.

    Unknown fields are refused with a suggestion. Numbers in text fields are converted to text. A field with None counts
    as absent. A model with ``documented_loosely`` accepts unknown fields, because the vendor documents few of them.
    ``sample_names`` are wrong names in the vendor's samples: the record is read as if it had the right ones.
    """

    model_config = ConfigDict(
        extra="allow", coerce_numbers_to_str=True, str_strip_whitespace=False, populate_by_name=False, frozen=True
    )

    conditions: ClassVar[tuple[RequiredWhen, ...]] = ()
    right_names: ClassVar[dict[str, str]] = {}
    sample_names: ClassVar[dict[str, str]] = {}
    documented_loosely: ClassVar[bool] = False

    @classmethod
    def rules(cls, data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """Yield (field, problem) for rules beyond types. The data is not validated yet and may have any shape."""
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
        """Return the fields of a response that this model may send back, also in nested records."""
        result: dict[str, Any] = {}
        for name, info in cls.model_fields.items():
            value = data.get(info.alias or name)
            if value in (None, ""):
                continue
            part = record_type(info.annotation)
            if part is not None and isinstance(value, list):
                value = [part.writable(one) if isinstance(one, Mapping) else one for one in value]
            elif part is not None and isinstance(value, Mapping):
                value = part.writable(value)
            result[info.alias or name] = value
        return result

    @model_validator(mode="wrap")
    @classmethod
    def _collect_problems(cls, data: Any, handler: ModelWrapValidatorHandler[Record], info: ValidationInfo) -> Record:
        if not isinstance(data, Mapping):
            raise _problem(f"must be an object with the fields {', '.join(cls.field_names())}, not {_kind(data)}")
        given = cls.with_right_names({name: value for name, value in data.items() if value is not None})
        unknown = [] if cls.documented_loosely else [str(name) for name in given if name not in cls.field_names()]
        found = [_detail((name,), cls._unknown(name)) for name in _refused(unknown, info)]
        found += [_detail((name,), text) for name, text in cls.rules(given)]
        try:
            record = handler(given)
        except ValidationError as error:
            found += [_detail(one["loc"], _message(one), one["type"]) for one in error.errors()]
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return record

    @classmethod
    def with_right_names(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data with the right names for ``sample_names``. A wrong name beside the right one stays."""
        names = {wrong: right for wrong, right in cls.sample_names.items() if right not in data}
        return {names.get(name, name): value for name, value in data.items()}

    @classmethod
    def _unknown(cls, name: str) -> str:
        right = cls.right_names.get(name)
        return f"unknown field; {f'did you mean {right!r}?' if right else suggestion(name, cls.field_names())}"


def record_type(annotation: Any) -> type[Record] | None:
    """Return the record model in an annotation: ``InvoiceItem`` for ``list[InvoiceItem] | None``. None: it has none."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    inner = (record_type(one) for one in get_args(annotation))
    return next((one for one in inner if one is not None), None)


def _refused(unknown: list[str], info: ValidationInfo) -> list[str]:
    """Return the unknown fields to refuse: all of them, or none if the caller is not strict, with a warning each."""
    context = info.context or {}
    if context.get("strict", True):
        return unknown
    for name in unknown:
        subject = context.get("subject", "record")
        logger.warning("%s: sending unknown field %s, because the connection is not strict", subject, name)
    return []


def _problem(text: str) -> PydanticCustomError:
    return PydanticCustomError("problem", "{text}", {"text": text})


def _detail(path: tuple[int | str, ...], text: str, kind: str = "problem") -> InitErrorDetails:
    error = PydanticCustomError(kind, "{text}", {"text": text})
    return InitErrorDetails(type=error, loc=path, input=None)


def _message(error: Any) -> str:
    """Return the message of a pydantic error in the form of this package's messages."""
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
