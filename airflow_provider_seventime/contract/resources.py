"""One entry per collection: operations, filters, fields, reference field, quirks.

A collection joins the provider here: client, hook, sandbox and transfers know no collection by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow_provider_seventime.contract.codes import InvoiceStatus, SupplierInvoiceStatus
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.resource import (
    FieldKind,
    Filter,
    FilterKind,
    Match,
    Operation,
    ReferenceSearch,
    Resource,
)
from airflow_provider_seventime.exceptions import ConfigError

# Not documented as a field of answers; the API compares it with the record's own time of change.
LAST_MODIFIED = Filter(FilterKind.TIME, field="modifiedDate", match=Match.FROM)
BY_ID = Filter(FilterKind.ID)
BY_TEXT = Filter(FilterKind.TEXT, match=Match.CONTAINS)
BY_EXACT_TEXT = Filter(FilterKind.TEXT)
BY_FLAG = Filter(FilterKind.BOOLEAN)


def _fields(
    *, ids: str = "", texts: str = "", numbers: str = "", integers: str = "", booleans: str = "", instants: str = ""
) -> dict[str, FieldKind]:
    named = {
        FieldKind.ID: ids,
        FieldKind.TEXT: texts,
        FieldKind.NUMBER: numbers,
        FieldKind.INTEGER: integers,
        FieldKind.BOOLEAN: booleans,
        FieldKind.INSTANT: instants,
    }
    return {name: kind for kind, names in named.items() for name in names.split()}


CUSTOMERS = Resource(
    name="customers",
    create="customers:CustomerCreate",
    update="customers:CustomerUpdate",
    delete="customers:CustomerDelete",
    number_field="customerNumber",
    reference_field="notes",
    filters={
        "name": BY_TEXT,
        "customerNumber": BY_EXACT_TEXT,
        "organizationNumber": BY_EXACT_TEXT,
        "city": BY_TEXT,
        "lastModified": LAST_MODIFIED,
    },
    fields=_fields(
        texts="name customerNumber organizationNumber vatNumber email phone address address2 zipCode city country "
        "billingMethod notes",
        numbers="pricePerHour",
        integers="paymentDays typeOfCustomer",
        booleans="isActive",
        instants="createdDate modifiedDate",
    ),
)

USERS = Resource(
    name="users",
    create="users:UserCreate",
    update="users:UserUpdate",
    delete="users:UserDelete",
    name_field="userName",
    number_field="employeeNumber",
    filters={
        "name": Filter(FilterKind.TEXT, field="firstName lastName", match=Match.CONTAINS),
        "personNumber": Filter(FilterKind.TEXT, field="personalNumber"),
        "department": BY_ID,
        "userRole": Filter(FilterKind.NUMBER, field="userRoleId"),
        "isActive": BY_FLAG,
        "isActivated": BY_FLAG,
        "defaultSalaryType": BY_ID,
        "userSkills": BY_ID,
    },
    fields=_fields(
        texts="firstName lastName email personalNumber employeeNumber userName workPhone cellPhone language",
        integers="userRoleId",
        booleans="isActive isActivated",
        instants="createdDate modifiedDate",
    ),
)

PROJECTS = Resource(
    name="projects",
    create="projects:ProjectCreate",
    update="projects:ProjectUpdate",
    delete="projects:ProjectDelete",
    number_field="projectNumber",
    reference_field="notes",
    filters={"name": BY_TEXT, "projectNumber": BY_EXACT_TEXT, "lastModified": LAST_MODIFIED},
    fields=_fields(
        ids="customer contactPerson projectLeader projectStatusRef projectType department resultUnit quote "
        "timeCategoryPriceList fixedPriceExpenseItem",
        texts="name projectNumber projectTypeName customerName contactPersonName projectLeaderName departmentName "
        "resultUnitName quoteNumber billingMethod marking yourOrderNumber notes color",
        numbers="pricePerHour fixedPrice fixedPriceLeftToInvoice estimatedTime",
        integers="projectStatus invoiceStatus",
        booleans="fixedPriceInvoiced isActive enableConstructionDiary enablePaymentPlans enablePortalAccess "
        "timeShouldNotBeWorkTime",
        instants="startDate endDate createdDate modifiedDate",
    ),
)

WORK_ORDERS = Resource(
    name="workOrders",
    create="work_orders:WorkOrderCreate",
    update="work_orders:WorkOrderUpdate",
    delete="work_orders:WorkOrderDelete",
    name_field="title",
    number_field="workOrderNumber",
    reference_field="description",
    reference_search=ReferenceSearch(owner_field="customer", owner_filter="customer"),
    filters={
        "title": BY_TEXT,
        "workOrderNumber": Filter(FilterKind.NUMBER),
        "project": BY_ID,
        "user": Filter(FilterKind.ID, field="users"),
        "customer": BY_ID,
        "lastModified": LAST_MODIFIED,
    },
    fields=_fields(
        ids="customer project statusRef createdByUser modifiedByUser currentOwner contactPerson workOrderType "
        "department workLeader completedByUser inProgressByUser",
        texts="title customerName customerNumber createdByUserName modifiedByUserName completedByUserName "
        "inProgressByUserName description color billingMethod marking yourOrderNumber",
        numbers="estimatedTime fixedPrice",
        integers="workOrderNumber status invoiceStatus",
        booleans="isSupplementOrder enablePortalAccess allowRegistrationOfTimes allowRegistrationOfExpenses",
        instants="startDate endDate completedDate inProgressDate createDate modifiedDate",
    ),
)

TIME_CATEGORIES = Resource(
    name="timeCategories",
    paged=False,
    fields=_fields(
        texts="name description articleNumber color presenceCode",
        numbers="pricePerHour",
        booleans="isAbsenceType isUnsocialHour isInvoiceable isWorkTime isActive isVacation requirePreAttest "
        "isMachineTime",
    ),
)

TIME_LOGS = Resource(
    name="timeLogs",
    create="time_logs:TimeLogCreate",
    update="time_logs:TimeLogUpdate",
    delete="time_logs:TimeLogDelete",
    name_field="description",
    reference_field="internalDescription",
    restated_on_update=("user",),
    reference_search=ReferenceSearch(
        date_field="timestamp", from_filter="timestamp", owner_field="user", owner_filter="user"
    ),
    filters={
        "user": BY_ID,
        "customer": BY_ID,
        "project": BY_ID,
        "task": BY_ID,
        "category": Filter(FilterKind.ID, field="timeCategory"),
        "workOrder": BY_ID,
        "workOrderNumber": Filter(FilterKind.NUMBER),
        "timestamp": Filter(FilterKind.TIME, match=Match.FROM),
        "endTimestamp": Filter(FilterKind.TIME, match=Match.TO),
        "invoicedDate": Filter(FilterKind.DATE),
        "isAbsence": BY_FLAG,
        "lastModified": LAST_MODIFIED,
    },
    fields=_fields(
        ids="user customer project timeCategory workOrder task createdByUser",
        texts="userName description internalDescription",
        numbers="time invoiceableTime cost price pricePerHour",
        integers="status workOrderNumber",
        booleans="allDay isWorkTime isInvoiceable isInvoiced isAbsence supplementOrder",
        instants="timestamp endTimestamp realTimestamp realEndTimestamp invoicedDate createDate modifiedDate",
    ),
)

INVOICES = Resource(
    name="invoices",
    create="invoices:InvoiceCreate",
    update="invoices:InvoiceUpdate",
    delete="invoices:InvoiceDelete",
    name_field="invoiceName",
    number_field="invoiceNumber",
    status_field="invoiceStatus",
    status_codes=InvoiceStatus,
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
    fields=_fields(
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

INVOICE_TAGS = Resource(
    name="invoiceTags",
    paged=False,
    gettable=False,
    name_field="tagName",
    fields=_fields(texts="tagName color"),
)

SUPPLIER_INVOICES = Resource(
    name="supplierInvoices",
    create="supplier_invoices:SupplierInvoiceCreate",
    update="supplier_invoices:SupplierInvoiceUpdate",
    delete="supplier_invoices:SupplierInvoiceDelete",
    name_field="distributorName",
    number_field="supplierInvoiceNumber",
    status_field="supplierInvoiceStatus",
    status_codes=SupplierInvoiceStatus,
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
    fields=_fields(
        ids="distributor customer project workOrder department invoice supplementOrderId selfBillingInvoice",
        texts="supplierInvoiceNumber distributorName customerName projectName workOrderTitle departmentName "
        "invoiceNumber supplementOrderNumber yourReference ourReference OCR notes currencyCode creditForInvoiceNumber "
        "economySystemRef importedFrom selfBillingInvoiceNumber footerText footerInfoText",
        numbers="totalAmount totalTaxAmount totalAmountInclTax totalAmountToInvoice taxPercent markupPercent "
        "currencyRate",
        integers="supplierInvoiceStatus workOrderNumber taxType economySystemStatus selfBillingInvoiceStatus",
        booleans="isInvoiceable isInvoiced isCreditInvoice isBooked isSelfBillingInvoice exportedToEconomy "
        "supplementOrder expensesCreatedFromInvoiceItems",
        instants="invoiceDate dueDate paymentDate createDate modifiedDate",
    ),
)

COMPANY_INFORMATION = Resource(
    name="companyInformation",
    listed=False,
    paged=False,
    singleton=True,
    fields=_fields(texts="name organizationNumber address address2 zipCode city country email phone"),
)

RESOURCES: Mapping[str, Resource] = {
    entry.name: entry
    for entry in (
        CUSTOMERS,
        USERS,
        PROJECTS,
        WORK_ORDERS,
        TIME_CATEGORIES,
        TIME_LOGS,
        INVOICES,
        INVOICE_TAGS,
        SUPPLIER_INVOICES,
        COMPANY_INFORMATION,
    )
}


def find_resource(name: str, operation: Operation | None = None) -> Resource:
    """Return the entry of a collection.

    :param name: the API's own name, for example ``timeLogs``.
    :param operation: what is to be done with it; None: not checked.
    :raises ConfigError: there is no such collection, or it has no such operation.
    """
    entry = RESOURCES.get(name)
    if entry is None:
        raise ConfigError(f"unknown collection {name!r}: {suggestion(name, RESOURCES)}")
    if operation is not None and operation not in entry.operations:
        raise ConfigError(f"{name} has no {operation}: it has {_sentence(entry.operations)}")
    return entry


def _sentence(operations: Iterable[Operation]) -> str:
    return ", ".join(sorted(operations)) or "no operations"
