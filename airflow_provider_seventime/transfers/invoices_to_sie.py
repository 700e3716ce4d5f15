"""Export of a period's sales invoices as one SIE 4I file for an accounting program."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime import __version__
from airflow_provider_seventime.dates import days_around, read_date
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.hooks.extra_links import ApiDocumentationLink
from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.seventime_task import SevenTimeTask
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.templates import require_rendered

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

    from airflow_provider_seventime.accounting.company import Company, FiscalYear
    from airflow_provider_seventime.accounting.vouchers import Bookings
    from airflow_provider_seventime.api.client import SevenTimeClient

# The API does not document whether its date filters include the dates given. They select a day more on each side, and
# the operator decides which invoices belong to the period.
FILTER_MARGIN = timedelta(days=1)


class InvoicesToSieOperator(SevenTimeTask, BaseOperator):
    """Write the sent and paid invoices of a period as one SIE 4I file.

    The file has one balanced voucher per invoice, on the Swedish calendar date of its ``invoiceDate``. The accounts are
    those of BAS unless ``accounts`` names others.

    * A customer loss is booked too, because the sale took place.
    * A draft is not booked.
    * An obliterated invoice, and one whose every amount is 0, is not booked. The log and the result name it, because
      the accountant must be able to explain a number without a voucher.
    * If an invoice cannot be booked, the task fails, names the invoice with the reason, and writes no file.

    The file appears complete or not at all. It replaces a file of an earlier try.

    Returned to XCom: ``path``, ``sha256``, ``vouchers`` (count), ``totals`` (``net``, ``vat``, ``rounding``,
    ``receivable``, ``house_deduction`` as text in SEK), ``from_date``, ``to_date``, ``drafts`` (count),
    ``obliterated``, ``zero_amounts`` and ``customer_losses`` (invoice numbers), ``requests_made``, ``waited_seconds``,
    ``rejections``.

    :param path: the file to write: a URL of an object storage, or an absolute local path (templated). By the standard,
        the name of such a file ends in ``.SI``.
    :param from_date: first invoice date, ``date`` or text ``YYYY-MM-DD`` (templated).
    :param to_date: last invoice date, included (templated).
    :param accounts: role to account number where it differs from BAS, for example ``{"sales_25": 3041}`` (templated).
        The roles are those of :class:`~airflow_provider_seventime.accounting.chart.Chart`. None: BAS throughout.
    :param series: voucher series, letters and digits (templated). Empty: the importing program chooses. Defaults to
        empty.
    :param company_name: legal name (templated). None: the name in the API's ``companyInformation``.
    :param organization_number: ten digits (templated). None: the number in the API's ``companyInformation``.
    :param fiscal_year: first and last date of the fiscal year (templated). None: the twelve months that contain the
        period.
    :param fiscal_year_first_month: month in which those twelve months begin, 1 to 12. The API does not have it.
        Defaults to 1, the calendar year.
    :param tolerance: largest accepted difference between an invoice's rows and its totals, and within its totals, in
        SEK as text. An invoice with a larger difference is refused. Defaults to ``1.00``.
    :param strict_characters: refuse texts with characters that code page 437 lacks. False replaces them by the nearest
        ones. Defaults to False.
    :param checksum: add ``#KSUMMA``. Defaults to False, because some programs refuse it.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = (
        "path",
        "from_date",
        "to_date",
        "accounts",
        "series",
        "company_name",
        "organization_number",
        "fiscal_year",
        "seventime_conn_id",
    )
    operator_extra_links = (ApiDocumentationLink(),)

    def __init__(
        self,
        *,
        path: str,
        from_date: date | str,
        to_date: date | str,
        accounts: Mapping[str, str | int] | None = None,
        series: str = "",
        company_name: str | None = None,
        organization_number: str | None = None,
        fiscal_year: Sequence[date | str] | None = None,
        fiscal_year_first_month: int = 1,
        tolerance: str = "1.00",
        strict_characters: bool = False,
        checksum: bool = False,
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.from_date = from_date
        self.to_date = to_date
        self.accounts = accounts
        self.series = series
        self.company_name = company_name
        self.organization_number = organization_number
        self.fiscal_year = fiscal_year
        self.fiscal_year_first_month = fiscal_year_first_month
        self.tolerance = tolerance
        self.strict_characters = strict_characters
        self.checksum = checksum
        self.seventime_conn_id = seventime_conn_id
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the invoices, book them and write the file.

        :raises PermanentTaskError: a parameter is invalid, an invoice cannot be booked, or the storage refuses the
            file. No file was written.
        :raises SevenTimeError: a transient failure. No file was written.
        """
        from airflow_provider_seventime.accounting.chart import Chart
        from airflow_provider_seventime.accounting.sie import write_sie
        from airflow_provider_seventime.transfers.export.atomic_write import (
            require_container,
            target_path,
            write_atomically,
        )
        from airflow_provider_seventime.transfers.export.storage_errors import storage_errors

        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, "invoices")
            target = target_path(self.path)
            require_container(target)
            chart = Chart.from_mapping(_read_accounts(self.accounts))
            first, last = self._period(client.zone)
            fiscal_year = self._fiscal_year(first, last, client.zone)
            company = self._company(client)
            bookings = self._book(client, first, last, chart)
            content = write_sie(
                bookings.vouchers,
                company,
                fiscal_year,
                chart.account_names(),
                generated=datetime.now(client.zone).date(),
                program_version=__version__,
                series=_read_text("series", self.series),
                strict_characters=self.strict_characters,
                checksum=self.checksum,
            )
            with storage_errors(f"path: {target}"):
                write_atomically(target, content)
        return self._report(bookings, content, first, last, client)

    def _instance_name(self) -> str:
        return f"file {PurePosixPath(str(self.path)).name}"

    def _period(self, zone: tzinfo) -> tuple[date, date]:
        first = _read_day("from_date", self.from_date, zone)
        last = _read_day("to_date", self.to_date, zone)
        if last < first:
            raise ConfigError(f"from_date {first} is after to_date {last}; give the first date of the period first")
        return first, last

    def _fiscal_year(self, first: date, last: date, zone: tzinfo) -> FiscalYear:
        from airflow_provider_seventime.accounting.company import FiscalYear

        if self.fiscal_year is None:
            year = FiscalYear.of(first, int(self.fiscal_year_first_month))
        elif isinstance(self.fiscal_year, str) or len(self.fiscal_year) != 2:  # noqa: PLR2004 - first and last
            raise ConfigError(
                f"fiscal_year: {self.fiscal_year!r} must be two dates, the first and the last of the year"
            )
        else:
            year = FiscalYear(*(_read_day("fiscal_year", day, zone) for day in self.fiscal_year))
        if first not in year or last not in year:
            raise ConfigError(
                f"{first} to {last} is not within the fiscal year {year.start} to {year.end}, and a SIE file holds one "
                "fiscal year. Export each fiscal year by its own task, or set fiscal_year"
            )
        return year

    def _company(self, client: SevenTimeClient) -> Company:
        from airflow_provider_seventime.accounting.company import Company

        name = _read_text("company_name", self.company_name)
        number = _read_text("organization_number", self.organization_number)
        if not name or not number:
            company = client.get("companyInformation")
            name, number = name or company.get("name") or "", number or company.get("organizationNumber") or ""
        if not name or not number:
            missing = "company_name" if not name else "organization_number"
            raise ConfigError(f"{missing}: the API's companyInformation has none; give it as a parameter")
        return Company(str(name), str(number))

    def _book(self, client: SevenTimeClient, first: date, last: date, chart: Any) -> Bookings:
        from airflow_provider_seventime.accounting.vouchers import belongs_to_period, book_invoices

        filters = {
            "fromInvoiceDate": days_around(first, FILTER_MARGIN)[0],
            "toInvoiceDate": days_around(last, FILTER_MARGIN)[1],
        }
        invoices = (
            invoice
            for invoice in client.list("invoices", filters)
            if belongs_to_period(invoice, client.zone, first, last)
        )
        return book_invoices(invoices, chart, client.zone, tolerance=self._tolerance())

    def _tolerance(self) -> Decimal:
        try:
            tolerance = Decimal(str(self.tolerance))
        except InvalidOperation as error:
            raise ConfigError(
                f"tolerance: {self.tolerance!r} is not an amount; give SEK as text, for example '1.00'"
            ) from error
        if not tolerance.is_finite() or tolerance < 0:
            raise ConfigError(f"tolerance: {self.tolerance!r} must be zero or more")
        return tolerance

    def _report(
        self, bookings: Bookings, content: bytes, first: date, last: date, client: SevenTimeClient
    ) -> dict[str, Any]:
        names = ("net", "vat", "rounding", "receivable", "house_deduction")
        totals = {
            name: str(sum((getattr(voucher.totals, name) for voucher in bookings.vouchers), Decimal("0.00")))
            for name in names
        }
        remarked = {
            kind: [remark.number or remark.record_id for remark in bookings.remarked(kind)]
            for kind in ("obliterated", "zero_amount", "customer_loss")
        }
        for kind, reason in (("obliterated", "obliterated"), ("zero_amount", "every amount is 0")):
            if remarked[kind]:
                self.log.warning(
                    "invoices not booked because %s: %s. The books have no vouchers of these numbers",
                    reason,
                    remarked[kind],
                )
        if not bookings.vouchers:
            self.log.warning("no invoice to book from %s to %s: the file has no vouchers", first, last)
        self.log.info(
            "%d vouchers from %s to %s, %s SEK receivable of which %s VAT, in %s",
            len(bookings.vouchers),
            first,
            last,
            totals["receivable"],
            totals["vat"],
            self.path,
        )
        return {
            "path": str(self.path),
            "sha256": hashlib.sha256(content).hexdigest(),
            "vouchers": len(bookings.vouchers),
            "totals": totals,
            "from_date": first.isoformat(),
            "to_date": last.isoformat(),
            "drafts": len(bookings.remarked("draft")),
            "obliterated": remarked["obliterated"],
            "zero_amounts": remarked["zero_amount"],
            "customer_losses": remarked["customer_loss"],
            "requests_made": client.statistics.requests,
            "waited_seconds": round(client.statistics.waited_seconds, 3),
            "rejections": client.statistics.rejections,
        }


def _read_accounts(accounts: object) -> Mapping[str, str | int] | None:
    if accounts is not None and not isinstance(accounts, Mapping):
        raise ConfigError(
            f"accounts: must be a dict of role to account number, not {type(accounts).__name__}. For a dict from a "
            "template, set render_template_as_native_obj=True on the DAG"
        )
    return accounts


def _read_text(parameter: str, value: Any) -> str:
    text = "" if value is None else str(value).strip()
    if text:
        require_rendered(parameter, text)
    return text


def _read_day(parameter: str, value: Any, zone: tzinfo) -> date:
    require_rendered(parameter, value)
    try:
        return read_date(value, zone)
    except (ValueError, AttributeError) as error:
        raise ConfigError(f"{parameter}: {value!r:.60} is no date; write YYYY-MM-DD") from error
