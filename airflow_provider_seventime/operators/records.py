"""Read, create, change and delete records of any collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import NotFoundError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.summary import label, plain_values, summarise
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.operators.create_records import SevenTimeCreateOperator

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


__all__ = ["SevenTimeCreateOperator", "SevenTimeDeleteOperator", "SevenTimeGetOperator", "SevenTimeUpdateOperator"]


class SevenTimeGetOperator(BaseOperator):
    """Read one record.

    Returned to XCom: the whole record as the API answered, with numbers that have decimals as text, because XCom would
    make floats of them.

    :param resource: the collection, for example ``customers`` (templated).
    :param record_id: the record's ``_id`` (templated). None for a collection of one, as ``companyInformation``.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("resource", "record_id", "seventime_conn_id")

    def __init__(
        self,
        *,
        resource: str,
        record_id: str | None = None,
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.record_id = record_id
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Read the record.

        :raises PermanentTaskError: there is no such record or collection, or the connection or the key is wrong.
        :raises SevenTimeError: a passing failure.
        """
        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            record = client.get(self.resource, self.record_id)
        self.log.info("%s %s read", self.resource, record.get("_id", ""))
        plain: dict[str, Any] = plain_values(record)
        return plain


class SevenTimeUpdateOperator(BaseOperator):
    """Change a record by naming only what changes.

    What the API wants repeated with every change is taken from the record as it stands, the reference of
    :class:`SevenTimeCreateOperator` is kept, and a record that shows the changes already is left alone, so the task may
    be repeated.

    Returned to XCom: as for :class:`SevenTimeCreateOperator`, with ``changed`` in place of ``created``.

    :param resource: the collection, for example ``workOrders`` (templated).
    :param record_id: the record's ``_id`` (templated).
    :param changes: fields to change in the API's terms (templated); ``modifiedByUser`` comes from the connection's
        login.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("resource", "record_id", "changes", "seventime_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"changes": "json"}

    def __init__(
        self,
        *,
        resource: str,
        record_id: str,
        changes: Mapping[str, Any],
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.record_id = record_id
        self.changes = changes
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Change the record.

        :raises PermanentTaskError: the changes, the connection or the key is wrong, or there is no such record.
        :raises SevenTimeError: a passing failure.
        """
        from airflow_provider_seventime.contract.registry import find_collection

        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            entry = find_collection(self.resource, "update", client.settings.api_version)
            outcome = client.change(entry.name, self.record_id, self.changes)
        self.log.info("%s %s", label(entry, outcome.record), "changed" if outcome.changed else "was so already")
        return summarise(entry, outcome.record) | {"changed": outcome.changed}


class SevenTimeDeleteOperator(BaseOperator):
    """Delete a record.

    A record that is missing fails the first try. On a later one, cleared tasks included, it counts as deleted, since an
    earlier try may have done it.

    Returned to XCom: ``_id``, and ``deleted``, which is False when there was nothing to delete.

    :param resource: the collection, for example ``timeLogs`` (templated).
    :param record_id: the record's ``_id`` (templated); ``deletedByUser`` comes from the connection's login.
    :param missing_ok: a record that is missing is a success on the first try too. Defaults to False.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("resource", "record_id", "seventime_conn_id")

    def __init__(
        self,
        *,
        resource: str,
        record_id: str,
        missing_ok: bool = False,
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.record_id = record_id
        self.missing_ok = missing_ok
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Delete the record.

        :raises PermanentTaskError: there is no such record, or the API, the connection or the key forbids it.
        :raises SevenTimeError: a passing failure; the next try may find the record gone, and that is a success.
        """
        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            try:
                client.delete(self.resource, self.record_id)
                deleted = True
            except NotFoundError:
                if not self.missing_ok and context["ti"].try_number == 1:
                    raise
                deleted = False
        record_id = str(self.record_id).strip()
        self.log.info("%s %s %s", self.resource, record_id, "deleted" if deleted else "was gone already")
        return {"_id": record_id, "deleted": deleted}
