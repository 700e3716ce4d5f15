"""Create once: a reference kept in a text field makes a create safe to repeat.

The API has no idempotency keys. So each record carries our reference as a last line, ``[ref: ...]``, of a text field;
it is looked for before the record is created, and again when the answer to a create was lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Protocol

from airflow_provider_seventime.api.retries import certainly_not_done
from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.resource import FilterKind, Resource
from airflow_provider_seventime.dates import days_around, read_date
from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    ConfigError,
    InvalidRecordError,
    ProtocolError,
    ServerError,
    SevenTimeError,
    TransportError,
)

LONGEST_REFERENCE = 200
MARK = re.compile(r"\[ref: ([^\[\]\r\n]+)\]")
MARGIN = timedelta(days=1)
# While an answer is lost the server may still be at work: look this often, after these waits, before posting again.
LOOK_AGAIN_AFTER_SECONDS = (1.0, 2.0, 4.0)
POSTS = 3


@dataclass(frozen=True, slots=True)
class Created:
    """The outcome of a create.

    :param record: the record as the API holds it.
    :param created: False when it was there before this call.
    """

    record: dict[str, Any]
    created: bool


def check_reference(reference: str) -> str:
    """Return a reference without blanks around it.

    :raises ConfigError: it is empty, too long, or holds a bracket or a line end.
    """
    text = str(reference).strip()
    if not text or text == "None":
        raise ConfigError("reference: it is empty, perhaps because a template rendered to nothing; nothing was sent")
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


def reference_field_of(resource: Resource, asked: str | None) -> str:
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


def search_filters(
    resource: Resource, record: Mapping[str, Any], zone: tzinfo, owner_value: Callable[[str, str, str], str]
) -> dict[str, Any]:
    """Return the filters that narrow the look-up of a reference.

    By the record's own date, a day wider on both sides; without a date by its owner.

    :param resource: the collection.
    :param record: the record to be created.
    :param zone: the account's time zone.
    :param owner_value: given collection, id and field, returns what the owner's filter wants.
    """
    search = resource.reference_search
    written = record.get(search.date_field) if search.date_field else None
    if isinstance(written, str):
        first, last = days_around(read_date(written, zone), MARGIN)
        spans = ((search.from_filter, first), (search.to_filter, last))
        return {name: _edge(resource, name, day) for name, day in spans if name}
    owner = record.get(search.owner_field) if search.owner_field else None
    if not search.owner_filter or not owner:
        return {}
    if not search.owner_resource:
        return {search.owner_filter: owner}
    value = owner_value(search.owner_resource, owner, search.owner_value)
    return {search.owner_filter: value} if value else {}


def _edge(resource: Resource, name: str, day: date) -> Any:
    if resource.filters[name].kind is FilterKind.TIME:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return day


def match_reference(
    resource: Resource, records: Iterable[Mapping[str, Any]], field: str, reference: str, record: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the record that carries the reference, or None.

    :param resource: the collection.
    :param records: the records that the look-up found.
    :param field: the field that keeps the reference.
    :param reference: the reference.
    :param record: the record to be created.
    :raises AmbiguousWriteError: several records carry it.
    :raises InvalidRecordError: the one that carries it belongs to another owner.
    """
    found = [dict(one) for one in records if reference in references_in(one.get(field))]
    if not found:
        return None
    if len(found) > 1:
        listed = ", ".join(str(one.get("_id")) for one in found)
        raise AmbiguousWriteError(
            f"{resource.name}: {len(found)} records carry the reference {reference!r} ({listed}). "
            "Delete what is too many in Seven Time, then try again"
        )
    owner = resource.reference_search.owner_field
    if owner and record.get(owner) and found[0].get(owner) != record[owner]:
        raise InvalidRecordError(
            f"{resource.name}: create",
            [
                f"{owner}: the reference {reference!r} is already on {found[0].get('_id')}, which belongs to {owner} "
                f"{found[0].get(owner)}, not to {record[owner]}; give each record a reference of its own"
            ],
        )
    return found[0]


class Writer(Protocol):
    """What create once needs of a client."""

    def post(self, resource: Resource, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a checked record with one POST."""

    def search(self, resource: Resource, filters: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Read the records of a list."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


def create_once(
    writer: Writer,
    resource: Resource,
    record: Mapping[str, Any],
    *,
    reference: str,
    field: str,
    filters: Mapping[str, Any],
) -> Created:
    """Create a record unless one with its reference is there already.

    :param writer: the client.
    :param resource: the collection.
    :param record: the checked record, which carries the reference.
    :param reference: the reference.
    :param field: the field that keeps it.
    :param filters: what narrows the look-up.
    :raises SevenTimeError: the record could not be created; trying the whole call again is safe.
    """

    def look_up() -> dict[str, Any] | None:
        return match_reference(resource, writer.search(resource, filters), field, reference, record)

    there = look_up()
    if there is not None:
        return Created(there, created=False)
    lost: SevenTimeError | None = None
    for _ in range(POSTS):
        try:
            return Created(writer.post(resource, record), created=True)
        except (TransportError, ServerError, ProtocolError) as error:
            if certainly_not_done(error):
                raise
            lost = error
        for seconds in LOOK_AGAIN_AFTER_SECONDS:
            writer.sleep(seconds)
            there = look_up()
            if there is not None:
                return Created(there, created=True)
    raise lost or AmbiguousWriteError(f"{resource.name}: no create was tried")


def create_blindly(writer: Writer, resource: Resource, record: Mapping[str, Any]) -> Created:
    """Create a record that has no reference.

    :raises AmbiguousWriteError: the answer was lost, so that nobody can tell whether the record is there.
    """
    try:
        return Created(writer.post(resource, record), created=True)
    except (TransportError, ServerError, ProtocolError) as error:
        if certainly_not_done(error):
            raise
        raise AmbiguousWriteError(
            f"{resource.name}: the record was sent and the answer lost ({error}). It may be there or not: look for it "
            "in Seven Time before you send it again, and give such records a reference"
        ) from error
