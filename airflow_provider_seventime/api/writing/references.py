"""References in a text field of a record: written, found and preserved.

The API has no idempotency keys. A create therefore writes its reference as the last line, ``[ref: ...]``, of a text
field.
"""

from __future__ import annotations

import re

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered

MAX_REFERENCE_CHARACTERS = 200
REFERENCE_PATTERN = re.compile(r"\[ref: ([^\[\]\r\n]+)\]")


def check_reference(reference: str) -> str:
    """Return a reference without surrounding whitespace.

    :raises ConfigError: the reference is empty, is too long, or contains a bracket or a line break.
    """
    require_rendered("reference", reference)
    text = str(reference).strip()
    if len(text) > MAX_REFERENCE_CHARACTERS or not REFERENCE_PATTERN.fullmatch(f"[ref: {text}]"):
        raise ConfigError(
            f"reference: {text!r:.60} must be one line of at most {MAX_REFERENCE_CHARACTERS} characters without [ or ]"
        )
    return text


def add_reference(text: str | None, reference: str) -> str:
    """Return a text with the reference as its last line. A text that has the reference already is not changed."""
    if reference in references_in(text):
        return text or ""
    return f"{text.rstrip()}\n[ref: {reference}]" if text and text.strip() else f"[ref: {reference}]"


def references_in(text: object) -> tuple[str, ...]:
    """Return the references in a text."""
    return tuple(found.strip() for found in REFERENCE_PATTERN.findall(text)) if isinstance(text, str) else ()


def preserve_references(old_text: object, new_text: str) -> str:
    """Return the new text with the references of the old one."""
    for reference in references_in(old_text):
        new_text = add_reference(new_text, reference)
    return new_text


def reference_field_of(collection: CollectionSpec, reference_field: str | None) -> str:
    """Return the field for the reference.

    :param collection: the collection.
    :param reference_field: a field that the caller chose. None: the collection's own.
    :raises ConfigError: the collection has no text field for a reference, or no such field.
    """
    field = reference_field or collection.reference_field
    writable = record_model(collection, "create").field_names()
    texts = [name for name, kind in collection.fields.items() if kind == "text" and name in writable]
    if field is None:
        raise ConfigError(f"{collection.name} has no text field for a reference: create without one")
    if field not in texts:
        raise ConfigError(
            f"reference_field {field!r} is not a writable text field of {collection.name}: {suggestion(field, texts)}"
        )
    return field
