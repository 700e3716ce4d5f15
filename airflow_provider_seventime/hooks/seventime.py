"""Hook: an Airflow connection of type ``seventime`` as a client of the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.get_provider_info import CONN_FIELDS, UI_FIELD_BEHAVIOUR
from airflow_provider_seventime.hooks.connection_parts import (
    FoundConnections,
    missing_connections,
    secrets_of,
)
from airflow_provider_seventime.hooks.several_machines import several_machines_warning, warn_once

if TYPE_CHECKING:  # parsing a DAG must not import requests and pydantic
    from airflow.providers.common.compat.sdk import Connection

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.rate_limit.clock import Clock
    from airflow_provider_seventime.api.settings import Settings


class SevenTimeHook(BaseHook):
    """Hook for every operation of Seven Time's API.

    ::

        hook = SevenTimeHook("seventime_default")
        for time_log in hook.list("timeLogs", {"project": project_id}):
            ...

    Collections and fields have the API's own names. A number with decimals is a ``Decimal`` with the digits of the
    response. A hook may be pickled, and used after a fork of its process: it then opens connections of its own.

    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    conn_name_attr = "seventime_conn_id"
    default_conn_name = "seventime_default"
    conn_type = "seventime"
    hook_name = "Seven Time"

    clock: Clock | None = None
    """Clock for waiting between requests. None: the machine's clock. Tests may set one that does not wait."""

    def __init__(self, seventime_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.seventime_conn_id = seventime_conn_id

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: not the client, whose sockets and locks belong to this process."""
        return {name: value for name, value in self.__dict__.items() if name != "_client"}

    @cached_property
    def _client(self) -> SevenTimeClient:
        return self.new_client()

    def get_conn(self) -> SevenTimeClient:
        """Return the client. A hook has one client, which reuses its HTTP connections.

        After an error has left the ``with`` block of a client, which stops it, the hook makes a new one.

        :raises ConfigError: the Airflow connection is malformed.
        """
        if self._client.left_with_error:
            del self._client
        return self._client

    def new_client(self, attempts: int | None = None) -> SevenTimeClient:
        """Return a new client, which the hook does not keep.

        :param attempts: the most attempts of one request. None: the client's default.
        :raises ConfigError: the Airflow connection is malformed.
        """
        found = FoundConnections(self._found(self.seventime_conn_id))
        pacing = found.pacing_conn_id()
        if pacing is not None:
            found.redis = self._found(pacing)
        return self._build(self._settings(found), attempts)

    async def aget_conn(self, attempts: int | None = None) -> SevenTimeClient:
        """Return a new client, and look up the Airflow connection without blocking the event loop.

        The client's methods block: call them in a thread.

        :param attempts: the most attempts of one request. None: the client's default.
        :raises ConfigError: the Airflow connection is malformed.
        """
        from airflow.providers.common.compat.connection import get_async_connection
        from asgiref.sync import sync_to_async

        with missing_connections():
            found = FoundConnections(await get_async_connection(self.seventime_conn_id))
            pacing = found.pacing_conn_id()
            if pacing is not None:
                found.redis = await get_async_connection(pacing)
        # In a thread, because masking the key blocks: it sends a request to Airflow's supervisor.
        settings = await sync_to_async(self._settings)(found)
        return await sync_to_async(self._build)(settings, attempts)

    def _found(self, conn_id: str) -> Connection:
        with missing_connections():
            return self.get_connection(conn_id)

    def _build(self, settings: Settings, attempts: int | None = None) -> SevenTimeClient:
        from airflow_provider_seventime.api.client import SevenTimeClient

        given = {} if attempts is None else {"attempts": attempts}
        return SevenTimeClient(settings, clock=self.clock, **given)

    def _settings(self, found: FoundConnections) -> Settings:
        try:
            settings, warnings = _read_settings(found)
        except ConfigError as error:
            # Tracebacks may print local variables, and these contain the secrets.
            raise ConfigError(f"connection {self.seventime_conn_id!r}: {error}") from error.with_traceback(None)
        for warning in warnings:
            self.log.warning("Connection %r: %s", self.seventime_conn_id, warning)
        warn_once(self.log, self.seventime_conn_id, settings)
        return settings

    def list(
        self,
        resource: str,
        filters: Mapping[str, Any] | None = None,
        sort_by: str | None = None,
        max_records: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a collection: every page, each record once.

        The list is complete, or the iterator raises an error.

        :param resource: the collection, for example ``timeLogs``.
        :param filters: filter name to value; dates may be ``date``, ``datetime`` or text. None: all records.
        :param sort_by: a field of the records, with a leading minus for descending order. None: by ``_id``.
        :param max_records: stop after this many. None: all.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.list`.
        """
        return self.get_conn().list(resource, filters, sort_by=sort_by, max_records=max_records)

    def list_json(
        self,
        resource: str,
        filters: Mapping[str, Any] | None = None,
        sort_by: str | None = None,
        max_records: int | None = None,
    ) -> Iterator[bytes]:
        """Yield the records of a collection, each as a line of JSON with the text of the response.

        :param resource: as for :meth:`list`; so are ``filters``, ``sort_by`` and ``max_records``.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.list`.
        """
        return self.get_conn().list_json(resource, filters, sort_by=sort_by, max_records=max_records)

    def get(self, resource: str, record_id: str | None = None) -> dict[str, Any]:
        """Return one record.

        :param resource: the collection.
        :param record_id: its ``_id``. None for a collection with a single record, such as ``companyInformation``.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.get`.
        """
        return self.get_conn().get(resource, record_id)

    def create(self, resource: str, record: Mapping[str, Any], reference: str | None = None) -> dict[str, Any]:
        """Create a record and return it as the API returned it.

        A POST is sent again only if the API certainly did not execute it. After a lost response the hook first
        searches for the record by its reference, or by its unique number (for example ``customerNumber``) if it has no
        reference. A record with neither ends in an AmbiguousWriteError.

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: makes the call safe to repeat: an existing record with this reference is returned instead.
            None: the hook does not search before it sends.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.create`.
        """
        return self.get_conn().create(resource, record, reference)

    def update(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Merge changes into a record and return the record as the API returned it.

        The fields that the API requires in every PUT are taken from the current record, and references in changed
        texts are preserved. Nothing is sent if the record already has the changes, so the call may be repeated.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :param changes: the fields to change.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.update`.
        """
        return self.get_conn().update(resource, record_id, changes).record

    def put(self, resource: str, record_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send one PUT with exactly these fields, and return the record as the API returned it.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :param body: the fields to change, and those that the API requires in every PUT.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.put`.
        """
        return self.get_conn().put(resource, record_id, body)

    def delete(self, resource: str, record_id: str) -> dict[str, Any]:
        """Delete a record and return the API's response.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.delete`.
        """
        return self.get_conn().delete(resource, record_id)

    def count(self, resource: str, filters: Mapping[str, Any] | None = None) -> int:
        """Return the number of records in a list, with one request.

        :param resource: the collection.
        :param filters: as for :meth:`list`.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.count`.
        """
        return self.get_conn().count(resource, filters)

    def analyse(self, resource: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of an analysis: counts and sums of a collection, computed by the API.

        :param resource: the collection.
        :param query: ``fromDate``, ``toDate``, ``groupBy``, ``metrics``, ``dateField``, ``filters``, ``sort``,
            ``limit``. None: the API's defaults.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.analyse`.
        """
        return self.get_conn().analyse(resource, query)

    def test_connection(self) -> tuple[bool, str]:
        """Test key and host, and request the acting user if the connection has one.

        :return: True if the connection works, and an explanation. It includes a warning if Airflow runs tasks on
            several machines that do not share the connection's rate limit.
        """
        from airflow_provider_seventime.api.check import check_connection

        try:
            client = self.new_client(attempts=1)
        except ConfigError as error:
            # The page tests a copy of the connection under a random id, which says nothing to the user.
            return False, str(error).removeprefix(f"connection {self.seventime_conn_id!r}: ")
        with client:
            works, message = check_connection(client)
        warning = several_machines_warning(client.settings)
        return works, message if warning is None else f"{message}\n{warning}"

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the fields of the connection form for Airflow before 3.2, which does not read the metadata."""
        from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
        from flask_babel import lazy_gettext
        from wtforms import PasswordField, StringField
        from wtforms.validators import Optional

        kinds = {None: (StringField, BS3TextFieldWidget), "password": (PasswordField, BS3PasswordFieldWidget)}
        form: dict[str, Any] = {}
        for name, described in CONN_FIELDS.items():
            field, widget = kinds[described["schema"].get("format")]
            form[name] = field(
                lazy_gettext(described["label"]),
                widget=widget(),
                validators=[Optional()],
                description=described.get("description", ""),
            )
        return form

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return the labels and placeholders of the connection form for Airflow before 3.2."""
        return {name.replace("-", "_"): value for name, value in UI_FIELD_BEHAVIOUR.items()}


def _mask(secret: Any) -> None:
    """Mask a secret without surrounding whitespace. Airflow itself masks the stored value, as it was entered."""
    from airflow.providers.common.compat.sdk import mask_secret

    text = secret.strip() if isinstance(secret, str) else ""
    if text:
        mask_secret(text)


def _read_settings(found: FoundConnections) -> tuple[Settings, list[str]]:
    """Return the settings of a connection and its warnings, and mask its secrets."""
    from airflow_provider_seventime.api.settings import read_settings

    connection, extra = found.connection, found.extra()
    for secret in (connection.password, *secrets_of(extra)):
        _mask(secret)
    return read_settings(
        host=connection.host,
        password=connection.password,
        port=connection.port,
        login=connection.login,
        schema=connection.schema,
        extra=extra,
    )
