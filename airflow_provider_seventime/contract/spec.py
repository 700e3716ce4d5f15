"""Classes that describe one collection of the API: its operations, fields, filters and special cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Literal


class FieldKind(StrEnum):
    """Type of a plain field in responses."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"


class FilterKind(StrEnum):
    """Type of a filter's value."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CODE = "code"
    DATE = "date"
    TIME = "time"


class Match(StrEnum):
    """Comparison of a filter's value with the record's field."""

    EQUALS = "equals"
    CONTAINS = "contains"
    FROM = "from"
    TO = "to"


Operation = Literal["list", "get", "create", "update", "delete", "analyse"]
Write = Literal["create", "update", "delete", "analyse"]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list, sent as a query parameter.

    :param kind: type of its value.
    :param field: the record's field that it compares, dotted for a nested one. Empty: the field of the filter's name.
    :param match: comparison with the field.
    :param required: the API refuses a list without this filter.
    :param codes: the enumeration of a filter of kind ``CODE``. None for other kinds.
    """

    kind: FilterKind = FilterKind.TEXT
    field: str = ""
    match: Match = Match.EQUALS
    required: bool = False
    codes: type[Enum] | None = None


@dataclass(frozen=True, slots=True)
class ReferenceSearch:
    """Filters that narrow the search for a record with a reference, and the owner that it must have.

    :param date_field: date of the new record by which the search is narrowed. None: the collection has none.
    :param from_filter: filter for the first date.
    :param to_filter: filter for the last date. None: the collection has none.
    :param owner_field: field that must be equal in the new record and the found one. None: no field is compared.
    :param owner_filter: filter by owner, used if the new record has no date. None: the collection has none.
    :param owner_resource: collection of the owner, if ``owner_filter`` takes another field of it than its id.
    :param owner_value: field of the owner that ``owner_filter`` takes.
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
    """Field with a unique value in each record of a collection, which a create may set.

    :param field: the record's field.
    :param filter: filter of the list by this field. None: there is none, so a search reads the whole list.
    """

    field: str
    filter: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Instant by which a collection is divided into periods, and the filters that select one period.

    :param field: the record's instant that decides its period.
    :param from_filter: filter for the first date or time of ``field``.
    :param to_filter: filter for the last date or time of ``field``. None: the collection has none.
    :param ends_filter: filter by the record's end, which is another field. It excludes records that end later and
        records without an end. None: the collection has none.
    """

    field: str
    from_filter: str
    to_filter: str | None = None
    ends_filter: str | None = None


@dataclass(frozen=True, slots=True)
class V1Overrides:
    """Operations and filters of a collection in version 1 of the API.

    Version 1 returns at most 100 rows of a list, returns records without an envelope, and takes forms as bodies.

    :param listed: the API has a list.
    :param gettable: the API returns one record by its id.
    :param create: record model for POST. None: records cannot be created.
    :param filters: filters of the list.
    """

    listed: bool = True
    gettable: bool = False
    create: str | None = None
    filters: Mapping[str, Filter] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """One collection of the API: its name, operations, fields, filters and special cases.

    :param name: the API's own name, which is also the path.
    :param fields: the documented plain fields of a response, beside ``_id``. Nested fields are not described.
    :param filters: filters of the list, beside ``sortBy``, ``sortDirection``, ``limit`` and ``page``.
    :param create: record model for POST, as ``module:Class`` below ``contract.records``. None: records cannot be
        created.
    :param update: record model for PUT, likewise.
    :param delete: record model for DELETE, likewise.
    :param analysed: ``analytics/<name>`` counts and sums the records.
    :param listed: the API has a list.
    :param gettable: the API returns one record by its id.
    :param paged: the list has ``meta`` and pages. False: it has only ``data``.
    :param bare_list: the list is an array without ``data``.
    :param singleton: the collection is one record without an id.
    :param id_field: field that identifies a record.
    :param name_field: field with the name of a record for people.
    :param number_field: field with the number of a record for people. None: there is none.
    :param chosen_numbers: text fields with numbers that users may choose, such as ``A-100``. The API sends them as
        integers if they are whole numbers.
    :param status_field: field with the status of a record. None: there is none.
    :param status_codes: enumeration of ``status_field``. None: its codes are not documented.
    :param cancelled_status: code of ``status_field`` of a record that was cancelled for good. None: there is none.
    :param compared_fields: fields that the API returns as it received them, by which a create compares an existing
        record with the one it was asked for. Rows are compared too.
    :param reference_field: text field for a reference, by which a repeated create finds the record. None: there is
        none.
    :param reference_search: filters that narrow the search for a reference.
    :param unique_number: unique field by which a record without a reference is found. None: there is none.
    :param window: instant by which the collection is divided into periods. None: it cannot be.
    :param restated_on_update: fields that a PUT repeats although they do not change.
    :param created_status: HTTP status of a successful POST.
    :param delete_in_path: a DELETE has the id in its path and no body.
    :param created_resource: collection of the record that a POST returns. None: this collection.
    :param v1: operations and filters in version 1 of the API. None: version 1 does not have the collection.
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
    chosen_numbers: frozenset[str] = frozenset()
    status_field: str | None = None
    status_codes: type[IntEnum] | None = None
    cancelled_status: IntEnum | None = None
    compared_fields: tuple[str, ...] = ()
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
        """The operations that the API has for the collection."""
        possible: dict[Operation, bool] = {
            "list": self.listed,
            "get": self.gettable,
            "create": self.create is not None,
            "update": self.update is not None,
            "delete": self.delete is not None,
            "analyse": self.analysed,
        }
        return frozenset(operation for operation, available in possible.items() if available)

    def in_version(self, version: int) -> CollectionSpec | None:
        """Return the collection as one version of the API has it, or None if that version does not have it.

        :param version: 1 or 2.
        """
        if version != 1:
            return self
        if self.v1 is None:
            return None
        return replace(
            self,
            filters=self.v1.filters,
            listed=self.v1.listed,
            gettable=self.v1.gettable,
            create=self.v1.create,
            update=None,
            delete=None,
            analysed=False,
            paged=False,
            bare_list=True,
        )
