"""Form bodies with nested fields in brackets: ``billingSettings[city]=Lund&users[0]=...``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from airflow_provider_seventime.sandbox.refusal import bad_request

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
DEEPEST = 8
MOST_FIELDS = 10_000


def decode_form(body: bytes) -> dict[str, Any]:
    """Read a form.

    :return: text, objects, and lists where the names in the brackets are numbers or empty.
    :raises RequestRefusedError: it is no form, or a field contradicts another.
    """
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise bad_request(f"the body is no form: {error}") from error
    form: dict[str, Any] = {}
    for name, value in pairs:
        _put(form, name, value)
    return {name: _with_lists(value) for name, value in form.items()}


def _put(form: dict[str, Any], name: str, value: str) -> None:
    match = NAME.fullmatch(name)
    steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else []
    if not steps or len(steps) > DEEPEST:
        raise bad_request(f"{name:.60}: is no name of a field")
    place = form
    for step in steps[:-1]:
        place = place.setdefault(step or str(len(place)), {})
        if not isinstance(place, dict):
            raise bad_request(f"{name:.60}: is given as text too")
    last = steps[-1] or str(len(place))
    if last in place:
        raise bad_request(f"{name:.60}: is given more than once")
    place[last] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(part) for name, part in value.items()}
    if all(re.fullmatch(r"\d{1,9}", name) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
