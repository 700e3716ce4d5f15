"""Repair of JSON that no strict decoder reads: a byte order mark, and halves of characters outside a pair.

A program that cuts a text by UTF-16 units leaves half of an emoji, which JSON writes as an escape of its own. One such
text would make its whole collection unreadable.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime import exact_json

logger = logging.getLogger(__name__)

_MOST_NAMED = 10
# A pair of halves, a half outside a pair, or any other escape, so that the second of two backslashes begins none.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)


def has_half_characters(body: bytes) -> bool:
    """Return whether a body holds halves of characters outside a pair. A body without escapes costs one search."""
    return b"\\u" in body and any(found[1] for found in _ESCAPE.finditer(body))


def repaired(body: bytes, operation: str) -> bytes | None:
    """Return a body with U+FFFD for halves of characters and without a byte order mark; None: it has neither.

    A warning names the records whose texts were changed.

    :param body: of a response, which could not be decoded.
    :param operation: method and path, for the log.
    """
    text = body.removeprefix(codecs.BOM_UTF8)
    changed = _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], text)
    if changed == body:
        return None
    if changed != text:
        logger.warning(
            "%s: texts hold halves of characters, which are read as U+FFFD: %s",
            operation,
            ", ".join(_ids_of_changed(changed)) or "no record has an id",
        )
    return changed


def _ids_of_changed(body: bytes) -> list[str]:
    try:
        content: Any = exact_json.decode(body)
    except ValueError:
        return []
    held = content.get("data", content) if isinstance(content, Mapping) else content
    records = held if isinstance(held, list) else [held]
    mark = "\N{REPLACEMENT CHARACTER}".encode()
    ids = [
        record["_id"]
        for record in records
        if isinstance(record, Mapping) and isinstance(record.get("_id"), str) and mark in exact_json.encode(record)
    ]
    return [f"{one!r:.60}" for one in ids[:_MOST_NAMED]] + (["..."] if len(ids) > _MOST_NAMED else [])
