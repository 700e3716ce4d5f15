"""Quotes, quote templates and quote categories."""

from __future__ import annotations

from airflow_provider_seventime.contract.collections.shared import BY_EXACT_TEXT, BY_TEXT, plain_fields
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, Match, Window

QUOTES = CollectionSpec(
    name="quotes",
    window=Window("quoteDate", "fromQuoteDate", "toQuoteDate"),
    analysed=True,
    name_field="quoteName",
    number_field="quoteNumber",
    status_field="quoteStatus",
    filters={
        "quoteName": BY_TEXT,
        "quoteNumber": BY_EXACT_TEXT,
        "fromQuoteDate": Filter(FilterKind.DATE, field="quoteDate", match=Match.FROM),
        "toQuoteDate": Filter(FilterKind.DATE, field="quoteDate", match=Match.TO),
        "fromValidToDate": Filter(FilterKind.DATE, field="validToDate", match=Match.FROM),
        "toValidToDate": Filter(FilterKind.DATE, field="validToDate", match=Match.TO),
    },
    fields=plain_fields(
        ids="quoteCategory createdByUser ourReference salesAgent customer contactPerson project workOrder invoice "
        "priceList quoteAcceptReason quoteDeclineReason quoteTemplate",
        texts="quoteNumber quoteName quoteInfoName quoteCategoryName language description headerText footerInfoText "
        "footerText createdByUserName ourReferenceName salesAgentName customerName customerNumber customerAddress "
        "customerVAT contactPersonName projectName workOrderName workOrderNumber currencyCode invoiceNumber "
        "priceListName marking quoteConditionsContent confirmationHeaderText confirmationFooterInfoText "
        "confirmationTitle publicLink quoteAcceptReasonName quoteDeclineReasonName notes",
        numbers="discountInPercent totalAmount totalTaxAmount totalAmountInclTax taxPercent totalCost quoteValue "
        "quoteCost currencyRate houseDeductionBasisAmount houseDeductionAmount",
        integers="quoteType quoteStatus",
        booleans="useQuoteValue useQuoteCost archived enableQuoteConditions multipleTaxesOnRows "
        "showPriceInclTaxesOnRows useBudgetCalculation openNotificationSent stockReservationIsDone",
        instants="quoteDate validToDate archivedDate deliveryDate deliveryDateEnd sentDate acceptedDate rejectedDate "
        "invoicedDate confirmationDate createDate",
    ),
)

QUOTE_TEMPLATES = CollectionSpec(
    name="quoteTemplates",
    paged=False,
    gettable=False,
    name_field="templateName",
    filters={"templateName": BY_TEXT},
    fields=plain_fields(
        ids="createdByUser",
        texts="templateName language createdByUserName footerText logoPosition quoteAddress",
        integers="quoteType footerNumOfCols logotypeWidth",
        booleans="overrideFooter overrideLogoAndAddress",
        instants="createDate",
    ),
)

QUOTE_CATEGORIES = CollectionSpec(
    name="quoteCategories",
    paged=False,
    gettable=False,
    name_field="quoteCategoryName",
    filters={"quoteCategoryName": BY_TEXT},
    fields=plain_fields(texts="quoteCategoryName", booleans="isActive"),
)
