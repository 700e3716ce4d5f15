"""Webhook subscriptions."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.state.store import Record

SECRET_BYTES = 32


def _complete(_context: WriteContext, _change: RecordChange, record: Record) -> Record:
    try:
        address = urlsplit(record["url"])
        usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise bad_request(f"url: must be a web address with http or https, not {record['url']!r:.60}")
    return {**record, "secret": secrets.token_hex(SECRET_BYTES)}


WEBHOOK_SUBSCRIPTIONS = CollectionRules(
    complete=_complete,
    internal=frozenset({"secret"}),
    shown_on_create=frozenset({"secret"}),
    defaults={"isActive": True, "events": []},
)
