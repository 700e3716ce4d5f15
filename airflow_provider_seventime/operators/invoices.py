"""Operators that create and update invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.hooks.instance_names import new_record_name
from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.seventime_task import SevenTimeTask
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.operators.create_records import CreateJob, RecordCreation, require_dict
from airflow_provider_seventime.operators.records import update_record

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.client import SevenTimeClient

RESOURCE = "invoices"


# The operators do not inherit from those of operators.records: Airflow would accept the parameters of the parent's
# constructor (``records``), also from default_args and in ``partial`` and ``expand``.
class CreateInvoiceOperator(SevenTimeTask, BaseOperator):
    """Create an invoice, once.

    The invoice carries a reference as the last line ``[ref: ...]`` of its notes. The task searches for that reference
    before it sends the invoice, and again after a lost response. A retry therefore does not create a duplicate. The
    search covers the invoices dated from a day before to a day after ``invoiceDate``, or without a date those of the
    customer.

    Returned to XCom: ``_id``, ``invoiceNumber`` (None for a draft), ``invoiceStatus`` with its name in ``status``,
    ``totalAmountInclTax`` as text, ``created``, which is False if the invoice existed before, and ``differs``, the
    fields in which an existing invoice differs from ``invoice``.

    :param invoice: the invoice in the API's terms (templated), checked before anything is sent. It needs ``customer``,
        ``language`` and rows in ``invoiceItems``. ``createdByUser`` comes from the connection's login. A text that ends
        in ``.json``, ``.yaml`` or ``.yml`` names a file with the invoice, relative to the folders of the DAG's
        templates; its values are templates too.
    :param reference: identifies the invoice across runs, for example ``hours-2026-09-C1001`` (templated). Combine it
        with an ``invoiceDate`` that does not depend on the day of the run. None: a reference of this task instance's
        own, the same in every try.
    :param reference_field: text field for the reference. Defaults to ``notes``. None: no reference is written and the
        task does not search; a lost response then ends the task with an AmbiguousWriteError.
    :param if_exists: ``return`` the existing invoice, with a warning if its customer, amounts or rows differ;
        ``match``: fail if they differ; ``fail`` always. An obliterated invoice is always an error. Defaults to
        ``return``.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("invoice", "reference", "seventime_conn_id")
    file_fields = ("invoice",)
    template_fields_renderers: ClassVar[dict[str, str]] = {"invoice": "json"}

    def __init__(
        self,
        *,
        invoice: Mapping[str, Any] | str,
        reference: str | None = None,
        reference_field: str | None = "notes",
        if_exists: Literal["return", "match", "fail"] = "return",
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.invoice = invoice
        self.reference = reference
        self._reference_given = reference is not None
        self.reference_field = reference_field
        self.if_exists = if_exists
        self.seventime_conn_id = seventime_conn_id
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Create the invoice, or find the one that an earlier try created.

        :raises PermanentTaskError: the invoice, the connection or the key is wrong; Airflow does not retry.
        :raises SevenTimeError: a transient failure. The next try first searches for the invoice.
        """
        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, RESOURCE)
            invoice = require_dict(RESOURCE, "invoice", self.invoice)
            require_rows(client, invoice)
            job = CreateJob(
                resource=RESOURCE,
                records=[invoice],
                batch=False,
                reference=self.reference,
                reference_given=self._reference_given,
                reference_field=self.reference_field,
                if_exists=self.if_exists,
            )
            creation = RecordCreation(client, job, context, self.log)
            (summary,) = creation.run()
            self._outcome_name = creation.name
            self._show_links(context, client, RESOURCE, summary["_id"])
        return summary

    def _instance_name(self) -> str:
        return new_record_name(RESOURCE, self.invoice, self.reference, self._outcome_name)


def require_rows(client: SevenTimeClient, invoice: Mapping[str, Any]) -> None:
    """Refuse an invoice without rows, which the API accepts, together with its other problems.

    :param client: the connection's client.
    :param invoice: the invoice in the API's terms.
    :raises InvalidRecordError: the invoice has no rows. The error lists every other problem too.
    """
    if invoice.get("invoiceItems"):
        return
    problems = ["invoiceItems: the invoice has no rows"]
    try:
        client.check_record(
            RESOURCE, "create", {name: value for name, value in invoice.items() if name != "invoiceItems"}
        )
    except InvalidRecordError as error:
        problems += error.problems
    raise InvalidRecordError(f"{RESOURCE}: create", problems)


class UpdateInvoiceOperator(SevenTimeTask, BaseOperator):
    """Update an invoice: give only the fields to change.

    The task takes the rows and tax settings, which the API requires in every PUT, from the current invoice if
    ``changes`` does not give them. It preserves the reference of :class:`CreateInvoiceOperator` when ``notes`` change.
    It sends nothing if the invoice already has the changes, so the task may be repeated.

    The status ``sent`` gives the invoice its number and sends nothing to the customer. Only a sent invoice can become
    paid or obliterated.

    Returned to XCom: as for :class:`CreateInvoiceOperator`, with ``changed`` instead of ``created``.

    :param invoice_id: the invoice's ``_id`` (templated).
    :param changes: fields to change in the API's terms, for example ``{"invoiceStatus": "sent"}`` (templated).
        ``modifiedByUser`` comes from the connection's login.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("invoice_id", "changes", "seventime_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"changes": "json"}

    def __init__(
        self,
        *,
        invoice_id: str,
        changes: Mapping[str, Any],
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.invoice_id = invoice_id
        self.changes = changes
        self.seventime_conn_id = seventime_conn_id
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Update the invoice.

        :raises PermanentTaskError: the changes, the connection or the key is wrong, or there is no such invoice.
        :raises SevenTimeError: a transient failure.
        """
        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, RESOURCE, self.invoice_id)
            return update_record(client, RESOURCE, self.invoice_id, self.changes, self.log)

    def _instance_name(self) -> str:
        return f"{RESOURCE} {self.invoice_id}"
