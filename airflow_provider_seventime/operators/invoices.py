"""Create and update invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.operators.create_records import SevenTimeCreateOperator, require_dict
from airflow_provider_seventime.operators.records import SevenTimeUpdateOperator

if TYPE_CHECKING:
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.contract.spec import CollectionSpec


class CreateInvoiceOperator(SevenTimeCreateOperator):
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
        super().__init__(
            resource="invoices",
            record=invoice,
            reference=reference,
            reference_field=reference_field,
            if_exists=if_exists,
            seventime_conn_id=seventime_conn_id,
            **kwargs,
        )

    @property
    def invoice(self) -> Mapping[str, Any] | None:
        """The invoice in the API's terms."""
        return self.record

    @invoice.setter
    def invoice(self, invoice: Mapping[str, Any] | None) -> None:
        self.record = invoice

    def check(self, entry: CollectionSpec, client: SevenTimeClient) -> None:
        """Refuse an invoice that bills nothing, along with whatever else is wrong: the API would make it all the same.

        :param entry: the collection.
        :param client: the connection's client.
        :raises InvalidRecordError: the invoice is no dict, or has no rows.
        """
        from airflow_provider_seventime.contract.checking import check_record

        invoice = require_dict(entry.name, "invoice", self.invoice)
        if invoice.get("invoiceItems"):
            return
        problems = ["invoiceItems: the invoice has no rows"]
        rest = {name: value for name, value in invoice.items() if name != "invoiceItems"}
        settings = client.settings
        try:
            check_record(entry, "create", rest, settings.zone, settings.acting_user, strict=settings.strict)
        except InvalidRecordError as error:
            problems += error.problems
        raise InvalidRecordError(f"{entry.name}: create", problems)


class UpdateInvoiceOperator(SevenTimeUpdateOperator):
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

    def __init__(
        self,
        *,
        invoice_id: str,
        changes: Mapping[str, Any],
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            resource="invoices",
            record_id=invoice_id,
            changes=changes,
            seventime_conn_id=seventime_conn_id,
            **kwargs,
        )

    @property
    def invoice_id(self) -> str:
        """The invoice's ``_id``."""
        return self.record_id

    @invoice_id.setter
    def invoice_id(self, invoice_id: str) -> None:
        self.record_id = invoice_id
