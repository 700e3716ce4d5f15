"""The form in which one collection of the API is described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


Operation = Literal["list", "get", "create", "update", "delete", "analyse"]
Write = Literal["create", "update", "delete", "analyse"]


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
class UniqueNumber:
    """A field that no two records of a collection share, and that whoever creates one may give.

    :param field: the record's field.
    :param filter: the list's filter for it; None: it has none, so the list is read whole.
    """

    field: str
    filter: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """By which instant a collection is cut into periods, and the filters that narrow a list to one.

    :param field: the record's instant that decides to which period it belongs.
    :param from_filter: filter for the first date or time of ``field``.
    :param to_filter: filter for the last one; None: there is none for that field.
    :param ends_filter: filter by another field, the record's end, which leaves out what goes on beyond it and what has
        none; None: there is none.
    """

    field: str
    from_filter: str
    to_filter: str | None = None
    ends_filter: str | None = None


@dataclass(frozen=True, slots=True)
class V1Overrides:
    """What version 1 of the API has of a collection: at most 100 rows of a list, bare answers, forms for bodies.

    :param listed: there is a list.
    :param gettable: one record can be fetched by id.
    :param create: record model for POST; None: cannot be created.
    :param filters: query parameters of its list.
    """

    listed: bool = True
    gettable: bool = False
    create: str | None = None
    filters: Mapping[str, Filter] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """One collection: what it is called, what can be done with it, and its quirks as data.

    :param name: the API's own name, which is also the path.
    :param fields: the documented plain fields of an answer, beside ``_id``; nested ones are left to the record itself.
    :param filters: query parameters of the list, beside ``sortBy``, ``sortDirection``, ``limit`` and ``page``.
    :param create: record model for POST, as ``module:Class`` below ``contract.records``; None: cannot be created.
    :param update: record model for PUT.
    :param delete: record model for DELETE.
    :param analysed: ``analytics/<name>`` counts and sums its records.
    :param listed: there is a list.
    :param gettable: one record can be fetched by id.
    :param paged: the list has ``meta`` and pages; False: a bare ``data``.
    :param bare_list: the list is a bare array, without ``data``.
    :param singleton: there is one record and no id.
    :param id_field: field that identifies a record.
    :param name_field: field that names a record to a person.
    :param number_field: the human number of a record.
    :param status_field: the status of a record.
    :param status_codes: enumeration of ``status_field``.
    :param reference_field: text field that keeps our reference, so that a create can be repeated.
    :param reference_search: how to find it again.
    :param unique_number: what a record can be found by where it carries no reference; None: nothing.
    :param window: by which instant it is cut into periods; None: it cannot be.
    :param restated_on_update: fields that a PUT must repeat even where they do not change.
    :param created_status: HTTP status of a successful POST.
    :param delete_in_path: a DELETE has the id in its path and no body.
    :param created_resource: collection of the record that a POST answers, where it is another than this one.
    :param v1: what version 1 of the API has of it; None: nothing.
    """

    name: str
    fields: Mapping[str, FieldKind]
    filters: Mapping[str, Filter] = field(default_factory=lambda: MappingProxyType({}))
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    analysed: bool = False
    listed: bool = True
    gettable: bool = True
    paged: bool = True
    bare_list: bool = False
    singleton: bool = False
    id_field: str = "_id"
    name_field: str = "name"
    number_field: str | None = None
    status_field: str | None = None
    status_codes: type[IntEnum] | None = None
    reference_field: str | None = None
    reference_search: ReferenceSearch = field(default_factory=ReferenceSearch)
    unique_number: UniqueNumber | None = None
    window: Window | None = None
    restated_on_update: tuple[str, ...] = ()
    created_status: int = 200
    delete_in_path: bool = False
    created_resource: str | None = None
    v1: V1Overrides | None = None

    @property
    def operations(self) -> frozenset[Operation]:
        """What can be done with the collection."""
        possible: dict[Operation, bool] = {
            "list": self.listed,
            "get": self.gettable,
            "create": self.create is not None,
            "update": self.update is not None,
            "delete": self.delete is not None,
            "analyse": self.analysed,
        }
        return frozenset(operation for operation, there in possible.items() if there)

    def in_version(self, version: int) -> CollectionSpec | None:
        """Return the collection as a version of the API has it, or None where that has nothing of it.

        :param version: 1 or 2.
        """
        first = self.v1
        if version != 1 or first is None:
            return None if version == 1 else self
        return replace(
            self,
            filters=first.filters,
            listed=first.listed,
            gettable=first.gettable,
            create=first.create,
            update=None,
            delete=None,
            analysed=False,
            paged=False,
            bare_list=True,
        )
