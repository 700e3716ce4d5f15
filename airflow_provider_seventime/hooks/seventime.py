"""The hook: an Airflow connection of type ``seventime`` as a client of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.get_provider_info import CONN_FIELDS, UI_FIELD_BEHAVIOUR

if TYPE_CHECKING:  # requests and pydantic are loaded when work begins, not when a DAG is parsed
    from airflow.providers.common.compat.sdk import Connection

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.api.http.clock import Clock
    from airflow_provider_seventime.api.settings import Settings


class SevenTimeHook(BaseHook):
    """Every operation of Seven Time's API.

    ::

        hook = SevenTimeHook("seventime_default")
        for time_log in hook.list("timeLogs", {"project": project_id}):
            ...

    Collections and fields carry the API's own names. A number with decimals is a ``Decimal`` with the answer's digits.

    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    conn_name_attr = "seventime_conn_id"
    default_conn_name = "seventime_default"
    conn_type = "seventime"
    hook_name = "Seven Time"

    clock: Clock | None = None
    """What waiting between requests goes by. None: the machine's clock; tests may set one that does not wait."""

    def __init__(self, seventime_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.seventime_conn_id = seventime_conn_id

    @cached_property
    def _client(self) -> SevenTimeClient:
        return self._build(self._settings(self.get_connection(self.seventime_conn_id)))

    def get_conn(self) -> SevenTimeClient:
        """Return the client; one hook has one client, whose connections are kept alive.

        :raises ConfigError: the Airflow connection is malformed.
        """
        return self._client

    async def aget_conn(self, attempts: int | None = None) -> SevenTimeClient:
        """Return a client of its own, having looked the connection up without blocking the event loop.

        The client's own calls block: await them in a thread.

        :param attempts: how often a request is sent at most; None: as often as the client does by default.
        :raises ConfigError: the Airflow connection is malformed.
        """
        from airflow.providers.common.compat.connection import get_async_connection
        from asgiref.sync import sync_to_async

        connection = await get_async_connection(self.seventime_conn_id)
        # In a thread: masking the key asks Airflow's supervisor, which blocks.
        settings = await sync_to_async(self._settings)(connection)
        return await sync_to_async(self._build)(settings, attempts)

    def _build(self, settings: Settings, attempts: int | None = None) -> SevenTimeClient:
        from airflow_provider_seventime.api.client import SevenTimeClient

        given = {} if attempts is None else {"attempts": attempts}
        return SevenTimeClient(settings, clock=self.clock, **given)

    def _settings(self, connection: Connection) -> Settings:
        from airflow_provider_seventime.api.settings import read_settings

        _mask(connection.password)
        try:
            settings, warnings = read_settings(
                host=connection.host,
                password=connection.password,
                port=connection.port,
                login=connection.login,
                extra=_read_extra(connection.extra),
            )
        except ConfigError as error:
            # Tracebacks may print variables, and these hold the secrets.
            del connection
            raise ConfigError(f"connection {self.seventime_conn_id!r}: {error}") from error.with_traceback(None)
        for warning in warnings:
            self.log.warning("Connection %r: %s", self.seventime_conn_id, warning)
        return settings

    def list(
        self,
        resource: str,
        filters: Mapping[str, Any] | None = None,
        sort_by: str | None = None,
        max_records: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a collection: every page, each record once, complete or an error.

        :param resource: the collection, for example ``timeLogs``.
        :param filters: filter name to value; dates may be ``date``, ``datetime`` or text. None: all records.
        :param sort_by: a field of the records, descending with a minus in front; None: by ``_id``.
        :param max_records: end after that many; None: all.
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
        """Yield the records of a collection, each as a line of JSON with the very text of the answer.

        :param resource: the collection; ``filters``, ``sort_by`` and ``max_records`` are those of :meth:`list`.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.list`.
        """
        return self.get_conn().list_json(resource, filters, sort_by=sort_by, max_records=max_records)

    def get(self, resource: str, record_id: str | None = None) -> dict[str, Any]:
        """Return one record.

        :param resource: the collection.
        :param record_id: its ``_id``; None for a collection of one, as ``companyInformation``.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.get`.
        """
        return self.get_conn().get(resource, record_id)

    def create(self, resource: str, record: Mapping[str, Any], reference: str | None = None) -> dict[str, Any]:
        """Create a record and return it as the API answered.

        :param resource: the collection.
        :param record: the record in the API's terms.
        :param reference: makes the create safe to repeat. None: a lost answer is an AmbiguousWriteError.
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
        """Delete a record and return what the API answered.

        :param resource: the collection.
        :param record_id: its ``_id``.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.delete`.
        """
        return self.get_conn().delete(resource, record_id)

    def count(self, resource: str, filters: Mapping[str, Any] | None = None) -> int:
        """Return how many records a list has, with one request.

        :param resource: the collection.
        :param filters: as for :meth:`list`.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.count`.
        """
        return self.get_conn().count(resource, filters)

    def analyse(self, resource: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of an analysis: counts and sums that the API makes of a collection.

        :param resource: the collection.
        :param query: ``fromDate``, ``toDate``, ``groupBy``, ``metrics``, ``dateField``, ``filters``, ``sort``,
            ``limit``; None: what the API gives unasked.
        :raises SevenTimeError: see :meth:`.SevenTimeClient.analyse`.
        """
        return self.get_conn().analyse(resource, query)

    def test_connection(self) -> tuple[bool, str]:
        """Ask the API for one number; tell a wrong key from a wrong host from a TLS fault.

        :return: whether it works, and a sentence for a person.
        """
        from airflow_provider_seventime.api.check import check_connection

        try:
            client = self._build(self._settings(self.get_connection(self.seventime_conn_id)), attempts=1)
        except ConfigError as error:
            return False, str(error)
        with client:
            return check_connection(client)

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the fields of the connection page for Airflow before 3.2, which reads no metadata."""
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
        """Return the names and hints of the connection page for Airflow before 3.2."""
        return {name.replace("-", "_"): value for name, value in UI_FIELD_BEHAVIOUR.items()}


def _mask(secret: Any) -> None:
    """Keep a secret out of task logs: Airflow masks it as it stands, perhaps with a line end that is never used."""
    from airflow.providers.common.compat.sdk import mask_secret

    text = secret.strip() if isinstance(secret, str) else ""
    if text:
        mask_secret(text)


def _read_extra(text: str | None) -> Mapping[str, Any]:
    """Read the extras strictly: what cannot be read is an error, not an empty object. Mask the secret among them."""
    if not text or not text.strip():
        return {}
    try:
        extra = json.loads(text)
    except ValueError as error:
        raise ConfigError("extra is no JSON object; correct it in the Airflow connection") from error
    if not isinstance(extra, dict):
        raise ConfigError('extra must be a JSON object, for example {"page_size": 500}')
    _mask(extra.get("hash_secret"))
    return extra
