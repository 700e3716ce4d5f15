"""Supplier invoices, distributors, their contact persons, and purchase orders."""

from __future__ import annotations

from airflow_provider_seventime.contract.codes import PurchaseOrderStatus, SupplierInvoiceStatus
from airflow_provider_seventime.contract.collections.shared import (
    BY_EXACT_TEXT,
    BY_FLAG,
    BY_ID,
    BY_NUMBER,
    BY_TEXT,
    LAST_MODIFIED,
    plain_fields,
)
from airflow_provider_seventime.contract.spec import (
    CollectionSpec,
    Filter,
    FilterKind,
    Match,
    ReferenceSearch,
    UniqueNumber,
    V1Overrides,
    Window,
)

SUPPLIER_INVOICES = CollectionSpec(
    name="supplierInvoices",
    window=Window("invoiceDate", "fromInvoiceDate", "toInvoiceDate"),
    analysed=True,
    create="supplier_invoices:SupplierInvoiceCreate",
    update="supplier_invoices:SupplierInvoiceUpdate",
    delete="supplier_invoices:SupplierInvoiceDelete",
    name_field="distributorName",
    number_field="supplierInvoiceNumber",
    status_field="supplierInvoiceStatus",
    status_codes=SupplierInvoiceStatus,
    cancelled_status=SupplierInvoiceStatus.OBLITERATED,
    compared_fields=(
        "distributor",
        "supplierInvoiceNumber",
        "totalAmountInclTax",
        "customer",
        "project",
        "workOrder",
        "currencyCode",
    ),
    reference_field="notes",
    reference_search=ReferenceSearch(
        date_field="invoiceDate",
        from_filter="fromInvoiceDate",
        to_filter="toInvoiceDate",
        owner_field="distributor",
        owner_filter="distributor",
    ),
    filters={
        "supplierInvoiceNumber": BY_EXACT_TEXT,
        "supplierInvoiceStatus": Filter(FilterKind.CODE, codes=SupplierInvoiceStatus),
        "project": BY_ID,
        "customer": BY_ID,
        "workOrder": BY_ID,
        "workOrderNumber": Filter(FilterKind.NUMBER),
        "distributor": BY_ID,
        "fromInvoiceDate": Filter(FilterKind.DATE, field="invoiceDate", match=Match.FROM),
        "toInvoiceDate": Filter(FilterKind.DATE, field="invoiceDate", match=Match.TO),
        "isInvoiceable": BY_FLAG,
        "exportedToEconomy": BY_FLAG,
        "isSelfBillingInvoice": BY_FLAG,
        "attestFlag": BY_FLAG,
        "obliterateFlag": BY_FLAG,
        "lastModified": LAST_MODIFIED,
    },
    v1=V1Overrides(listed=False, create="v1:V1SupplierInvoiceCreate"),
    chosen_numbers=frozenset({"workOrderNumber"}),
    fields=plain_fields(
        ids="distributor customer project workOrder department invoice supplementOrderId selfBillingInvoice",
        texts="supplierInvoiceNumber distributorName customerName projectName workOrderTitle departmentName "
        "invoiceNumber supplementOrderNumber yourReference ourReference OCR notes currencyCode creditForInvoiceNumber "
        "economySystemRef importedFrom selfBillingInvoiceNumber footerText footerInfoText workOrderNumber",
        numbers="totalAmount totalTaxAmount totalAmountInclTax totalAmountToInvoice taxPercent markupPercent "
        "currencyRate",
        integers="supplierInvoiceStatus taxType economySystemStatus selfBillingInvoiceStatus",
        booleans="isInvoiceable isInvoiced isCreditInvoice isBooked isSelfBillingInvoice exportedToEconomy "
        "supplementOrder expensesCreatedFromInvoiceItems",
        instants="invoiceDate dueDate paymentDate createDate modifiedDate",
    ),
)


DISTRIBUTORS = CollectionSpec(
    name="distributors",
    create="distributors:DistributorCreate",
    update="distributors:DistributorUpdate",
    number_field="distributorNumber",
    compared_fields=("name", "organizationNumber"),
    reference_field="notes",
    unique_number=UniqueNumber("distributorNumber"),
    filters={"name": BY_TEXT},
    fields=plain_fields(
        texts="name distributorNumber address zipCode city country phone email organizationNumber notes "
        "purchaseOrderEmail ourCustomerNumber",
        integers="paymentDays",
        booleans="hasSelfBilling isActive isSubContractor",
        instants="createdDate modifiedDate",
    ),
)

DISTRIBUTOR_CONTACT_PERSONS = CollectionSpec(
    name="distributorContactPersons",
    paged=False,
    gettable=False,
    filters={"distributor": Filter(FilterKind.ID, required=True)},
    fields=plain_fields(
        ids="distributor",
        texts="name title workPhone cellPhone email distributorName",
        booleans="mainContact isActive",
        instants="createdDate modifiedDate",
    ),
)

PURCHASE_ORDERS = CollectionSpec(
    name="purchaseOrders",
    analysed=True,
    create="purchase_orders:PurchaseOrderCreate",
    update="purchase_orders:PurchaseOrderUpdate",
    delete="purchase_orders:PurchaseOrderDelete",
    name_field="purchaseOrderName",
    number_field="purchaseOrderNumber",
    status_field="purchaseOrderStatus",
    status_codes=PurchaseOrderStatus,
    cancelled_status=PurchaseOrderStatus.OBLITERATED,
    compared_fields=("distributor", "project", "workOrder"),
    # The order that the distributor receives does not show purchaseOrderInfoName, and the list has a filter by it.
    reference_field="purchaseOrderInfoName",
    reference_search=ReferenceSearch(owner_field="distributor", owner_filter="distributor"),
    filters={
        "purchaseOrderName": BY_TEXT,
        "purchaseOrderInfoName": BY_TEXT,
        "purchaseOrderNumber": BY_EXACT_TEXT,
        "purchaseOrderStatus": Filter(FilterKind.CODE, codes=PurchaseOrderStatus),
        "distributor": BY_ID,
        "project": BY_ID,
        "workOrder": BY_ID,
        "workOrderNumber": BY_NUMBER,
    },
    fields=plain_fields(
        ids="createdByUser ourReference approvedBy distributor contactPersonDistributor project workOrder",
        texts="purchaseOrderNumber purchaseOrderName purchaseOrderInfoName language headerText footerText "
        "footerInfoText createdByUserName ourReferenceName distributorName distributorAddress distributorVAT "
        "ourCustomerNumber contactPersonDistributorName projectName projectNumber workOrderName workOrderNumber "
        "currencyCode marking deliveryAttention deliveryPhone publicLink approvedByName",
        numbers="totalAmount totalTaxAmount totalAmountInclTax taxPercent totalCost currencyRate",
        integers="purchaseOrderStatus paymentDays",
        booleans="archived",
        instants="purchaseOrderDate archivedDate sentDate confirmationDate desiredDeliveryDate expectedDeliveryDate "
        "createDate",
    ),
)
