"""References in a text field of a record: written, found and preserved.

The API has no idempotency keys. A create therefore writes its reference as the last line, ``[ref: ...]``, of a text
field.
"""

from __future__ import annotations

import html
import re
import unicodedata

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import require_rendered

MAX_REFERENCE_CHARACTERS = 200
REFERENCE_PATTERN = re.compile(r"\[ref:[^\S\r\n]+([^\[\]\r\n]+)\]", re.IGNORECASE)
HTML_CHARACTERS = frozenset("&<>")
# Categories of Unicode: controls, formats (among them characters without width), surrogates, private use, unassigned,
# and separators of lines and paragraphs.
INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def normalised(text: str) -> str:
    """Return a text in the form in which references are compared.

    The API or a person may rewrite a text. So these make no difference: compatibility characters (NFKC), case, HTML
    escapes, number and kind of blanks, and characters without width.
    """
    while (changed := _normalised_once(text)) != text:
        text = changed
    return text


def _normalised_once(text: str) -> str:
    folded = unicodedata.normalize("NFKC", _visible(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _visible(text: str) -> str:
    """Return a text without HTML escapes and without characters that have no width."""
    unescaped = html.unescape(text)
    return "".join(character for character in unescaped if unicodedata.category(character) != "Cf")


def check_reference(reference: str) -> str:
    """Return a reference without surrounding whitespace.

    :raises ConfigError: the reference is empty or too long, or contains a bracket, a line break, or a character that
        the API or a person may change unnoticed.
    """
    require_rendered("reference", reference)
    text = str(reference).strip()
    plain = unicodedata.normalize("NFKC", text)
    if len(text) > MAX_REFERENCE_CHARACTERS or not all(
        REFERENCE_PATTERN.fullmatch(f"[ref: {form}]") for form in (text, plain)
    ):
        raise ConfigError(
            f"reference: {text!r:.60} must be one line of at most {MAX_REFERENCE_CHARACTERS} characters without [ or ]"
        )
    fragile = sorted({character for character in text + plain if _reason_to_refuse(character)})
    if fragile:
        listed = "; ".join(f"{character!a} {_reason_to_refuse(character)}" for character in fragile[:5])
        raise ConfigError(
            f"reference: {text!r:.60} might not be found again: {listed}. Use letters, digits and - . / :"
        )
    return text


def _reason_to_refuse(character: str) -> str | None:
    if character in HTML_CHARACTERS:
        return "changes when a text is escaped for HTML"
    if unicodedata.category(character) in INVISIBLE_CATEGORIES:
        return "is invisible, so it may be lost when a text is copied or stored"
    return None


def add_reference(text: str | None, reference: str) -> str:
    """Return a text with the reference as its last line. A text that has the reference already is not changed."""
    if has_reference(text, reference):
        return text or ""
    return f"{text.rstrip()}\n[ref: {reference}]" if text and text.strip() else f"[ref: {reference}]"


def has_reference(text: object, reference: str) -> bool:
    """Return True if a text has a reference, in whatever spelling."""
    return normalised(reference) in map(normalised, references_in(text))


def references_in(text: object) -> tuple[str, ...]:
    """Return the references in a text, in the text's spelling. Compare them by :func:`normalised`."""
    if not isinstance(text, str):
        return ()
    return tuple(found for found in map(str.strip, REFERENCE_PATTERN.findall(_visible(text))) if found)


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
