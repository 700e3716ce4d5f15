"""Our reference in a text field of a record: written, read and kept.

The API has no idempotency keys. So each record carries our reference as a last line, ``[ref: ...]``, of a text field.
"""

from __future__ import annotations

import re

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered

LONGEST_REFERENCE = 200
MARK = re.compile(r"\[ref: ([^\[\]\r\n]+)\]")


def check_reference(reference: str) -> str:
    """Return a reference without blanks around it.

    :raises ConfigError: it is empty, too long, or holds a bracket or a line end.
    """
    require_rendered("reference", reference)
    text = str(reference).strip()
    if len(text) > LONGEST_REFERENCE or not MARK.fullmatch(f"[ref: {text}]"):
        raise ConfigError(
            f"reference: {text!r:.60} must be one line of at most {LONGEST_REFERENCE} characters without [ or ]"
        )
    return text


def add_reference(text: str | None, reference: str) -> str:
    """Return a text with the reference as its last line; a text that carries it already stays as it is."""
    if reference in references_in(text):
        return text or ""
    return f"{text.rstrip()}\n[ref: {reference}]" if text and text.strip() else f"[ref: {reference}]"


def references_in(text: object) -> tuple[str, ...]:
    """Return the references that a text carries."""
    return tuple(found.strip() for found in MARK.findall(text)) if isinstance(text, str) else ()


def keep_references(before: object, after: str) -> str:
    """Return a changed text with the references of the text that it takes the place of."""
    for reference in references_in(before):
        after = add_reference(after, reference)
    return after


def reference_field_of(resource: CollectionSpec, asked: str | None) -> str:
    """Return the field that keeps the reference.

    :param resource: the collection.
    :param asked: a field chosen by the caller; None: the collection's own.
    :raises ConfigError: the collection has no text field for it, or no such field.
    """
    field = asked or resource.reference_field
    writable = record_model(resource, "create").field_names()
    texts = [name for name, kind in resource.fields.items() if kind == "text" and name in writable]
    if field is None:
        raise ConfigError(f"{resource.name} has no text field that could keep a reference: create without one")
    if field not in texts:
        raise ConfigError(
            f"reference_field {field!r} is no text field to write in {resource.name}: {suggestion(field, texts)}"
        )
    return field
