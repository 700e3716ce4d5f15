"""Arguments of the rules, and the set of rules that each collection has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.state.store import Record, Store


@dataclass(frozen=True, slots=True)
class WriteContext:
    """State and time that one request works with.

    :param store: all records and number series.
    :param now: time on the sandbox's clock.
    :param zone: time zone of the account.
    """

    store: Store
    now: datetime
    zone: tzinfo

    @property
    def timestamp(self) -> str:
        """``now`` as the API writes it: ``2026-10-01T10:00:00.000Z``."""
        return format_instant(self.now)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One create or update.

    :param collection: collection of the record.
    :param before: the record before the change; None: the record is new.
    :param given: fields of the request, under the names that responses use.
    :param acting_user: id of the user who makes the change; None: the request names no user.
    """

    collection: CollectionSpec
    before: Record | None
    given: Mapping[str, Any]
    acting_user: str | None


Complete = Callable[[WriteContext, RecordChange, Record], Record]


def unchanged(_context: WriteContext, _change: RecordChange, record: Record) -> Record:
    """Return the record as it is, for a collection without computed fields."""
    return record


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """Rules of one collection, beside those that every collection has.

    :param complete: computes fields and checks the record, after the common rules.
    :param defaults: values of fields of a new record that the request leaves out.
    :param renamed: name of a field in requests -> name in responses, where the two differ.
    :param unique: fields whose value no two records share.
    :param first_number: first number of the series, unless the seed has used numbers.
    :param numbered: a new record without a number takes the next one of the series.
    :param write_only: fields of requests that are not stored.
    :param internal: fields that are stored, that lists may be filtered by, and that responses do not contain.
    :param shown_on_create: internal fields that the response to the create contains.
    :param filter_defaults: filters of a list whose query does not set them.
    :param shown_on_delete: fields of the response to a delete. None: id, name and number. Empty: the whole record.
    """

    complete: Complete = unchanged
    defaults: Mapping[str, Any] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    first_number: int = 1001
    numbered: bool = True
    write_only: frozenset[str] = frozenset({"modifiedByUser", "deletedByUser"})
    internal: frozenset[str] = frozenset()
    shown_on_create: frozenset[str] = frozenset()
    filter_defaults: Mapping[str, str] = field(default_factory=dict)
    shown_on_delete: tuple[str, ...] | None = None

    def visible(self, record: Record, *, created: bool = False) -> Record:
        """Return a record without its internal fields.

        :param created: the record is the response to its create.
        """
        hidden = self.internal - self.shown_on_create if created else self.internal
        return {name: value for name, value in record.items() if name not in hidden} if hidden else record
