"""Sales invoices, invoice tags and price lists."""

from __future__ import annotations

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.contract.collections.shared import BY_EXACT_TEXT, plain_fields
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, Match, ReferenceSearch, Window

INVOICES = CollectionSpec(
    name="invoices",
    window=Window("invoiceDate", "fromInvoiceDate", "toInvoiceDate"),
    analysed=True,
    create="invoices:InvoiceCreate",
    update="invoices:InvoiceUpdate",
    delete="invoices:InvoiceDelete",
    name_field="invoiceName",
    number_field="invoiceNumber",
    status_field="invoiceStatus",
    status_codes=InvoiceStatus,
    cancelled_status=InvoiceStatus.OBLITERATED,
    compared_fields=("customer", "project", "workOrder", "currencyCode"),
    reference_field="notes",
    restated_on_update=("multipleTaxesOnRows", "taxPercent", "invoiceItems"),
    reference_search=ReferenceSearch(
        date_field="invoiceDate",
        from_filter="fromInvoiceDate",
        to_filter="toInvoiceDate",
        owner_field="customer",
        owner_filter="customerNumber",
        owner_resource="customers",
        owner_value="customerNumber",
    ),
    filters={
        "invoiceNumber": BY_EXACT_TEXT,
        "OCRNumber": BY_EXACT_TEXT,
        "customerNumber": BY_EXACT_TEXT,
        "fromInvoiceDate": Filter(FilterKind.DATE, field="invoiceDate", match=Match.FROM),
        "toInvoiceDate": Filter(FilterKind.DATE, field="invoiceDate", match=Match.TO),
        "fromDueDate": Filter(FilterKind.DATE, field="dueDate", match=Match.FROM),
        "toDueDate": Filter(FilterKind.DATE, field="dueDate", match=Match.TO),
    },
    fields=plain_fields(
        ids="customer project workOrder contactPerson ourReference resultUnit priceList createdByUser creditForInvoice "
        "creditInvoice paymentPlan quote supplementOrder",
        texts="invoiceName invoiceNumber OCRNumber customerName customerNumber customerAddress customerEmail "
        "customerOrgNo customerVAT createdByUserName projectName contactPersonName ourReferenceName workOrderNumber "
        "resultUnitName priceListName marking yourOrderNumber notes description language currencyCode "
        "creditForInvoiceNumber creditInvoiceNumber quoteNumber supplementOrderNumber paymentPlanRowId headerText "
        "footerText footerInfoText",
        numbers="totalAmount totalTaxAmount totalAmountInclTax totalAmountRounding totalCost taxPercent currencyRate "
        "discountInPercent houseDeductionAmount houseDeductionBasisAmount",
        integers="invoiceStatus invoiceType",
        booleans="multipleTaxesOnRows archived exportedToEconomy isCreditInvoice isCredited partiallyPaid "
        "showPriceInclTaxesOnRows",
        instants="invoiceDate dueDate sentDate paymentDate reminderDate archivedDate createDate",
    ),
)

INVOICE_TAGS = CollectionSpec(
    name="invoiceTags",
    paged=False,
    gettable=False,
    name_field="tagName",
    fields=plain_fields(texts="tagName color"),
)


PRICE_LISTS = CollectionSpec(name="priceLists", fields=plain_fields(texts="name", booleans="isActive"))
