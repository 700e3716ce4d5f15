"""Addresses of records in Seven Time's web application, from the templates of a connection."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.registry import COLLECTIONS

EXAMPLE = "https://app.seventime.se/#/invoices/{id}"
ANY_COLLECTION = ""
PLACEHOLDER = re.compile(r"\{(id|resource)\}")
PARTS_OF_ADDRESS = re.compile(r"[/#?&=!.:]")


@dataclass(frozen=True, slots=True)
class WebAddresses:
    """Templates of the addresses of records.

    :param templates: collection to template. The key ``""`` is for every collection that has no template of its own.
    """

    templates: Mapping[str, str]

    def of(self, resource: str, record_id: str) -> str | None:
        """Return the address of a record. None: the connection has no template for its collection.

        :param resource: the collection.
        :param record_id: the record's ``_id``.
        """
        template = self.templates.get(resource) or self.templates.get(ANY_COLLECTION)
        if template is None:
            return None
        values = {"id": quote(record_id, safe=""), "resource": resource}
        return PLACEHOLDER.sub(lambda found: values[found[1]], template)


def read_web_url(value: Any) -> WebAddresses:
    """Return the addresses of the extra ``web_url``.

    :param value: a template, or an object of collection to template, which may be text in JSON. A template whose path
        names a collection, such as ``/invoices/``, is for this collection only.
    :raises ValueError: a template or a collection is wrong.
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ValueError("is not a JSON object of collection to address") from error
    if isinstance(value, Mapping):
        for name in value:
            if name not in COLLECTIONS:
                raise ValueError(f"unknown collection {name!r:.60}: {suggestion(str(name), COLLECTIONS)}")
        return WebAddresses({name: _checked(template) for name, template in value.items()})
    template = _checked(value)
    named = [part for part in PARTS_OF_ADDRESS.split(template) if part in COLLECTIONS]
    return WebAddresses(dict.fromkeys(named or [ANY_COLLECTION], template))


def _checked(template: Any) -> str:
    text = template.strip() if isinstance(template, str) else ""
    advice = f"Write an address like {EXAMPLE!r}"
    if "{id}" not in text:
        raise ValueError(f"{template!r:.100} has no {{id}}. {advice}")
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValueError(f"{text!r:.100} has other placeholders than {{id}} and {{resource}}. {advice}")
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as error:
        raise ValueError(f"is not an address. {advice}") from error
    if parts.username or parts.password:
        # The message does not show the text: it may hold a password.
        raise ValueError(f"has a user name or password, which an address of a record does not need. {advice}")
    if parts.scheme not in ("http", "https") or not host or "{" in parts.netloc or re.search(r"\s", text):
        raise ValueError(f"{text!r:.100} is not an address with http or https and a host. {advice}")
    return text
