"""Form bodies of version 1, with nested fields in brackets: ``billingSettings[city]=Lund&users[0]=...``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from airflow_provider_seventime.sandbox.refusal import bad_request

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
MAX_DEPTH = 8
MAX_FIELDS = 10_000


def decode_form(body: bytes) -> dict[str, Any]:
    """Decode a form.

    :return: fields by name. Values are text, objects, or lists if the names in the brackets are numbers or empty.
    :raises RequestRefusedError: the body is not a form, or two fields contradict each other (400).
    """
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise bad_request(f"the body is not a form: {error}") from error
    form: dict[str, Any] = {}
    for name, value in pairs:
        _put(form, name, value)
    return {name: _with_lists(value) for name, value in form.items()}


def _put(form: dict[str, Any], name: str, value: str) -> None:
    match = NAME.fullmatch(name)
    names = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else []
    if not names or len(names) > MAX_DEPTH:
        raise bad_request(f"{name:.60}: is not the name of a field")
    parent = form
    for part in names[:-1]:
        parent = parent.setdefault(part or str(len(parent)), {})
        if not isinstance(parent, dict):
            raise bad_request(f"{name:.60}: is given as text and as an object")
    last = names[-1] or str(len(parent))
    if last in parent:
        raise bad_request(f"{name:.60}: is given more than once")
    parent[last] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {name: _with_lists(part) for name, part in value.items()}
    if all(re.fullmatch(r"\d{1,9}", name) for name in members):
        return [members[name] for name in sorted(members, key=int)]
    return members
