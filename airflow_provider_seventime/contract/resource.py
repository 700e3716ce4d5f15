"""The form in which one collection of the API is described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Literal


class FieldKind(StrEnum):
    """What a plain field of an answer holds."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"


class FilterKind(StrEnum):
    """What a filter takes."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CODE = "code"
    DATE = "date"
    TIME = "time"


class Match(StrEnum):
    """How a filter compares with the record's field."""

    EQUALS = "equals"
    CONTAINS = "contains"
    FROM = "from"
    TO = "to"


Operation = Literal["list", "get", "create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter of a list.

    :param kind: what it takes.
    :param field: the record's field that it looks at, dotted for nested ones; empty: the filter's own name.
    :param match: how it compares.
    :param required: the API refuses a list without it.
    :param codes: for ``CODE``: the enumeration.
    """

    kind: FilterKind = FilterKind.TEXT
    field: str = ""
    match: Match = Match.EQUALS
    required: bool = False
    codes: type[Enum] | None = None


@dataclass(frozen=True, slots=True)
class ReferenceSearch:
    """How the records that may carry a reference are narrowed before they are compared on our side.

    :param date_field: the date of the record to be created that the look-up goes by; None where there is none.
    :param from_filter: filter for the first date.
    :param to_filter: filter for the last date.
    :param owner_field: the record's field that must agree with the one found.
    :param owner_filter: filter that narrows by the owner when there is no date; None where there is none.
    :param owner_resource: collection of the owner, when ``owner_filter`` wants another field of it than its id.
    :param owner_value: field of the owner that ``owner_filter`` wants.
    """

    date_field: str | None = None
    from_filter: str | None = None
    to_filter: str | None = None
    owner_field: str | None = None
    owner_filter: str | None = None
    owner_resource: str | None = None
    owner_value: str = "_id"


@dataclass(frozen=True, slots=True)
class Resource:
    """One collection: what it is called, what can be done with it, and its quirks as data.

    :param name: the API's own name, which is also the path.
    :param fields: the documented plain fields of an answer, beside ``_id``; nested ones are left to the record itself.
    :param filters: query parameters of the list, beside ``sortBy``, ``sortDirection``, ``limit`` and ``page``.
    :param create: record model for POST, as ``module:Class`` below ``contract.records``; None: cannot be created.
    :param update: record model for PUT.
    :param delete: record model for DELETE.
    :param listed: there is a list.
    :param gettable: one record can be fetched by id.
    :param paged: the list has ``meta`` and pages; False: a bare ``data``.
    :param singleton: there is one record and no id.
    :param name_field: field that names a record to a person.
    :param number_field: the human number of a record.
    :param status_field: the status of a record.
    :param status_codes: enumeration of ``status_field``.
    :param reference_field: text field that keeps our reference, so that a create can be repeated.
    :param reference_search: how to find it again.
    :param restated_on_update: fields that a PUT must repeat even where they do not change.
    """

    name: str
    fields: Mapping[str, FieldKind]
    filters: Mapping[str, Filter] = field(default_factory=lambda: MappingProxyType({}))
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    listed: bool = True
    gettable: bool = True
    paged: bool = True
    singleton: bool = False
    name_field: str = "name"
    number_field: str | None = None
    status_field: str | None = None
    status_codes: type[IntEnum] | None = None
    reference_field: str | None = None
    reference_search: ReferenceSearch = field(default_factory=ReferenceSearch)
    restated_on_update: tuple[str, ...] = ()

    @property
    def operations(self) -> frozenset[Operation]:
        """What can be done with the collection."""
        possible: dict[Operation, bool] = {
            "list": self.listed,
            "get": self.gettable,
            "create": self.create is not None,
            "update": self.update is not None,
            "delete": self.delete is not None,
        }
        return frozenset(operation for operation, there in possible.items() if there)
