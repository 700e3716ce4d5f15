"""Check of the records of a connection before they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.api.settings import Settings
from airflow_provider_seventime.contract.checking import check_record
from airflow_provider_seventime.contract.spec import CollectionSpec, Write


class RecordChecker:
    """Checks records by the settings of a connection.

    :param settings: the connection: its time zone, its acting user, and ``strict``, which refuses unknown fields.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check(self, collection: CollectionSpec, write: Write, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record as the API takes it.

        :param collection: the collection.
        :param write: ``create``, ``update``, ``delete`` or ``analyse``.
        :param record: the record in the API's terms.
        :raises ConfigError: the collection has no such write.
        :raises InvalidRecordError: the record is wrong. The error lists every problem.
        """
        settings = self._settings
        return check_record(collection, write, record, settings.zone, settings.acting_user, strict=settings.strict)
