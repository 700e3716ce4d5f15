"""Read, create, change and delete one record of any collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError, NotFoundError
from airflow_provider_seventime.hooks.failures import permanent_failures_end_the_task
from airflow_provider_seventime.hooks.outcomes import label, plain_values, summarise
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.references import ReferenceField, reference_of

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.resource import Resource


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


class SevenTimeCreateOperator(BaseOperator):
    """Create a record, once.

    The record carries a reference as the last line ``[ref: ...]`` of a text field. Before a record is made, and
    whenever the answer was lost, it is looked for by that reference. So trying a task again makes no second one.

    A collection without a text field for it (``users``, ``contactPersons`` ...) is created in without a reference: then
    a lost answer ends the task with an AmbiguousWriteError that says how to look, and clearing a task that succeeded
    makes a second record.

    Returned to XCom: ``_id``, the number and the status with its name in ``status`` where the collection has them,
    ``totalAmountInclTax`` as text, and ``created``, which is False when the record was there already.

    :param resource: the collection, for example ``workOrders`` (templated).
    :param record: the record in the API's terms (templated); ``createdByUser`` comes from the connection's login. It is
        checked before anything is sent.
    :param reference: what makes the record one of its kind across runs (templated). None: one of this task instance's
        own, the same for every try.
    :param reference_field: text field that keeps the reference. Defaults to the collection's own: ``notes`` of an
        invoice, ``description`` of a work order. None: no reference is kept and nothing looked up.
    :param if_exists: ``return`` the record that is there already, or ``fail``. Defaults to ``return``.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("resource", "record", "reference", "seventime_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"record": "json"}

    def __init__(
        self,
        *,
        resource: str,
        record: Mapping[str, Any],
        reference: str | None = None,
        reference_field: str | ReferenceField | None = ReferenceField.OWN,
        if_exists: Literal["return", "fail"] = "return",
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.resource = resource
        self.record = record
        self.reference = reference
        self._reference_given = reference is not None
        self.reference_field = reference_field
        self.if_exists = if_exists
        self.seventime_conn_id = seventime_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Create the record, or find the one that an earlier try made.

        :raises PermanentTaskError: the record, the connection or the key is wrong; nothing is tried again.
        :raises SevenTimeError: a passing failure; the next try begins by looking for the record.
        """
        from airflow_provider_seventime.contract.resources import find_resource

        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            entry = find_resource(self.resource, "create", client.settings.api_version)
            self.check(entry, client)
            if self.if_exists not in ("return", "fail"):
                raise ConfigError(f"if_exists: {self.if_exists!r} is neither 'return' nor 'fail'")
            reference = self._reference(entry, context)
            outcome = client.create_or_find(
                entry.name,
                self.record,
                reference=reference,
                reference_field=None if self.reference_field is ReferenceField.OWN else self.reference_field,
                if_exists=self.if_exists,
            )
        made = find_resource(entry.made or entry.name)  # stopTimer answers the time log that it made
        self.log.info(
            "%s %s (%s)",
            label(made, outcome.record),
            "created" if outcome.created else "was there already",
            f"reference {reference}" if reference else "no reference",
        )
        return summarise(made, outcome.record) | {"created": outcome.created}

    def check(self, entry: Resource, client: SevenTimeClient) -> None:  # noqa: ARG002 - for those that know more
        """Refuse what the client would not, or say it better.

        :param entry: the collection.
        :param client: the connection's client.
        :raises InvalidRecordError: the record is wrong.
        """
        require_dict(entry.name, "record", self.record)

    def _reference(self, entry: Resource, context: Context) -> str | None:
        if self.reference_field is None:
            if self._reference_given:
                raise ConfigError("reference: no field would keep it, because reference_field is None; give only one")
            return None
        if self._reference_given:
            # What was given and renders to None is a mistake for the client to refuse, not a wish for the default.
            return str(self.reference)
        if self.reference_field is ReferenceField.OWN and entry.reference_field is None:
            return None
        return reference_of(context)


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
        from airflow_provider_seventime.contract.resources import find_resource

        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            entry = find_resource(self.resource, "update", client.settings.api_version)
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


def require_dict(resource: str, parameter: str, record: object) -> None:
    """Refuse what a template made text of, with the way out.

    :param resource: the collection.
    :param parameter: the operator's parameter.
    :param record: what it holds.
    :raises InvalidRecordError: it is no dict.
    """
    if not isinstance(record, Mapping):
        raise InvalidRecordError(
            f"{resource}: create",
            [
                f"{parameter} must be a dict in the API's terms, not {type(record).__name__}; where a template makes "
                "it, set render_template_as_native_obj=True on the DAG or pass the other task's output"
            ],
        )
