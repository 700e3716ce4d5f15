"""What rules may look at, and the form in which a collection's own rules are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.state.store import Record, Store


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one write.

    :param store: everything that the sandbox holds.
    :param now: the sandbox's instant.
    :param zone: the account's time zone.
    """

    store: Store
    now: datetime
    zone: tzinfo

    @property
    def stamp(self) -> str:
        """The sandbox's instant as answers write it."""
        return format_instant(self.now)


@dataclass(frozen=True, slots=True)
class Change:
    """One create or update on its way through the rules.

    :param resource: the collection.
    :param before: the record as it was; None: it is being made.
    :param given: what the write carried, in the API's terms for answers.
    :param acting_user: id of the user who makes the change; None: not told.
    """

    resource: CollectionSpec
    before: Record | None
    given: Mapping[str, Any]
    acting_user: str | None


Complete = Callable[[Context, Change, Record], Record]


def unchanged(_context: Context, _change: Change, record: Record) -> Record:
    """Return the record as it is: a collection without rules of its own."""
    return record


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """What is particular to one collection.

    :param complete: finishes a record after the common rules.
    :param defaults: fields of a new record, beside the blank documented ones.
    :param renamed: fields that a write spells otherwise than an answer does.
    :param unique: fields that no two records share.
    :param first_number: where a number series begins that nothing was seeded into.
    :param numbered: new records without a number get the next of the series.
    :param write_only: fields that answers never show.
    :param internal: fields that lists are filtered by, or that the sandbox keeps for itself: no answer shows them.
    :param shown_once: those of them that the answer to the create shows.
    :param filter_defaults: what a list is filtered by where its query does not say.
    :param shown_on_delete: fields of the answer to a delete; None: id, name and number; empty: the whole record.
    """

    complete: Complete = unchanged
    defaults: Mapping[str, Any] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    first_number: int = 1001
    numbered: bool = True
    write_only: frozenset[str] = frozenset({"modifiedByUser", "deletedByUser"})
    internal: frozenset[str] = frozenset()
    shown_once: frozenset[str] = frozenset()
    filter_defaults: Mapping[str, str] = field(default_factory=dict)
    shown_on_delete: tuple[str, ...] | None = None

    def shown(self, record: Record, *, just_made: bool = False) -> Record:
        """Return a record as answers show it.

        :param just_made: it is the answer to its create.
        """
        hidden = self.internal - self.shown_once if just_made else self.internal
        return {name: value for name, value in record.items() if name not in hidden} if hidden else record
