"""Operators that read, create, update and delete records of any collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import ConfigError, NotFoundError
from airflow_provider_seventime.hooks.extra_links import ApiDocumentationLink
from airflow_provider_seventime.hooks.instance_names import batch_name, new_record_name
from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.seventime_task import SevenTimeTask
from airflow_provider_seventime.hooks.summary import describe, plain_values, status_move, summarise
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.operators.create_records import (
    CreateJob,
    RecordCreation,
    require_dict,
    require_records,
)
from airflow_provider_seventime.operators.default_reference import ReferenceField

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.client import SevenTimeClient


class SevenTimeGetOperator(SevenTimeTask, BaseOperator):
    """Read one record.

    Returned to XCom: the whole record as the API returned it. Numbers with decimals are text, because XCom would turn
    them into floats.

    :param resource: the collection, for example ``customers`` (templated).
    :param record_id: the record's ``_id`` (templated). None for a collection with a single record, such as
        ``companyInformation``.
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
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the record.

        :raises PermanentTaskError: there is no such record or collection, or the connection or the key is wrong.
        :raises SevenTimeError: a transient failure.
        """
        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, self.resource, self.record_id)
            record = client.get(self.resource, self.record_id)
        self.log.info("%s %s read", self.resource, record.get("_id", ""))
        plain: dict[str, Any] = plain_values(record)
        return plain

    def _instance_name(self) -> str:
        return f"{self.resource} {self.record_id}" if self.record_id is not None else str(self.resource)


class SevenTimeCreateOperator(SevenTimeTask, BaseOperator):
    """Create one record or many, each once.

    A record carries a reference as the last line ``[ref: ...]`` of a text field. The task searches for that reference
    before it sends the record, and again after a lost response. A retry therefore does not create a duplicate. On
    Airflow 3.3 and later the task instance also notes what it sent and which record it created.

    Some collections have no text field for a reference. Their records are searched by their unique number if they have
    one (``userName`` of ``users``). Otherwise (``contactPersons``, ``documents`` and others) a lost response ends the
    task with an AmbiguousWriteError that says how to check.

    With ``records``, one search serves all records and every record is tried. The task then fails if some failed, and
    lists the index and the reason of each. A retry creates only the missing ones.

    Returned to XCom: ``_id``, the number and the status with its name in ``status`` if the collection has them,
    ``totalAmountInclTax`` as text, ``created``, which is False if the record existed before, and ``differs``, the
    fields in which an existing record differs. With ``records``: a list of these, in order.

    :param resource: the collection, for example ``workOrders`` (templated).
    :param record: the record in the API's terms (templated), checked before anything is sent. ``createdByUser`` comes
        from the connection's login. A text that ends in ``.json``, ``.yaml`` or ``.yml`` names a file with the record,
        relative to the folders of the DAG's templates; its values are templates too. None: ``records`` is given.
    :param records: a list of records instead of one (templated). All are checked before the first is sent. None:
        ``record`` is given.
    :param reference: identifies the record across runs (templated). For ``records``: a list with one per record. None:
        a reference of this task instance's own, the same in every try. For ``records`` it contains the record's index,
        so their order must be the same in every try.
    :param reference_field: text field for the reference. Defaults to the collection's own: ``notes`` of an invoice,
        ``description`` of a work order. None: no reference is written, and the task does not search.
    :param if_exists: ``return`` the existing record, with a warning if its owner, amounts or rows differ; ``match``:
        fail if they differ; ``fail`` always. A record that was cancelled is always an error. Defaults to ``return``.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("resource", "record", "records", "reference", "seventime_conn_id")
    file_fields = ("record",)
    template_fields_renderers: ClassVar[dict[str, str]] = {"record": "json", "records": "json"}

    def __init__(
        self,
        *,
        resource: str,
        record: Mapping[str, Any] | str | None = None,
        records: Sequence[Mapping[str, Any]] | None = None,
        reference: str | Sequence[str] | None = None,
        reference_field: str | ReferenceField | None = ReferenceField.OWN,
        if_exists: Literal["return", "match", "fail"] = "return",
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.record = record
        self.records = records
        self._batch = records is not None
        self.reference = reference
        self._reference_given = reference is not None
        self.reference_field = reference_field
        self.if_exists = if_exists
        self.seventime_conn_id = seventime_conn_id
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any] | list[dict[str, Any]]:
        """Create the records, or find those that an earlier try created.

        :raises PermanentTaskError: a record, the connection or the key is wrong; Airflow does not retry.
        :raises SevenTimeError: a transient failure. The next try first searches for existing records.
        """
        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, self.resource)
            creation = RecordCreation(client, self._job(), context, self.log)
            summaries = creation.run()
            if not self._batch:
                self._outcome_name = creation.name
                self._show_links(context, client, creation.resource, summaries[0]["_id"])
        return summaries if self._batch else summaries[0]

    def _instance_name(self) -> str:
        if self._batch:
            return batch_name(str(self.resource), self.records)
        return new_record_name(str(self.resource), self.record, self.reference, self._outcome_name)

    def _job(self) -> CreateJob:
        if self._batch and self.record is not None:
            raise ConfigError("record and records are both given; give one of them")
        return CreateJob(
            resource=self.resource,
            records=require_records(self.resource, self.records)
            if self._batch
            else [require_dict(self.resource, "record", self.record)],
            batch=self._batch,
            reference=self.reference,
            reference_given=self._reference_given,
            reference_field=self.reference_field,
            if_exists=self.if_exists,
        )


