"""Create and update invoices."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError
from airflow_provider_seventime.hooks.failures import permanent_failures_end_the_task
from airflow_provider_seventime.hooks.outcomes import summarise
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.api.client import SevenTimeClient


class CreateInvoiceOperator(BaseOperator):
    """Create an invoice, once.

    The invoice carries a reference as the last line ``[ref: ...]`` of its notes. Before an invoice is made, and
    whenever the answer was lost, it is looked for by that reference among the invoices dated from a day before to a day
    after its ``invoiceDate`` (without one: among its customer's). So trying a task again makes no second one.

    Returned to XCom: ``_id``, ``invoiceNumber`` (None for a draft), ``invoiceStatus`` with its name in ``status``,
    ``totalAmountInclTax`` as text, and ``created``, which is False when the invoice was there already.

    :param invoice: the invoice in the API's terms (templated). It needs ``customer``, ``language`` and rows in
        ``invoiceItems``; ``createdByUser`` comes from the connection's login. It is checked before anything is sent.
    :param reference: what makes the invoice one of its kind across runs, for example ``hours-2026-09-C1001``
        (templated). Give it an ``invoiceDate`` that does not depend on the day of the run. None: one of this task
        instance's own, the same for every try.
    :param reference_field: text field that keeps the reference. Defaults to ``notes``. None: no reference is kept and
        nothing looked up; then a lost answer ends the task with an AmbiguousWriteError.
    :param if_exists: ``return`` the invoice that is there already, or ``fail``. Defaults to ``return``.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("invoice", "reference", "seventime_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"invoice": "json"}

    def __init__(
        self,
        *,
        invoice: Mapping[str, Any],
        reference: str | None = None,
        reference_field: str | None = "notes",
        if_exists: Literal["return", "fail"] = "return",
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

    def execute(self, context: Context) -> dict[str, Any]:
        """Create the invoice, or find the one that an earlier try made.

        :raises PermanentTaskError: the invoice, the connection or the key is wrong; nothing is tried again.
        :raises SevenTimeError: a passing failure; the next try begins by looking for the invoice.
        """
        from airflow_provider_seventime.contract.resources import INVOICES

        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            _require_rows(self.invoice, client)
            if self.if_exists not in ("return", "fail"):
                raise ConfigError(f"if_exists: {self.if_exists!r} is neither 'return' nor 'fail'")
            reference = self._reference(context)
            outcome = client.create_or_find(
                INVOICES.name,
                self.invoice,
                reference=reference,
                reference_field=self.reference_field,
                if_exists=self.if_exists,
            )
        summary = summarise(INVOICES, outcome.record) | {"created": outcome.created}
        self.log.info(
            "Invoice %s %s (number %s, %s, %s)",
            summary["_id"],
            "created" if outcome.created else "was there already",
            summary["invoiceNumber"],
            summary["status"],
            f"reference {reference}" if reference else "no reference",
        )
        return summary

    def _reference(self, context: Context) -> str | None:
        if self.reference_field is None:
            if self._reference_given:
                raise ConfigError("reference: no field would keep it, because reference_field is None; give only one")
            return None
        # What was given and renders to None is a mistake for the client to refuse, not a wish for the default.
        return str(self.reference) if self._reference_given else reference_of(context)


class UpdateInvoiceOperator(BaseOperator):
    """Change an invoice by naming only what changes.

    The API wants rows and tax settings repeated with every change: what ``changes`` does not name is taken from the
    invoice as it stands. The reference of :class:`CreateInvoiceOperator` is kept when ``notes`` change. An invoice that
    shows the changes already is left alone, so the task may be repeated.

    Marking as sent gives the invoice its number and sends nothing; only a sent invoice can become paid or obliterated.

    Returned to XCom: as for :class:`CreateInvoiceOperator`, with ``changed`` in place of ``created``.

    :param invoice_id: the invoice's ``_id`` (templated).
    :param changes: fields to change in the API's terms, for example ``{"invoiceStatus": "sent"}`` (templated);
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

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Change the invoice.

        :raises PermanentTaskError: the changes, the connection or the key is wrong, or there is no such invoice.
        :raises SevenTimeError: a passing failure.
        """
        from airflow_provider_seventime.contract.resources import INVOICES

        with permanent_failures_end_the_task(), SevenTimeHook(self.seventime_conn_id).get_conn() as client:
            outcome = client.change(INVOICES.name, self.invoice_id, self.changes)
        summary = summarise(INVOICES, outcome.record) | {"changed": outcome.changed}
        self.log.info(
            "Invoice %s %s (number %s, %s)",
            summary["_id"],
            "changed" if outcome.changed else "was so already",
            summary["invoiceNumber"],
            summary["status"],
        )
        return summary


def reference_of(context: Context) -> str:
    """Return the reference of a task instance: the same for every try, another for every other task instance.

    It stands on the customer's invoice, so it is a digest that tells nothing of DAGs and runs.
    """
    instance = context["ti"]
    named = "\n".join([instance.dag_id, instance.run_id, instance.task_id, str(instance.map_index)])
    return f"airflow-{hashlib.sha256(named.encode()).hexdigest()[:20]}"


def _require_rows(invoice: object, client: SevenTimeClient) -> None:
    """Refuse an invoice that bills nothing, along with whatever else is wrong: the API would make it all the same."""
    from airflow_provider_seventime.contract.checking import check_record
    from airflow_provider_seventime.contract.resources import INVOICES

    if not isinstance(invoice, Mapping):
        raise InvalidRecordError(
            "invoices: create",
            [
                f"invoice must be a dict in the API's terms, not {type(invoice).__name__}; where a template makes it, "
                "set render_template_as_native_obj=True on the DAG or pass the other task's output"
            ],
        )
    if invoice.get("invoiceItems"):
        return
    problems = ["invoiceItems: the invoice has no rows"]
    rest = {name: value for name, value in invoice.items() if name != "invoiceItems"}
    try:
        check_record(INVOICES, "create", rest, client.zone, client.settings.acting_user)
    except InvalidRecordError as error:
        problems += error.problems
    raise InvalidRecordError("invoices: create", problems)
