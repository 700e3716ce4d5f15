"""Records made once, through the API: checked, marked, looked for, sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from airflow_provider_seventime.api.endpoints import Endpoints
from airflow_provider_seventime.api.http.clock import Clock
from airflow_provider_seventime.api.http.versions import V1_ROWS
from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.api.writing.create_batch import check_each, create_each
from airflow_provider_seventime.api.writing.create_once import (
    CreateResult,
    IfExists,
    PriorAttempts,
    WriteLog,
    check_exists,
    create_blindly,
    create_once,
)
from airflow_provider_seventime.api.writing.lookup import Mark, Wanted, number_mark, search_filters
from airflow_provider_seventime.api.writing.references import add_reference, check_reference, reference_field_of
from airflow_provider_seventime.contract.checking import check_record
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError


class Creator:
    """What the client's creates do.

    :param settings: the connection.
    :param endpoints: sends the requests.
    :param clock: what waiting goes by.
    :param list_records: given collection and filters, yields the records of a list.
    :param get: given collection and id, returns one record.
    """

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints,
        clock: Clock,
        list_records: Callable[[str, Mapping[str, Any]], Iterator[dict[str, Any]]],
        get: Callable[[str, str], dict[str, Any]],
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._clock = clock
        self._list = list_records
        self._get = get

    def one(
        self,
        entry: CollectionSpec,
        record: Mapping[str, Any],
        reference: str | None,
        field: str | None,
        *,
        if_exists: IfExists,
        before: PriorAttempts,
        intent: WriteLog | None,
    ) -> CreateResult:
        """Create a record, or find it: see :meth:`.SevenTimeClient.create_or_find`."""
        wanted = self._wanted(entry, record, reference, field)
        if wanted.mark is None:
            return create_blindly(self, entry, wanted.record, before, intent)
        outcome = create_once(
            self, entry, wanted, filters=lambda: self._narrow(entry, [wanted]), before=before, intent=intent
        )
        return check_exists(entry, wanted, outcome, if_exists)

    def each(
        self,
        entry: CollectionSpec,
        records: Sequence[Mapping[str, Any]],
        references: Sequence[str] | None,
        field: str | None,
        *,
        if_exists: IfExists,
        before: PriorAttempts,
        intent: WriteLog | None,
    ) -> list[CreateResult]:
        """Create many records, or find them: see :meth:`.SevenTimeClient.create_each`."""
        wanted = check_each(entry.name, records, references, partial(self._wanted, entry, field=field))
        return create_each(
            self, entry, wanted, filters=partial(self._narrow, entry), if_exists=if_exists, before=before, intent=intent
        )

    def post(self, resource: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a checked record with one POST."""
        return self._endpoints.post(resource, record)

    def search(self, resource: CollectionSpec, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Read the records of a list.

        :raises ConfigError: version 1 of the API answered as many as it ever does, so there may be more.
        """
        rows = 0
        for record in self._list(resource.name, filters):
            rows += 1
            yield record
        if self._settings.api_version == 1 and rows >= V1_ROWS:
            raise ConfigError(
                f"whether the record is there already cannot be told: version 1 of the API answers {V1_ROWS} rows of "
                f"{resource.name} at most; set api_version to 2 in the connection"
            )

    def sleep(self, seconds: float) -> None:
        """Wait by the client's clock."""
        self._clock.sleep(seconds)

    def _wanted(
        self, entry: CollectionSpec, record: Mapping[str, Any], reference: str | None, field: str | None
    ) -> Wanted:
        if reference is None:
            checked = self._check(entry, record)
            return Wanted(checked, number_mark(entry, checked))
        mark = Mark(reference_field_of(entry, field), check_reference(reference))
        checked = self._check(entry, record)
        checked[mark.field] = add_reference(checked.get(mark.field), mark.value)
        return Wanted(checked, mark)

    def _narrow(self, entry: CollectionSpec, wanted: Sequence[Wanted]) -> dict[str, Any]:
        def owner_value(collection: str, record_id: str, field: str) -> str:
            return str(self._get(collection, record_id).get(field, ""))

        return search_filters(entry, [one.record for one in wanted], self._settings.zone, owner_value)

    def _check(self, entry: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
        settings = self._settings
        return check_record(entry, "create", record, settings.zone, settings.acting_user, strict=settings.strict)