class SevenTimeUpdateOperator(SevenTimeTask, BaseOperator):
    """Update a record: give only the fields to change.

    The task takes the fields that the API requires in every PUT from the current record. It preserves the reference of
    :class:`SevenTimeCreateOperator` when the text around it changes. It sends nothing if the record already has the
    changes, so the task may be repeated.

    Returned to XCom: as for :class:`SevenTimeCreateOperator`, with ``changed`` instead of ``created``.

    :param resource: the collection, for example ``workOrders`` (templated).
    :param record_id: the record's ``_id`` (templated).
    :param changes: fields to change in the API's terms (templated). ``modifiedByUser`` comes from the connection's
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
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Update the record.

        :raises PermanentTaskError: the changes, the connection or the key is wrong, or there is no such record.
        :raises SevenTimeError: a transient failure.
        """
        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, self.resource, self.record_id)
            return update_record(client, self.resource, self.record_id, self.changes, self.log)

    def _instance_name(self) -> str:
        return f"{self.resource} {self.record_id}"


def update_record(
    client: SevenTimeClient, resource: str, record_id: str, changes: Mapping[str, Any], log: Any
) -> dict[str, Any]:
    """Update a record and return its summary, with ``changed``.

    :param client: the connection's client.
    :param resource: the collection.
    :param record_id: the record's ``_id``.
    :param changes: the fields to change.
    :param log: the task's logger.
    :raises SevenTimeError: the record could not be updated.
    """
    from airflow_provider_seventime.contract.registry import find_collection

    collection = find_collection(resource, "update", client.settings.api_version)
    result = client.update(collection.name, record_id, changes)
    done = "updated" if result.changed else "already had the changes"
    log.info(
        "%s %s", describe(collection, result.record, status_move(collection, result.record, result.previous)), done
    )
    return summarise(collection, result.record) | {"changed": result.changed}


class SevenTimeDeleteOperator(SevenTimeTask, BaseOperator):
    """Delete a record.

    A missing record fails the first try. In a later try, also after clearing the task, it counts as deleted, because
    an earlier try may have deleted it.

    Returned to XCom: ``_id``, and ``deleted``, which is False if there was nothing to delete.

    :param resource: the collection, for example ``timeLogs`` (templated).
    :param record_id: the record's ``_id`` (templated). ``deletedByUser`` comes from the connection's login.
    :param missing_ok: a missing record is a success in the first try too. Defaults to False.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("resource", "record_id", "seventime_conn_id")
    operator_extra_links = (ApiDocumentationLink(),)

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
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Delete the record.

        :raises PermanentTaskError: there is no such record, or the API, the connection or the key forbids it.
        :raises SevenTimeError: a transient failure. The next try treats a missing record as deleted.
        """
        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, self.resource)
            try:
                client.delete(self.resource, self.record_id)
                deleted = True
            except NotFoundError:
                if not self.missing_ok and context["ti"].try_number == 1:
                    raise
                deleted = False
        record_id = str(self.record_id).strip()
        self.log.info("%s %s %s", self.resource, record_id, "deleted" if deleted else "did not exist any more")
        return {"_id": record_id, "deleted": deleted}

    def _instance_name(self) -> str:
        return f"{self.resource} {self.record_id}"
